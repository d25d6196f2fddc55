import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MetricsReading } from '../ports/metrics-provider.js';
import { type Increment, Increments, type IncrementsRule, type ReadAt } from './increments.js';

const born = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number): string => new Date(born + seconds * 1_000).toISOString();
const rule: IncrementsRule = { bounds: [0.5], scrapeSeconds: 15, bornSince: born, judged: 'candidate' };
const both: ReadAt = { expected: { candidate: true, stable: true }, weightSince: undefined };

type Target = Extract<MetricsReading, { kind: 'counters' }>['targets'][number];
const target = (track: Target['track'], requests: number, more: Partial<Target> & { readonly age?: number } = {}): Target => ({
  track,
  target: `${track}-1`,
  requests,
  errors: 0,
  slow: [0],
  startedAt: at(track === 'candidate' ? 5 : -600),
  sampledAt: at(0),
  ...more,
});
const reading = (seconds: number, ...targets: readonly Target[]): MetricsReading => ({
  kind: 'counters',
  at: at(seconds),
  targets: targets.map((each) => ({ ...each, sampledAt: each.sampledAt === at(0) ? at(seconds) : each.sampledAt })),
});
const counts = (increment: Increment): unknown =>
  increment.kind === 'poll' ? [increment.poll.counts.candidate.requests, increment.poll.counts.stable.requests] : increment;
const reason = (increment: Increment): string => (increment.kind === 'none' ? increment.reason : increment.kind);

test('the first reading sets baselines, but a candidate born in this rollout counts from zero', () => {
  const increments = new Increments(rule);
  const first = increments.read(reading(15, target('candidate', 40), target('stable', 9_000)), both);
  expect(counts(first)).toEqual([40, 0]);
  expect(first).toMatchObject({ between: true, poll: { mixedWeights: true } });
  expect(counts(increments.read(reading(30, target('candidate', 70), target('stable', 9_300)), both))).toEqual([30, 300]);
  const old = target('candidate', 40, { startedAt: at(-60) });
  expect(new Increments(rule).read(reading(15, old, target('stable', 9_000)), both)).toEqual({ kind: 'baseline' });
});

test('a pod that comes later counts from zero if it started since the last reading', () => {
  const increments = new Increments(rule);
  increments.read(reading(15, target('candidate', 1), target('stable', 100)), both);
  const fresh = target('stable', 20, { target: 'stable-2', startedAt: at(20) });
  const old = target('stable', 5_000, { target: 'stable-3', startedAt: at(-600) });
  expect(counts(increments.read(reading(30, target('candidate', 1), target('stable', 100), fresh, old), both))).toEqual([0, 20]);
  expect(counts(increments.read(reading(45, target('candidate', 1), target('stable', 100), fresh, { ...old, requests: 5_007 }), both))).toEqual([0, 7]);
});

test('a series that vanishes and comes back loses nothing and doubles nothing', () => {
  const increments = new Increments(rule);
  increments.read(reading(15, target('candidate', 1), target('stable', 100), target('stable', 50, { target: 's2' })), both);
  expect(counts(increments.read(reading(30, target('candidate', 1), target('stable', 110)), both))).toEqual([0, 10]);
  expect(counts(increments.read(reading(45, target('candidate', 1), target('stable', 120), target('stable', 70, { target: 's2' })), both))).toEqual([0, 30]);
});

test('without start times a fall below half is a reset, a smaller one is none', () => {
  const bare = (requests: number): readonly Target[] => (['candidate', 'stable'] as const).map((track) => target(track, requests, { startedAt: undefined }));
  const increments = new Increments(rule);
  increments.read(reading(15, ...bare(100)), both);
  expect(reason(increments.read(reading(30, ...bare(60)), both))).toBe('invalid');
  expect(counts(increments.read(reading(45, ...bare(104)), both))).toEqual([4, 4]);
  expect(counts(increments.read(reading(60, ...bare(40)), both))).toEqual([40, 40]);
});

