import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnalysisOptions } from '../plan/step.js';
import type { MetricsReading } from '../ports/metrics-provider.js';
import { type AnalysisSetup, type AnalysisState, createAnalysis, type Observed } from './analysis.js';
import type { Poll } from './split.js';

const born = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number): string => new Date(born + seconds * 1_000).toISOString();
const setup = (options: AnalysisOptions = {}, more: Partial<AnalysisSetup> = {}): AnalysisSetup => ({
  options,
  stage: '10',
  stageSeconds: 300,
  bornSince: at(0),
  ...more,
});
type Four = readonly [c: number, s: number, x: number, y: number];
const poll = ([c, s, x, y]: Four, slow?: Poll['slow']): Poll => ({
  at: at(0),
  seconds: 15,
  counts: { candidate: { requests: c, errors: x }, stable: { requests: s, errors: y } },
  slow,
});
const unreachable: MetricsReading = { kind: 'unavailable', reason: 'unreachable', detail: 'connect ECONNREFUSED' };
const decided = ({ decision: { kind, reason } }: Observed): string => `${kind}(${reason})`;

/** The decisions over polls of the same counts, until one ends the stage. */
function play(from: AnalysisSetup, each: Four, most = 200, slow?: Poll['slow']): { readonly polls: number; readonly observed: Observed } {
  const analysis = createAnalysis(from);
  for (let polls = 1; ; polls += 1) {
    const observed = analysis.judge({ kind: 'poll', poll: poll(each, slow), between: false });
    if (polls === most || !/watch|hold/.test(observed.decision.kind)) return { polls, observed };
  }
}

describe('sentences that a person can check', () => {
  test('a regression', () => {
    const analysis = createAnalysis(setup());
    analysis.judge({ kind: 'poll', poll: poll([600, 5_400, 15, 20]), between: false });
    const { sentence, verdicts } = analysis.judge({ kind: 'poll', poll: poll([604, 5_470, 16, 20]), between: false });
    expect(sentence).toMatch(/^goes back: candidate 31 of 1,204 requests failed \(2\.6 %\), stable 40 of 10,870 \(0\.37 %\): 7\.0 times as many; evidence/);
    expect(verdicts[0]).toMatchObject({
      metric: 'errors',
      kind: 'fail',
      reason: 'regression',
      evidence: { data: { counts: { candidate: { requests: 1_204, bad: 31 }, stable: { requests: 10_870, bad: 40 } } } },
    });
  });
  test('too few requests: how many more', () => {
    const { observed, polls } = play(setup(), [1, 9, 0, 0]);
    expect(polls).toBe(40);
    expect(decided(observed)).toBe('pause(inconclusive)');
    expect(observed.sentence).toContain('candidate 0 of 40 requests failed (0 %), 5 % allowed');
    expect(observed.sentence).toContain('needs 13 more requests without a failure');
  });
  test('the certificate is what AN 4.4 says: 53 requests without an error, 114 with one', () => {
    const needs = (requests: number, errors: number): boolean => {
      const analysis = createAnalysis(setup());
      analysis.judge({ kind: 'poll', poll: poll([requests, 0, errors, 0]), between: false });
      return analysis.judge({ kind: 'poll', poll: poll([0, 0, 0, 0]), between: false }).facts.enough;
    };
    for (const [errors, requests] of [
      [0, 53],
      [1, 114],
      [2, 158],
      [3, 196],
      [5, 265],
      [10, 419],
    ] as const) {
      expect([needs(requests - 1, errors), needs(requests, errors)]).toEqual([false, true]);
    }
  });
});

