import { describe, expect, test } from 'vitest';
import { Analysis, type AnalysisSetup, type Observed } from './analysis.js';
import { type ComparisonRule, gainOf } from './comparison.js';
import { ErrorJudge } from './error-judge.js';
import { logSum } from './log-add.js';
import { clipOf, Mixture } from './mixture.js';
import { rulesOf } from './rules.js';
import { SlowJudge } from './slow-judge.js';
import type { Poll, Split } from './split.js';
import { addTo, noSums, ratioOf } from './sums.js';
import { Tally } from './tally.js';

// The test vectors of AN 7: c, s, x, y a poll; E as ln E; 1e-6 absolute.
type Four = readonly [c: number, s: number, x: number, y: number];
const close = (got: number, expected: number): void => expect(Math.abs(got - expected), `${got} is not ${expected}`).toBeLessThan(1e-6);
const allClose = (got: readonly number[], expected: readonly number[]): void => {
  expect(got).toHaveLength(expected.length);
  for (const [i, value] of got.entries()) close(value, expected[i] as number);
};
const split = ([c, s, x, y]: Four): Split => ({ c, s, x, y });
/** Polls of one size, written as AN does: `7,13 8,14`. */
const same = (c: number, s: number, bad: string): readonly Four[] =>
  bad.split(' ').map((pair): Four => {
    const [x = 0, y = 0] = pair.split(',').map(Number);
    return [c, s, x, y];
  });
const poll = ([c, s, x, y]: Four, mixedWeights = false): Poll => ({
  at: '2026-01-01T00:00:00.000Z',
  seconds: 15,
  counts: { candidate: { requests: c, errors: x }, stable: { requests: s, errors: y } },
  mixedWeights,
});
const setup: AnalysisSetup = { options: {}, stageSeconds: 300, bornSince: '2026-01-01T00:00:00Z' };

/** ln E after each poll, without any noise (F = 1). */
function bare({ m, effects, alpha, hazard }: ComparisonRule, polls: readonly Four[], clip = clipOf(alpha)): readonly number[] {
  const mixture = new Mixture({ weights: effects.map(() => 1 / effects.length), prior: 0.8, hazard, clip });
  return polls.map((each) => {
    const [c, s] = each;
    if (c > 0 && s > 0) mixture.step(effects.map((psi) => gainOf(split(each), psi, m)));
    return mixture.logE;
  });
}
const { errors: a, slow: c } = rulesOf({ options: {}, stageSeconds: 300 });
if (a === undefined) throw new Error('A is on by default');

interface Row {
  readonly a: number;
  readonly b: number;
  readonly stable: number;
  readonly certificate: number;
  readonly phi: number;
  readonly tau2: number;
  readonly ratio: number;
  readonly observed: Observed;
}

/** Section 4 with defaults, one stage. */
function full(polls: readonly Four[]): readonly Row[] {
  const analysis = new Analysis(setup);
  return polls.map((each) => {
    const observed = analysis.judge({ kind: 'poll', poll: poll(each), between: false });
    const judge = new ErrorJudge(rulesOf(setup), analysis.snapshot().errors);
    return {
      a: judge.logE,
      b: judge.limit.logE,
      stable: judge.limit.logStable,
      certificate: judge.limit.logCertificate,
      phi: judge.phi,
      tau2: judge.comparison?.tau2 ?? Number.NaN,
      ratio: judge.comparison?.ratio ?? Number.NaN,
      observed,
    };
  });
}
const column = <K extends keyof Row>(rows: readonly Row[], key: K): readonly Row[K][] => rows.map((row) => row[key]);
const last = <T>(list: readonly T[]): T => list.at(-1) as T;

