import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HistoryRequest, MetricsReading, MetricsRequest, PortContext } from '../index.js';
import { VirtualClock } from '../testing/index.js';
import { backtest, readHistory } from './index.js';

const startMs = Date.parse('2026-01-01T00:00:00Z');
const at = (poll: number): string => new Date(startMs + poll * 15_000).toISOString();
const started = new Date(startMs - 60_000).toISOString();

/** 40 requests a second on stable and 10 on the candidate, failing as told. */
const counted = (poll: number, { candidate = 0, stable = 0 } = {}, from = 0): MetricsReading => {
  const target = (track: 'stable' | 'candidate', rate: number, share: number, first: number) => {
    const requests = (poll - first) * 15 * rate;
    return { track, target: track, startedAt: started, sampledAt: at(poll), requests, errors: Math.floor(requests * share), slow: [] };
  };
  const targets = [target('stable', 40, stable, 0), ...(poll >= from ? [target('candidate', 10, candidate, from)] : [])];
  return { kind: 'counters', at: at(poll), targets };
};
const polls = (count: number, make: (poll: number) => MetricsReading): readonly MetricsReading[] => Array.from({ length: count }, (_, poll) => make(poll));
const gate = { options: {}, stageSeconds: 300 };
const none: MetricsReading = { kind: 'unavailable', reason: 'no-data', detail: 'no requests of candidate are known' };

describe('what a gate would have decided', () => {
  test('ten percent of errors: taken back, when, and from which counts', () => {
    const {
      kind,
      decision,
      at: when,
      seconds,
      counts,
      sentence,
      taken,
    } = backtest(
      polls(60, (poll) => counted(poll, { candidate: 0.1, stable: 0.001 })),
      gate,
    );
    expect([kind, decision?.reason]).toEqual(['rollback', 'regression']);
    expect(seconds).toBe((taken - 1) * 15);
    expect(when).toBe(at(taken - 1));
    expect(seconds).toBeLessThan(120);
    expect(counts.candidate.errors).toBe(Math.floor((taken - 1) * 150 * 0.1));
    expect(sentence).toContain(`candidate ${counts.candidate.errors} of ${counts.candidate.requests} requests failed`);
  });

  test('a good release goes on at the end of its stage, and nothing after that counts', () => {
    const asked: number[] = [];
    const readings = function* () {
      for (let poll = 0; poll < 500; poll += 1) {
        asked.push(poll);
        yield counted(poll, { candidate: 0.001, stable: 0.001 });
      }
    };
    const { kind, seconds, missed } = backtest(readings(), gate);
    expect([kind, missed]).toEqual(['promote', 0]);
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(seconds).toBeLessThan(345);
    expect(asked.length).toBeLessThan(30);
  });

  test('what came before the release is skipped; with `count` it is time without data', () => {
    const readings = polls(60, (poll) => counted(poll, {}, 20));
    expect(backtest(readings, gate)).toMatchObject({ kind: 'promote', skipped: 20, from: at(20), missed: 0 });
    expect(backtest(readings, { ...gate, before: 'count' })).toMatchObject({ kind: 'promote', skipped: 0, missed: 20 });
  });

  test('no reading, none of the new version, readings that end too soon, a source that went away: never a promotion', () => {
    const results = [
      backtest([], gate),
      backtest(
        polls(100, () => none),
        gate,
      ),
      backtest(
        polls(5, (poll) => counted(poll)),
        gate,
      ),
      backtest(
        polls(100, (poll) => (poll < 5 ? counted(poll) : none)),
        gate,
      ),
    ];
    expect(results.map(({ kind }) => kind)).toEqual(['undecided', 'undecided', 'undecided', 'pause']);
    expect(results[1]).toMatchObject({ decision: undefined, skipped: 100, taken: 0, sentence: expect.stringContaining('no reading counts') });
    expect(results[3]).toMatchObject({ missed: 40, at: at(4 + 40) });
    expect(results[3]?.polls.at(-1)).toMatchObject({ missing: 'no-data', decision: { kind: 'pause' } });
  });

  test('where the new version serves as stable, its counts are stable’s', () => {
    const readings = polls(60, (poll) => counted(poll, { stable: 0.2 }, 1_000));
    const result = backtest(readings, { options: { against: 'limits' }, stageSeconds: 300, judged: 'stable' });
    expect(result).toMatchObject({ kind: 'rollback', decision: { reason: 'absolute' }, counts: { candidate: { requests: 0 } } });
    expect(result.counts.stable.errors).toBeGreaterThan(0);
  });
});

test('polls of the answer are bounded, keep the first, the last and their order, and add up', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.array(fc.boolean(), { maxLength: 300 }), (most, seen) => {
      const readings = [counted(0), ...seen.map((here, index) => (here ? counted(index + 1) : none))];
      const result = backtest(readings, { options: { minRequests: 1e9, onInconclusive: 'promote' }, stageSeconds: 1e6, polls: most });
      expect(result.polls.length).toBeLessThanOrEqual(most);
      expect(result.polls.length + result.leftOut).toBe(result.taken);
      expect(result.polls[0]?.at).toBe(at(0));
      expect(result.polls.at(-1)?.at).toBe(result.at);
      expect(result.polls.map((poll) => poll.at)).toEqual(result.polls.map((poll) => poll.at).toSorted());
    }),
  );
});

test('a provider without a history of its own is asked once for each poll, from the end of the one before', async () => {
  using clock = new VirtualClock({ auto: true });
  const asked: MetricsRequest[] = [];
  const metrics = {
    specificationVersion: 'v1',
    name: 'past',
    lag: '0s',
    read: async (request: MetricsRequest) => {
      asked.push(request);
      return asked.length === 2 ? none : ({ kind: 'increments', since: request.since, at: request.at, tracks: {} } as unknown as MetricsReading);
    },
  } as const;
  const tracks = { stable: undefined, candidate: { revision: 'b', pods: ['web-b'], labels: {} } };
  const request: HistoryRequest = { from: at(0), to: at(3), every: '15s', bounds: [0.5], tracks };
  const context: PortContext = { app: { cluster: 'c', namespace: 'n', name: 'web' }, rolloutId: undefined, signal: new AbortController().signal, clock };
  const readings: MetricsReading[] = [];
  for await (const reading of readHistory(metrics, request, context)) readings.push(reading);
  expect(readings).toHaveLength(4);
  expect(asked.map(({ since, at: to }) => [since, to])).toEqual([
    [at(-1), at(0)],
    [at(0), at(1)],
    [at(0), at(2)],
    [at(2), at(3)],
  ]);
  expect(asked[0]).toMatchObject({ bounds: [0.5], tracks });
});