describe('what the guide asks for', () => {
  test('3 % passes at a limit of 5 % and goes back at 2 % (guide E11)', () => {
    const three: Four = [300, 2_700, 9, 81];
    expect(decided(play(setup({ errorRate: { max: 0.05 } }), three).observed)).toBe('promote(evidence)');
    expect(decided(play(setup({ errorRate: { max: 0.02 }, against: 'limits' }), [300, 0, 9, 0]).observed)).toBe('rollback(absolute)');
    expect(decided(play(setup({ errorRate: { max: 0.02 } }), three, 30).observed)).toBe('hold(shared-incident)');
  });
  test('the bare threshold: exactly the limit passes, more does not, and not before it has seen enough', () => {
    const bare = setup({ errorRate: { max: 0.05, mode: 'threshold' } });
    expect(decided(play(bare, [100, 900, 5, 45]).observed)).toBe('promote(evidence)');
    expect(play(bare, [10, 90, 1, 9])).toMatchObject({ polls: 2, observed: { decision: { kind: 'rollback', reason: 'absolute' } } });
    expect(decided(play(bare, [0, 90, 0, 0]).observed)).toBe('pause(inconclusive)');
  });
  test('minRequests are asked for in each stage', () => {
    expect(play(setup({ minRequests: 700 }), [30, 270, 0, 0])).toMatchObject({ polls: 24, observed: { decision: { kind: 'promote' } } });
  });
  test('a latency limit is a share of slow requests', () => {
    const limited = setup({ latency: { quantile: 0.99, max: '500ms' } }, { latency: { compare: [], limit: { test: 0.5, certify: 0.5 } } });
    const good = play(limited, [300, 2_700, 0, 0], 200, [{ candidate: 2, stable: 18 }]);
    expect(decided(good.observed)).toBe('promote(evidence)');
    const bad = play(limited, [300, 2_700, 0, 0], 200, [{ candidate: 30, stable: 18 }]);
    expect(decided(bad.observed)).toBe('rollback(latency)');
    expect(bad.observed.sentence).toMatch(/requests over 500 ms \(10 %\), at most 1 % allowed/);
    expect(decided(play(limited, [300, 2_700, 0, 0], 8, [{ candidate: 30, stable: 270 }]).observed)).toBe('hold(shared-incident)');
  });
  test('slower than stable goes back; the first minute of a stage is not looked at', () => {
    const compared = setup({}, { latency: { compare: [0.25, 0.5] } });
    const slow = [
      { candidate: 40, stable: 200 },
      { candidate: 12, stable: 20 },
    ];
    const { polls, observed } = play(compared, [150, 1_350, 0, 0], 200, slow);
    expect(decided(observed)).toBe('rollback(latency)');
    expect(polls).toBeGreaterThan(4);
    expect(observed.sentence).toContain('over 500 ms');
    expect(
      decided(
        play(compared, [150, 1_350, 0, 0], 200, [
          { candidate: 20, stable: 200 },
          { candidate: 2, stable: 20 },
        ]).observed,
      ),
    ).toBe('promote(evidence)');
  });
  test('latency that a limit needs and nobody reports is missing, not well', () => {
    const limited = setup({ latency: { quantile: 0.99, max: '500ms' } }, { latency: { compare: [], limit: { test: 0.5 } } });
    const { observed } = play(limited, [300, 2_700, 0, 0], 20);
    expect(decided(observed)).toBe('watch(no-data)');
    expect(observed.verdicts).toContainEqual(expect.objectContaining({ metric: 'latency-limit', kind: 'error', reason: 'no-data' }));
    expect(observed.verdicts).toContainEqual(expect.objectContaining({ metric: 'error-limit', kind: 'inconclusive' }));
    expect(decided(play(limited, [300, 2_700, 0, 0], 80).observed)).toBe('pause(inconclusive)');
  });
});

test('against limits alone: no stable track is needed, none is compared with', () => {
  const { polls, observed } = play(setup({ against: 'limits' }), [150, 0, 1, 0]);
  expect([polls, decided(observed)]).toEqual([20, 'promote(evidence)']);
  expect(observed.verdicts.map(({ metric }) => metric)).toEqual(['error-limit', 'pods']);
});

