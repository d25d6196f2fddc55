import {
  BlueGreen,
  Canary,
  type DeployRequest,
  defineCheck,
  formatOutcome,
  RollingUpdate,
  type RolloutEvent,
  Shepherd,
  ShepherdError,
  type Strategy,
  type Verdict,
} from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import {
  createMemoryPlatform,
  type MemoryCall,
  type MemoryPlatform,
  type MemoryPlatformOptions,
  type MemoryRelease,
  type OnCall,
} from '@shepherd/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from './lab/runs.js';

const strategies: readonly (() => Strategy)[] = [
  () => new RollingUpdate(),
  () => new BlueGreen({ soak: '30s' }),
  () => new Canary({ stages: [10, 50, 100], interval: '20s', analysis: false }),
];
const names = ['rolling', 'blue-green', 'canary'] as const;
const kinds = strategies.map((strategy, index) => ({ name: names[index], strategy }));
const versions = { '6.6.6': { doomed: 'CrashLoopBackOff' }, '5.0.0': { reply: () => ({ status: 503 }) } };

const unreachable = (): ShepherdError =>
  new ShepherdError('ERR_UNREACHABLE', 'the answer was lost', { facts: { what: 'platform', reason: 'no answer' }, remedy: 'try again', retryable: true });

interface Run {
  readonly outcome: string;
  readonly events: readonly RolloutEvent[];
  readonly platform: MemoryPlatform;
}

async function play(options: MemoryPlatformOptions, request: Omit<DeployRequest<MemoryRelease>, 'app'>): Promise<Run> {
  const platform = createMemoryPlatform({ replicas: 4, versions, ...options });
  await using shepherd = new Shepherd({ platform, actor: { name: 'law', kind: 'human' } });
  const rollout = shepherd.deploy({ app: 'web', drain: '5s', checks: standard({ quiet: '5s' }), ...request }, { key: 'law' });
  const events: RolloutEvent[] = [];
  for await (const event of rollout) events.push(event);
  return { outcome: (await rollout.outcome).kind, events, platform };
}

/** What is left: version, counts, and how many pods were ever made. */
const remains = ({ platform }: Run) => {
  const { stable, candidate } = platform.app();
  const numbers = (stable?.pods ?? []).map(({ name }) => Number(name.split('-').at(-1)));
  return { version: stable?.version, wanted: stable?.wanted, candidate: candidate?.version, newestPod: Math.max(...numbers) };
};

/** Who cannot get the lock or renew it is another law's matter (PT-7), and the mailbox is read again. */
const counts = ({ name, writes }: MemoryCall): boolean => writes && !name.startsWith('lock.') && name !== 'journal.take';

describe.each(kinds)('$name', ({ strategy }) => {
  test.each(['1.1.0', '6.6.6'])('%s: a write whose answer is lost is a write: same end, no pod made twice, no event twice (RR PT-6)', async (version) => {
    const request = { release: { version }, strategy: strategy() };
    const calm = await play({}, request);
    const writes = calm.platform.calls.filter(counts).length;
    expect(writes).toBeGreaterThan(5);
    for (let lost = 1; lost <= writes; lost += 1) {
      let seen = 0;
      const onCall: OnCall = (call, when) => {
        if (when === 'after' && counts(call) && ++seen === lost) throw unreachable();
      };
      const run = await play({ onCall }, request);
      expect({ ...remains(run), outcome: run.outcome }, `write ${lost}`).toEqual({ ...remains(calm), outcome: calm.outcome });
      const lasting = run.events.filter(({ transient }) => !transient).map(({ sequence }) => sequence);
      expect(lasting, `write ${lost}`).toEqual(lasting.map((_, index) => index + 1));
    }
  });

  test('the journal holds JSON alone: what is saved is what is loaded (RR PT-13)', async () => {
    const { platform } = await play({}, { release: { version: '6.6.6' }, strategy: strategy(), metadata: { team: 'shop' } });
    const saves = platform.calls.filter(({ name }) => name === 'journal.save').map(({ args }) => args[0]);
    expect(saves.length).toBeGreaterThan(5);
    for (const record of saves) expect(lostInJson(record)).toEqual([]);
  });
});