describe('A without noise', () => {
  test('1 no difference', () => {
    const polls = same(150, 1350, '1,13 2,14 1,12');
    allClose(bare(a, polls), [-0.926111, -0.983072, -1.138544]);
    allClose(bare(a, polls, Number.POSITIVE_INFINITY), [-0.926111, -0.983072, -1.138544]);
  });
  test('2 five times', () => {
    const polls = same(150, 1350, '7,13 8,14 6,12');
    allClose(bare(a, polls), [1.935673, 4.47446, 6.991114]);
    allClose(bare(a, polls, Number.POSITIVE_INFINITY), [3.130312, 8.144364, 11.494008]);
  });
  test('3 single errors', () => {
    allClose(bare(a, same(30, 270, '1,0 1,0 1,0 1,0')), [1.274767, 2.977989, 4.886327, 6.885033]);
  });
  test('4 one huge poll, and one without errors', () => {
    allClose(bare(a, [[1500, 13500, 750, 20]]), [2.449229]);
    allClose(bare(a, [[1500, 13500, 750, 20]], Number.POSITIVE_INFINITY), [1565.295271]);
    allClose(bare(a, [[1500, 13500, 0, 0]]), [0]);
  });
  test('5 the weight changes', () => {
    allClose(
      bare(a, [
        [150, 1350, 3, 13],
        [375, 1125, 8, 11],
        [750, 750, 20, 8],
      ]),
      [-0.20795, 0.64001, 2.83646],
    );
  });
});

describe('all of it', () => {
  test('6 a fivefold error rate is taken back at the second poll', () => {
    const rows = full(same(150, 1350, '7,13 8,14'));
    allClose(column(rows, 'a'), [1.920771, 4.44411]);
    allClose(column(rows, 'b'), [-0.645255, -0.699691]);
    allClose(column(rows, 'certificate'), [-2.260683, -3.512068]);
    allClose(column(rows, 'phi'), [1.059914, 1]);
    allClose(column(rows, 'tau2'), [0.044103, 0.042638]);
    expect(rows[0]?.observed.decision).toEqual({ kind: 'watch', reason: 'min-dwell' });
    expect(last(rows).observed.decision).toEqual({ kind: 'rollback', reason: 'regression' });
    close(last(rows).ratio, 5);
  });
  test('7 a rise of half at much traffic', () => {
    const rows = full(same(1500, 13500, '22,135 24,131 21,140 25,133 23,136 22,138 24,134 23,135 22,135 24,131'));
    allClose(column(rows, 'a'), [-0.441155, 0.255471, 0.355666, 1.013736, 1.451122, 1.777544, 2.457354, 3.034545, 3.519915, 4.394914]);
    close(last(rows).tau2, 0.020525);
    expect(last(rows).observed.decision).toEqual({ kind: 'rollback', reason: 'regression' });
    expect(rows[8]?.observed.decision.kind).toBe('watch');
  });
  test('8 an incident of both is held, one of the candidate in it is taken back', () => {
    const shared = full(same(150, 1350, '30,270 28,281'));
    allClose(column(shared, 'a'), [-1.339274, -1.522316]);
    allClose(column(shared, 'b'), [1.990728, 4.922201]);
    allClose(column(shared, 'stable'), [1.990724, 4.922201]);
    expect(last(shared).observed.decision).toEqual({ kind: 'hold', reason: 'shared-incident' });
    const worse = full(same(1500, 13500, '900,2700 900,2700'));
    allClose(column(worse, 'a'), [2.052149, 4.596676]);
    allClose(column(worse, 'b'), [2.373742, 5.326511]);
    allClose(column(worse, 'stable'), column(shared, 'stable'));
    expect(last(worse).observed.decision).toEqual({ kind: 'rollback', reason: 'regression' });
  });
  test('9 the sums do not mind that the weight changed; the crude ratio does', () => {
    const polls: readonly Four[] = [
      [100, 900, 1, 9],
      [500, 500, 20, 20],
    ];
    const sums = polls.map(split).reduce(addTo, noSums);
    close(sums.a, 10.9);
    close(sums.b, 10.9);
    expect(ratioOf(sums)).toBe(1);
    const tally = new Tally(4);
    for (const each of polls) tally.add(split(each));
    const { c: requests, s, x, y } = tally.rollout;
    close(x / requests / (y / s), 1.689655);
  });
  test('10 a candidate alone', () => {
    const rows = full(same(150, 0, '18,0 18,0'));
    allClose(column(rows, 'a'), [0, 0]);
    allClose(column(rows, 'b'), [1.726626, 4.635684]);
    allClose(column(rows, 'certificate'), [-8.339265, -14.786637]);
    expect(last(rows).observed.decision).toEqual({ kind: 'rollback', reason: 'absolute' });
  });
  test('11 gaps in either track', () => {
    const rows = full([
      [150, 1350, 2, 14],
      [0, 0, 0, 0],
      [0, 1500, 0, 15],
      [150, 0, 2, 0],
      [150, 1350, 2, 14],
    ]);
    allClose(column(rows, 'a'), [-0.679984, -0.679984, -0.679984, -0.679984, -0.77352]);
    allClose(column(rows, 'b'), [-0.710647, -0.710647, -0.710647, -0.768361, -0.794193]);
    allClose(column(rows, 'certificate'), [2.046986, 2.046986, 2.046986, 4.685833, 7.410837]);
    close(rows[0]?.phi ?? Number.NaN, 1.001479);
  });
  test('12 how long little traffic takes', () => {
    const run = (each: Four): readonly Row[] => full(Array.from({ length: 40 }, () => each));
    const first = (rows: readonly Row[], kind: string): number => rows.findIndex(({ observed }) => observed.decision.kind === kind) + 1;
    const busy = run([30, 270, 0, 0]);
    expect(busy.slice(0, 19).every(({ observed }) => observed.decision.reason === 'min-dwell')).toBe(true);
    expect(first(busy, 'promote')).toBe(20);
    close(busy[19]?.certificate ?? Number.NaN, 29.585508);
    const quiet = run([2, 18, 0, 0]);
    expect(quiet[19]?.observed.decision).toEqual({ kind: 'watch', reason: 'too-few-requests' });
    close(quiet[19]?.certificate ?? Number.NaN, 1.732054);
    expect(first(quiet, 'promote')).toBe(27);
    close(quiet[26]?.certificate ?? Number.NaN, 2.369791);
    const still = run([1, 9, 0, 0]);
    expect(first(still, 'promote')).toBe(0);
    expect(first(still, 'pause')).toBe(40);
    const common = run([100, 900, 1, 9]);
    expect(first(common, 'promote')).toBe(20);
    close(common[19]?.a ?? Number.NaN, -1.700292);
    close(common[19]?.tau2 ?? Number.NaN, 0.039191);
  });
});