test('a hold freezes the clock and ends by itself', () => {
  const analysis = createAnalysis(setup());
  const run = (each: Four): Observed => analysis.judge({ kind: 'poll', poll: poll(each), between: false });
  for (let i = 0; i < 10; i += 1) run([150, 1_350, 0, 0]);
  let observed = run([150, 1_350, 60, 540]);
  while (observed.decision.kind === 'watch') observed = run([150, 1_350, 60, 540]);
  expect(decided(observed)).toBe('hold(shared-incident)');
  const { clockSeconds } = observed.facts;
  for (let i = 0; i < 6; i += 1) observed = run([150, 1_350, 60, 540]);
  expect(decided(observed)).toBe('hold(shared-incident)');
  expect(observed.facts).toMatchObject({ clockSeconds, holdSeconds: 7 * 15 });
  for (let i = 0; i < 60 && observed.decision.kind === 'hold'; i += 1) observed = run([150, 1_350, 0, 0]);
  expect(decided(observed)).toBe('watch(min-dwell)');
});

test('a candidate that stays over the limit when the incident of both is over goes back', () => {
  const analysis = createAnalysis(setup());
  const run = (each: Four): Observed => analysis.judge({ kind: 'poll', poll: poll(each), between: false });
  let observed = run([150, 1_350, 0, 0]);
  for (let i = 0; i < 6; i += 1) observed = run([150, 1_350, 30, 270]);
  expect(decided(observed)).toBe('hold(shared-incident)');
  for (let i = 0; i < 20 && observed.decision.kind === 'hold'; i += 1) observed = run([150, 1_350, 30, 0]);
  expect(observed.decision.kind).toBe('rollback');
});

test('no data is never a reason to go on: the clock stops, and in the end a person decides', () => {
  for (const onInconclusive of ['pause', 'promote'] as const) {
    const analysis = createAnalysis(setup({ onInconclusive }));
    for (let i = 0; i < 30; i += 1) analysis.judge({ kind: 'poll', poll: poll([150, 1_350, 0, 0]), between: false });
    const seen: string[] = [];
    for (let i = 0; i < 40; i += 1) seen.push(decided(analysis.observe({ reading: unreachable })));
    expect(new Set(seen.slice(0, 39))).toEqual(new Set(['watch(no-data)']));
    expect(seen[39]).toBe('pause(inconclusive)');
  }
});

test('the readings of a provider, end to end: counted, compared, taken back', () => {
  const analysis = createAnalysis(setup());
  const reading = (i: number): MetricsReading => ({
    kind: 'counters',
    at: at(15 * i),
    targets: [
      { track: 'candidate', target: 'web-candidate-1', requests: 100 * i, errors: 10 * i, slow: [], startedAt: at(1), sampledAt: at(15 * i) },
      { track: 'stable', target: 'web-1', requests: 50_000 + 900 * i, errors: 4, slow: [], startedAt: at(-9_000), sampledAt: at(15 * i) },
    ],
  });
  const seen: string[] = [];
  for (let i = 1; i < 20 && !seen.includes('rollback(regression)'); i += 1) seen.push(decided(analysis.observe({ reading: reading(i), weightSince: at(10) })));
  expect(seen).toEqual(['watch(min-dwell)', 'watch(min-dwell)', 'rollback(regression)']);
  expect(analysis.since).toBe(at(45));
  expect(analysis.counts).toEqual({ candidate: { requests: 300, errors: 30 }, stable: { requests: 1_800, errors: 0 } });
});

test('pods: a crash loop at once, one restart only keeps the stage open', () => {
  const analysis = createAnalysis(setup());
  const run = (restarts: number, crashLooping = false): string =>
    decided(analysis.judge({ kind: 'poll', poll: poll([30, 270, 0, 0]), between: false }, 15, { crashLooping, restarts }));
  for (let i = 0; i < 19; i += 1) run(0);
  expect([run(1), run(1), run(1), run(1), run(1)]).toEqual([...Array.from({ length: 4 }, () => 'watch(saturation)'), 'promote(evidence)']);
  expect(run(1, true)).toBe('rollback(restarts)');
});

const small = fc.integer({ min: 0, max: 400 });
const anyPoll = fc
  .tuple(small, small, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([c, s, x, y]): Four => [c, s, Math.round(c * x ** 4), Math.round(s * y ** 4)]);
