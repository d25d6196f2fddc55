import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, type GateFacts, type GateLimits } from './decide.js';

/** A stage that is over and well. */
const well: GateFacts = {
  observed: true,
  regressed: false,
  overLimit: false,
  shared: false,
  slowRegressed: false,
  slowOverLimit: false,
  slowShared: false,
  crashLooping: false,
  restarts: 0,
  noDataRun: 0,
  noDataSeconds: 0,
  holdSeconds: 0,
  clockSeconds: 300,
  judgedSeconds: 300,
  suspicious: false,
  enough: true,
  unsettled: false,
  early: false,
};
const limits: GateLimits = { stageSeconds: 300, holdSeconds: 600, noDataPolls: 4, onInconclusive: 'pause' };
const decided = (facts: Partial<GateFacts>, onInconclusive: GateLimits['onInconclusive'] = 'pause'): string => {
  const { kind, reason } = decide({ ...well, ...facts }, { ...limits, onInconclusive });
  return `${kind}(${reason})`;
};

describe('each row of the table (AN 2)', () => {
  test.each<readonly [string, Partial<GateFacts>, string]>([
    ['1 worse than stable', { regressed: true }, 'rollback(regression)'],
    ['1 also in a shared incident', { regressed: true, overLimit: true, shared: true }, 'rollback(regression)'],
    ['2 over the limit', { overLimit: true }, 'rollback(absolute)'],
    ['2 stable too', { overLimit: true, shared: true }, 'hold(shared-incident)'],
    ['2 the end of a hold', { overLimit: true, shared: true, holdSeconds: 600 }, 'pause(inconclusive)'],
    ['3 slower than stable', { slowRegressed: true }, 'rollback(latency)'],
    ['3 over the latency limit', { slowOverLimit: true }, 'rollback(latency)'],
    ['3 stable too', { slowOverLimit: true, slowShared: true }, 'hold(shared-incident)'],
    ['4 crash loop', { crashLooping: true }, 'rollback(restarts)'],
    ['4 restarted twice', { restarts: 2 }, 'rollback(restarts)'],
    ['4 once is no reason', { restarts: 1 }, 'promote(evidence)'],
    ['5 no data, running', { observed: false, noDataRun: 4, noDataSeconds: 60 }, 'watch(no-data)'],
    ['5 no data for ten minutes', { observed: false, noDataRun: 40, noDataSeconds: 600 }, 'pause(inconclusive)'],
    ['6 not its time yet', { clockSeconds: 285 }, 'watch(min-dwell)'],
    ['6 the clock alone is not enough', { judgedSeconds: 285 }, 'watch(min-dwell)'],
    ['7 a worry', { suspicious: true }, 'watch(evidence)'],
    ['8 too few requests', { enough: false }, 'watch(too-few-requests)'],
    ['9 a restart lately', { unsettled: true }, 'watch(saturation)'],
    ['7 for twice its time', { suspicious: true, clockSeconds: 600 }, 'pause(inconclusive)'],
    ['8 for twice its time', { enough: false, clockSeconds: 600 }, 'pause(inconclusive)'],
    ['10 well', {}, 'promote(evidence)'],
    ['10 well, not twice as bad is proven', { clockSeconds: 60, judgedSeconds: 60, early: true }, 'promote(early)'],
  ])('%s', (_, facts, expected) => expect(decided(facts)).toBe(expected));
});

test('a hold hides no reason to go back (RR MG-7)', () => {
  const hold = { overLimit: true, shared: true };
  expect(decided({ ...hold, slowRegressed: true })).toBe('rollback(latency)');
  expect(decided({ ...hold, crashLooping: true })).toBe('rollback(restarts)');
});

test('what is not proven follows the policy', () => {
  const open = { enough: false, clockSeconds: 600 };
  expect(decided(open, 'rollback')).toBe('rollback(inconclusive-policy)');
  expect(decided(open, 'promote')).toBe('promote(inconclusive-policy)');
});

const anyFacts: fc.Arbitrary<GateFacts> = fc.record({
  observed: fc.boolean(),
  regressed: fc.boolean(),
  overLimit: fc.boolean(),
  shared: fc.boolean(),
  slowRegressed: fc.boolean(),
  slowOverLimit: fc.boolean(),
  slowShared: fc.boolean(),
  crashLooping: fc.boolean(),
  restarts: fc.integer({ min: 0, max: 3 }),
  noDataRun: fc.integer({ min: 0, max: 8 }),
  noDataSeconds: fc.integer({ min: 0, max: 900 }),
  holdSeconds: fc.integer({ min: 0, max: 900 }),
  clockSeconds: fc.integer({ min: 0, max: 900 }),
  judgedSeconds: fc.integer({ min: 0, max: 900 }),
  suspicious: fc.boolean(),
  enough: fc.boolean(),
  unsettled: fc.boolean(),
  early: fc.boolean(),
});

test('nothing goes on without an observation, whatever the policy (AN 2, RR PT-9)', () => {
  fc.assert(
    fc.property(anyFacts, fc.constantFrom('pause', 'rollback', 'promote'), (facts, onInconclusive) => {
      expect(decide({ ...facts, observed: false }, { ...limits, onInconclusive }).kind).not.toBe('promote');
    }),
  );
});

test('every wait ends: after its deadline a person or the policy decides', () => {
  fc.assert(
    fc.property(anyFacts, fc.constantFrom('pause', 'rollback', 'promote'), (facts, onInconclusive) => {
      const late = { ...facts, observed: true, clockSeconds: 600, judgedSeconds: 600, holdSeconds: 600, noDataSeconds: 600 };
      expect(decide(late, { ...limits, onInconclusive }).kind).not.toMatch(/watch|hold/);
    }),
  );
});

test('a reason to go back wins over everything', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const bad = facts.regressed || facts.slowRegressed || facts.crashLooping || facts.restarts >= 2;
      if (bad) expect(decide(facts, limits).kind).toBe('rollback');
    }),
  );
});