describe('what was not seen is no observation, and nothing is lost by it', () => {
  const { startedAt: _, ...unborn } = target('candidate', 12);
  test.each<readonly [string, MetricsReading, string]>([
    ['no series of the candidate', reading(30, target('stable', 110)), 'no-data'],
    ['no series at all', reading(30), 'no-data'],
    ['a stale sample', reading(90, target('candidate', 12, { sampledAt: at(30) }), target('stable', 110)), 'stale'],
    ['NaN', reading(30, target('candidate', Number.NaN), target('stable', 110)), 'invalid'],
    ['Infinity', reading(30, target('candidate', Number.POSITIVE_INFINITY), target('stable', 110)), 'invalid'],
    ['a negative count', reading(30, target('candidate', 12, { errors: -1 }), target('stable', 110)), 'invalid'],
    ['more errors than requests', reading(30, target('candidate', 12, { errors: 13 }), target('stable', 110)), 'invalid'],
    ['more new errors than new requests', reading(30, target('candidate', 12, { errors: 5 }), target('stable', 110)), 'invalid'],
    ['more slow ones than requests', reading(30, target('candidate', 12, { slow: [13] }), target('stable', 110)), 'invalid'],
    ['a bound too many', reading(30, target('candidate', 12, { slow: [3, 2] }), target('stable', 110)), 'invalid'],
    ['a sample of the future', reading(30, target('candidate', 12, { sampledAt: at(330) }), target('stable', 110)), 'invalid'],
    ['no time', reading(30, target('candidate', 12, { sampledAt: 'soon' }), target('stable', 110)), 'invalid'],
    ['one target twice', reading(30, unborn, unborn, target('stable', 110)), 'invalid'],
    ['a small step back', reading(30, target('candidate', 9), target('stable', 110)), 'invalid'],
    ['the same moment again', reading(15, target('candidate', 12), target('stable', 110)), 'repeated'],
    ['partial', { kind: 'unavailable', reason: 'partial', detail: 'one store did not answer' }, 'partial'],
  ])('%s', (_name, bad, expected) => {
    const increments = new Increments(rule);
    increments.read(reading(15, target('candidate', 10), target('stable', 100)), both);
    const before = increments.snapshot();
    expect(reason(increments.read(bad, both))).toBe(expected);
    expect(increments.snapshot()).toEqual(before);
    expect(counts(increments.read(reading(105, target('candidate', 15), target('stable', 130)), both))).toEqual([5, 30]);
  });
});

test('a track without traffic needs no series', () => {
  const increments = new Increments(rule);
  const alone: ReadAt = { expected: { candidate: true, stable: false }, weightSince: undefined };
  increments.read(reading(15, target('candidate', 10)), alone);
  expect(counts(increments.read(reading(30, target('candidate', 12)), alone))).toEqual([2, 0]);
});

test('an interval that holds a change of weight is marked; one that lies before it is of the stage before', () => {
  const moved: ReadAt = { ...both, weightSince: born + 20_000 };
  const increments = new Increments(rule);
  increments.read(reading(15, target('candidate', 10), target('stable', 100)), both);
  const across = increments.read(reading(30, target('candidate', 12), target('stable', 110)), moved);
  expect(across).toMatchObject({ between: true, poll: { mixedWeights: true } });
  expect(increments.read(reading(45, target('candidate', 14), target('stable', 120)), moved)).toMatchObject({ between: false });
  const late = new Increments(rule);
  late.read(reading(15, target('candidate', 10), target('stable', 100)), both);
  const old = late.read(reading(30, target('candidate', 12, { sampledAt: at(18) }), target('stable', 110, { sampledAt: at(19) })), moved);
  expect(old).toMatchObject({ between: true, poll: expect.not.objectContaining({ mixedWeights: true }) });
});

test('increments of a source that has them are taken as they are, once', () => {
  const increments = new Increments(rule);
  const part = (since: number, until: number, requests = 10): MetricsReading => ({
    kind: 'increments',
    since: at(since),
    at: at(until),
    tracks: { candidate: { requests, errors: 1, slow: [2] }, stable: { requests: 90, errors: 0, slow: [3] } },
  });
  expect(increments.read(part(0, 15), both)).toMatchObject({
    poll: { seconds: 15, counts: { candidate: { requests: 10, errors: 1 } }, slow: [{ candidate: 2, stable: 3 }] },
  });
  expect(reason(increments.read(part(0, 15), both))).toBe('repeated');
  expect(reason(increments.read(part(10, 30), both))).toBe('invalid');
  expect(reason(increments.read(part(15, 30, -1), both))).toBe('invalid');
  expect(counts(increments.read(part(15, 30), both))).toEqual([10, 90]);
  const missing: MetricsReading = { kind: 'increments', since: at(30), at: at(45), tracks: { candidate: undefined, stable: undefined } };
  expect(reason(increments.read(missing, both))).toBe('no-data');
});

/** A pod's life: at each poll it serves some, may restart, may not be scraped. */
const life = fc.array(fc.record({ served: fc.nat(50), failed: fc.nat(50), restart: fc.boolean(), seen: fc.integer({ min: 0, max: 4 }).map((n) => n > 0) }), {
  minLength: 2,
  maxLength: 20,
});
const lives = fc.record({ candidate: fc.array(life, { minLength: 1, maxLength: 3 }), stable: fc.array(life, { minLength: 1, maxLength: 3 }) });