/** Paths of what JSON would change: functions, dates, NaN, infinities. */
function lostInJson(value: unknown, path = '$'): readonly string[] {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || value === undefined) return [];
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [path];
  if (Array.isArray(value)) return value.flatMap((each, index) => lostInJson(each, `${path}[${index}]`));
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.entries(value).flatMap(([key, each]) => lostInJson(each, `${path}.${key}`));
  }
  return [path];
}

/** What a check may say that is no pass: also nonsense, and no answer in time. */
const noPass: fc.Arbitrary<unknown> = fc.oneof(
  fc.record({ kind: fc.constantFrom('fail', 'inconclusive', 'error'), reason: fc.string() }),
  fc.constantFrom(undefined, null, Number.NaN, Number.POSITIVE_INFINITY, 'pass', true, {}, { kind: 'Pass' }, { kind: 'ok' }, 'throw', 'never'),
);

test('nothing but a pass leads to promotion: no data, errors, nonsense, silence (RR PT-9, V2)', async () => {
  await fc.assert(
    fc.asyncProperty(noPass, fc.nat(2), fc.constantFrom<'rollback' | 'pause'>('rollback', 'pause'), async (answer, which, onFailure) => {
      const judge = defineCheck<Record<string, never>>({
        use: 'law/judge',
        describe: () => 'says what it is told to say',
        async run(_, { signal }) {
          if (answer === 'throw') throw new Error('no data');
          if (answer === 'never') return new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
          return answer as Verdict;
        },
      });
      const platform = createMemoryPlatform({ replicas: 3 });
      await using shepherd = new Shepherd({ platform, extensions: [judge] });
      const strategy = strategies[which]?.();
      const outcome = await shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy, checks: [judge({})], onFailure, timeout: '3h' }).outcome;
      expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
      expect(platform.app().stable?.version).toBe('1.0.0');
    }),
    runs(15),
  );
});

const worlds = fc.record({ replicas: fc.integer({ min: 1, max: 12 }), startupMs: fc.integer({ min: 0, max: 10_000 }) });
const plans = fc.oneof(
  fc.constant<Strategy>(new RollingUpdate()),
  fc.constant<Strategy>(new BlueGreen({ soak: '40s' })),
  fc
    .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 4 })
    .map((stages): Strategy => new Canary({ stages: [...stages.toSorted((a, b) => a - b), 100], interval: '15s', analysis: false })),
);

test('the plan bounds the run: pods, weights, time (RR PT-12)', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, plans, async (world, strategy) => {
      const request = { app: 'web', release: { version: '1.1.0' }, strategy };
      let most = 0;
      const onCall: OnCall = () => {
        const { stable, candidate } = platform.app();
        most = Math.max(most, (stable?.pods.length ?? 0) + (candidate?.pods.length ?? 0));
      };
      const platform: MemoryPlatform = createMemoryPlatform({ ...world, onCall });
      await using shepherd = new Shepherd({ platform });
      const plan = await shepherd.plan(request);
      const started = platform.clock.monotonicMs();
      const rollout = shepherd.deploy(request);
      const weights: number[] = [];
      for await (const event of rollout) if (event.type === 'weight-change') weights.push(event.to);
      const tookMs = platform.clock.monotonicMs() - started;
      expect((await rollout.outcome).kind).toBe('succeeded');
      expect(most).toBeLessThanOrEqual(plan.estimate.peakPods);
      expect(tookMs).toBeLessThanOrEqual(plan.estimate.longestMs);
      const shifts = plan.steps.filter(({ step }) => step.kind === 'shift');
      const planned = shifts.map(({ step, weight }) => (step.kind === 'shift' && step.weight === 0 ? 0 : weight));
      expect(weights).toEqual(planned.filter((weight, index) => weight !== (planned[index - 1] ?? 0)));
    }),
    runs(15),
  );
});

test('the same world and request: the same events (RR PT-12)', async () => {
  const anonymous = ({ events }: Run): string => JSON.stringify(events).replace(/#[0-9a-f]{8}/g, '#');
  await fc.assert(
    fc.asyncProperty(worlds, plans, fc.constantFrom('1.1.0', ...Object.keys(versions)), async (world, strategy, version) => {
      const [one, two] = [await play(world, { release: { version }, strategy }), await play(world, { release: { version }, strategy })];
      expect(anonymous(two)).toBe(anonymous(one));
    }),
    runs(6),
  );
});