describe('latency', () => {
  test('13 C without noise', () => {
    allClose(bare(c, same(150, 1350, '12,22 14,20 11,23')), [1.980766, 4.605132, 7.122296]);
    allClose(bare(c, same(150, 1350, '3,22 4,24')), [-1.040484, -1.223505]);
  });
  test('14 C with noise, and the mean over bounds', () => {
    const judge = (polls: readonly Four[]): readonly (readonly [f: number, e: number, phi: number, tau2: number])[] => {
      const slow = new SlowJudge(0.25, rulesOf({ options: {}, stageSeconds: 300 }));
      return polls.map((each) => {
        slow.weigh(split(each), false);
        slow.learn(split(each), false);
        const { factor, logE, phi, tau2 } = slow.comparison;
        return [factor, logE, phi, tau2];
      });
    };
    const rows = judge(same(150, 1350, '12,22 14,20 11,23'));
    allClose(
      rows.map(([f]) => f),
      [1.134579, 1.30857, 1.374959],
    );
    allClose(
      rows.map(([, e]) => e),
      [1.942844, 4.513827, 6.657158],
    );
    allClose(
      rows.map(([, , phi]) => phi),
      [1.038587, 1, 1],
    );
    allClose(
      rows.map(([, , , tau2]) => tau2),
      [0.043461, 0.041792, 0.040438],
    );
    const even = judge(same(750, 750, '120,100 118,101'));
    allClose(
      even.map(([f]) => f),
      [3.112, 4.774255],
    );
    allClose(
      even.map(([, e]) => e),
      [-1.559447, -1.642989],
    );
    close(logSum([4.605132, 0.657273]) - Math.log(2), 3.931097);
  });
});