type Act = { readonly kind: 'poll'; readonly poll: Poll; readonly between: boolean } | { readonly kind: 'none' } | { readonly kind: 'stage' };
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(anyPoll, fc.boolean()).map(([four, mixed]): Act => {
      const [c, s, x, y] = four;
      const one = poll(four, [{ candidate: Math.min(c, x * 2), stable: Math.min(s, y * 2) }]);
      return { kind: 'poll', poll: { ...one, mixedWeights: mixed }, between: mixed };
    }),
  },
  { weight: 1, arbitrary: fc.constant<Act>({ kind: 'none' }) },
  { weight: 1, arbitrary: fc.constant<Act>({ kind: 'stage' }) },
);
const whole = setup({ latency: { quantile: 0.9, max: '250ms' } }, { latency: { compare: [0.25], limit: { test: 0.25, certify: 0.25 } }, early: true });

test('saved and revived at any poll, through JSON, it decides the same', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), (acts, crashes) => {
      const straight = createAnalysis(whole);
      let other = createAnalysis(whole);
      const run = (analysis: typeof straight, each: Act): unknown => {
        if (each.kind === 'stage') return analysis.nextStage('25');
        if (each.kind === 'none') return analysis.observe({ reading: unreachable });
        return analysis.judge(each);
      };
      for (const [i, each] of acts.entries()) {
        if (crashes[i] === true) {
          const state = JSON.parse(JSON.stringify(other.snapshot())) as AnalysisState;
          other = createAnalysis({ ...whole, stage: state.stage }, state);
        }
        expect(run(other, each)).toEqual(run(straight, each));
        expect(other.snapshot()).toEqual(straight.snapshot());
      }
    }),
  );
});

test('another stage than the saved one begins anew, once', () => {
  const first = createAnalysis(setup());
  for (let i = 0; i < 20; i += 1) first.judge({ kind: 'poll', poll: poll([30, 270, 0, 1]), between: false });
  const second = createAnalysis(setup({}, { stage: '25' }), first.snapshot());
  const third = createAnalysis(setup({}, { stage: '25' }), second.snapshot());
  expect(third.snapshot()).toEqual(second.snapshot());
  const { facts } = second.judge({ kind: 'poll', poll: poll([75, 225, 0, 1]), between: false });
  expect([facts.clockSeconds, facts.enough]).toEqual([15, true]);
  expect(second.counts.candidate.requests).toBe(675);
});

test('JSON has no Infinity: verdicts and state survive it as they are', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 1, maxLength: 10 }), (acts) => {
      const analysis = createAnalysis(whole);
      for (const each of acts) {
        if (each.kind === 'stage') continue;
        const { verdicts } = each.kind === 'none' ? analysis.observe({ reading: unreachable }) : analysis.judge(each);
        expect(JSON.stringify([verdicts, analysis.snapshot()])).not.toContain('null,null');
        for (const { evidence } of verdicts) {
          expect(evidence?.summary).not.toMatch(/NaN|Infinity|undefined/);
          const { logE = 0 } = (evidence?.data ?? {}) as { logE?: number };
          expect(Number.isFinite(logE)).toBe(true);
        }
      }
    }),
  );
});

test('a candidate that is as good as stable and one that is swapped with it are not both convicted', () => {
  fc.assert(
    fc.property(fc.array(anyPoll, { minLength: 1, maxLength: 20 }), (polls) => {
      const convicted = (list: readonly Four[]): boolean => {
        const analysis = createAnalysis(setup());
        return list.map((each) => analysis.judge({ kind: 'poll', poll: poll(each), between: false })).at(-1)?.facts.regressed === true;
      };
      const swapped = polls.map(([c, s, x, y]): Four => [s, c, y, x]);
      expect(convicted(polls) && convicted(swapped)).toBe(false);
    }),
  );
});

test('fewer failures of the candidate never convict it', () => {
  fc.assert(
    fc.property(fc.array(anyPoll, { minLength: 1, maxLength: 20 }), (polls) => {
      const clean = createAnalysis(setup());
      for (const [c, s, , y] of polls) {
        const { facts } = clean.judge({ kind: 'poll', poll: poll([c, s, 0, y]), between: false });
        expect([facts.regressed, facts.overLimit]).toEqual([false, false]);
      }
    }),
  );
});