test('never negative, never twice, never more than happened: over restarts, gaps, crashes and replays', () => {
  fc.assert(
    fc.property(lives, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), (pods, crashes) => {
      let increments = new Increments(rule);
      const truth = { candidate: 0, stable: 0 };
      const got = { candidate: 0, stable: 0 };
      const state = new Map<string, { requests: number; errors: number; startedAt: string }>();
      for (let i = 0; i < 20; i += 1) {
        const now = (i + 1) * 15;
        const targets: Target[] = [];
        for (const track of ['candidate', 'stable'] as const) {
          for (const [j, polls] of pods[track].entries()) {
            const step = polls[i];
            if (step === undefined) continue;
            const name = `${track}-${j}`;
            let pod = state.get(name) ?? { requests: track === 'stable' ? 1_000 : 0, errors: 0, startedAt: at(track === 'stable' ? -600 : 1) };
            if (step.restart) pod = { requests: 0, errors: 0, startedAt: at(now - 7) };
            pod = { ...pod, requests: pod.requests + step.served, errors: pod.errors + Math.min(step.served, step.failed) };
            state.set(name, pod);
            truth[track] += step.served;
            if (step.seen) targets.push(target(track, pod.requests, { ...pod, target: name, slow: [pod.errors] }));
          }
        }
        const before = JSON.parse(JSON.stringify(increments.snapshot()));
        const expected: ReadAt = { expected: { candidate: false, stable: false }, weightSince: undefined };
        const increment = increments.read(reading(now, ...targets), expected);
        if (crashes[i] === true) {
          // Died before it could save: the next process reads the same again. Died after: it repeats.
          const replay = new Increments(rule, before);
          expect(replay.read(reading(now, ...targets), expected)).toEqual(increment);
          increments = new Increments(rule, JSON.parse(JSON.stringify(replay.snapshot())));
          expect(reason(increments.read(reading(now, ...targets), expected))).toBe('repeated');
        }
        if (increment.kind !== 'poll') continue;
        for (const track of ['candidate', 'stable'] as const) {
          const { requests, errors } = increment.poll.counts[track];
          expect(requests).toBeGreaterThanOrEqual(0);
          expect(errors).toBeGreaterThanOrEqual(0);
          expect(errors).toBeLessThanOrEqual(requests);
          got[track] += requests;
        }
      }
      expect(got.candidate).toBeLessThanOrEqual(truth.candidate);
      expect(got.stable).toBeLessThanOrEqual(truth.stable);
    }),
  );
});

test('without restarts and gaps everything is counted', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { minLength: 2, maxLength: 20 }), (polls) => {
      const increments = new Increments(rule);
      let [candidate, stable] = [0, 500];
      const got = [0, 0];
      for (const [i, [c, s]] of polls.entries()) {
        candidate += c;
        stable += s;
        const next = increments.read(reading((i + 1) * 15, target('candidate', candidate), target('stable', stable)), both);
        if (next.kind === 'poll') [got[0], got[1]] = [(got[0] ?? 0) + next.poll.counts.candidate.requests, (got[1] ?? 0) + next.poll.counts.stable.requests];
      }
      expect(got).toEqual([candidate, stable - 500 - (polls[0]?.[1] ?? 0)]);
    }),
  );
});

test('vanished targets do not pile up, and one that was let go is not counted again', () => {
  const increments = new Increments(rule);
  for (let i = 0; i < 200; i += 1) {
    increments.read(reading((i + 1) * 15, target('candidate', 5, { target: `c-${i}`, startedAt: at(i * 15 + 2) }), target('stable', 100 + i)), both);
  }
  expect(increments.snapshot().targets.length).toBeLessThan(70);
  const again = increments.read(reading(3_015, target('candidate', 6, { target: 'c-0', startedAt: at(2) }), target('stable', 300)), both);
  expect(counts(again)).toEqual([0, 1]);
});

test('AN 7, 16', () => {
  const only: ReadAt = { expected: { candidate: false, stable: true }, weightSince: undefined };
  const step = (requests: number, more: Partial<Target> = {}): unknown => {
    const increments = new Increments(rule);
    increments.read(reading(15, target('stable', requests === 130 ? 100 : 130)), only);
    const next = increments.read(reading(30, target('stable', requests, more)), only);
    return next.kind === 'poll' ? next.poll.counts.stable : next.kind;
  };
  expect(step(130)).toEqual({ requests: 30, errors: 0 });
  expect(step(12, { startedAt: at(20) })).toEqual({ requests: 12, errors: 0 });
  expect(step(129)).toBe('none');
  // The first 5xx makes its series, at 3.
  expect(step(133, { errors: 3 })).toEqual({ requests: 3, errors: 3 });
});
