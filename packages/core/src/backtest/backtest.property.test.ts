import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Canary, type MetricsProvider, type MetricsReading, type RolloutEvent, Shepherd } from '../index.js';
import { countingMetrics } from '../steps/__fixtures__/counting-metrics.js';
import { createMemoryPlatform } from '../testing/index.js';
import { backtest } from './index.js';

const bounds = [
  { seconds: 0.1, slower: 0.1 },
  { seconds: 0.5, slower: 0.01 },
  { seconds: 1, slower: 0.0001 },
];
type Shares = Readonly<Record<'stable' | 'candidate', number>>;
interface Scene {
  readonly rate: number;
  readonly errors: Shares;
  readonly slow: Shares;
  readonly sensitivity: 'low' | 'medium' | 'high';
  readonly onInconclusive: 'pause' | 'rollback' | 'promote';
  readonly minutes: number;
  /** Seconds from the start of the rollout in which the source is away. */
  readonly gap: { readonly from: number; readonly for: number };
}

const share = fc.constantFrom(0, 0.001, 0.01, 0.04, 0.1, 0.3);
const scene: fc.Arbitrary<Scene> = fc.record({
  rate: fc.constantFrom(0.02, 0.2, 5, 100),
  errors: fc.record({ stable: share, candidate: share }),
  slow: fc.record({ stable: share, candidate: share }),
  sensitivity: fc.constantFrom('low', 'medium', 'high'),
  onInconclusive: fc.constantFrom('pause', 'rollback', 'promote'),
  minutes: fc.integer({ min: 2, max: 8 }),
  gap: fc.record({ from: fc.integer({ min: 0, max: 300 }), for: fc.integer({ min: 0, max: 240 }) }),
});

const good: Scene = {
  rate: 100,
  errors: { stable: 0.001, candidate: 0.001 },
  slow: { stable: 0.01, candidate: 0.01 },
  sensitivity: 'medium',
  onInconclusive: 'pause',
  minutes: 5,
  gap: { from: 120, for: 40 },
};
const bad: Scene = { ...good, errors: { stable: 0.001, candidate: 0.1 } };
/** Too few requests to say anything. */
const quiet: Scene = { ...good, rate: 0.02, gap: { from: 0, for: 0 } };

/** The events of a rollout until its first stage is judged, and every reading of both tracks. */
async function rollout({ rate, errors, slow, sensitivity, onInconclusive, minutes, gap }: Scene) {
  const platform = createMemoryPlatform({ replicas: 4 });
  const inner = countingMetrics(platform.clock, {
    rate,
    errors,
    slow,
    bounds,
    instead: (atMs, startedMs) =>
      atMs - startedMs >= gap.from * 1_000 && atMs - startedMs < (gap.from + gap.for) * 1_000
        ? { kind: 'unavailable', reason: 'unreachable', detail: 'away' }
        : undefined,
  });
  const readings: { readonly at: string; readonly reading: MetricsReading }[] = [];
  const metrics: MetricsProvider = {
    ...inner,
    async read(request, context) {
      const reading = await inner.read(request, context);
      if (request.tracks.candidate !== undefined) readings.push({ at: request.at, reading });
      return reading;
    },
  };
  const analysis = { sensitivity, onInconclusive } as const;
  const strategy = new Canary({ stages: [25, 100], interval: `${minutes}m`, analysis });
  await using shepherd = new Shepherd({ platform, metrics });
  const run = shepherd.deploy({ app: 'web', release: { version: '2.0.0' }, strategy, timeout: '4h' });
  const events: RolloutEvent[] = [];
  for await (const event of run) {
    events.push(event);
    if (event.type === 'step-end' && (event.verdict.evidence?.data as { decision?: unknown } | undefined)?.decision !== undefined) break;
  }
  await run.abort().catch(() => undefined);
  return { events, readings, seconds: minutes * 60, analysis };
}

test('a backtest over the readings of a rollout decides as the rollout did: the same, at the same reading, in the same words', async () => {
  const seen = { promote: 0, rollback: 0, pause: 0 };
  await fc.assert(
    fc.asyncProperty(scene, async (given) => {
      const { events, readings, seconds, analysis } = await rollout(given);
      const judged = events.at(-1);
      if (judged?.type !== 'step-end') throw new Error('the stage was not judged');
      const { decision } = judged.verdict.evidence?.data as { readonly decision: { readonly kind: 'promote' | 'rollback' | 'pause' } };
      const timeOf = (type: RolloutEvent['type']) => events.find((event) => event.type === type)?.at;
      const replayed = backtest(
        readings.map(({ reading }) => reading),
        {
          options: { ...analysis, against: 'stable' },
          stageSeconds: seconds,
          latency: { compare: [0.1, 0.5, 1] },
          bornSince: timeOf('rollout-start') ?? '',
          weightSince: timeOf('weight-change'),
          before: 'count',
        },
      );
      expect(replayed.decision).toEqual(decision);
      expect(replayed.sentence).toBe(judged.verdict.evidence?.summary);
      const until = readings.filter(({ at }) => at <= judged.at);
      expect(replayed.taken).toBe(until.length);
      seen[decision.kind] += 1;
    }),
    { numRuns: 20, examples: [[good], [bad], [quiet]] },
  );
  // Each way to end was among them.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
}, 60_000);
