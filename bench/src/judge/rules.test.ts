import { expect, test } from 'vitest';
import { bareEvidence } from './bare-evidence.js';
import { interval } from './figures.js';
import { play } from './play.js';
import { argoLike } from './policies/argo-like.js';
import { flaggerLike } from './policies/flagger-like.js';
import { guide } from './policies/guide.js';
import { isHigh } from './policies/kayenta-like.js';
import { oracle } from './policies/oracle.js';
import { shepherd } from './policies/ours.js';
import type { Policy } from './policies/policy.js';
import { ratio, zPeek } from './policies/simple.js';
import { runCell } from './run-cell.js';
import { type Cell, cells } from './world/cell.js';
import { mulberry32 } from './world/mulberry32.js';
import { fields, pollsOfStage, type Rollout, rollOut, weights } from './world/rollout.js';

const cell: Cell = { index: 0, noise: 'iid', base: 0.01, rps: 100, bad: 5, late: false };
/** The same poll all along. */
const steady = (c: number, s: number, x: number, y: number): Rollout => {
  const polls = new Float64Array(weights.length * pollsOfStage * fields);
  for (let at = 0; at < polls.length; at += fields) polls.set([c, s, x, y], at);
  return polls;
};
const end = (policy: Policy, rollout: Rollout): string => {
  const { rolledBack, seconds } = play(rollout, policy.start(cell));
  return `${rolledBack ? 'back' : 'promoted'} after ${seconds}`;
};

test('each rule on one bad release: 8 % against 1 %', () => {
  const bad = steady(150, 1_350, 12, 14);
  expect(end(guide, bad)).toBe('back after 300');
  expect(end(argoLike(95), bad)).toBe('back after 240');
  expect(end(flaggerLike(99), bad)).toBe('back after 300');
  expect(end(ratio, bad)).toBe('back after 60');
  expect(end(zPeek, bad)).toBe('back after 15');
  expect(end(oracle, bad)).toBe('back after 15');
  expect(end(shepherd, bad)).toBe('back after 30');
});

test('each rule on one good release, and on one without any traffic', () => {
  const good = steady(150, 1_350, 1, 9);
  for (const policy of [guide, argoLike(99), flaggerLike(99), ratio, zPeek, oracle, shepherd]) expect(end(policy, good)).toBe('promoted after 900');
  const none = steady(0, 0, 0, 0);
  expect(end(argoLike(95), none)).toBe('back after 240');
  expect(end(flaggerLike(99), none)).toBe('back after 300');
  expect(end(guide, none)).toBe('promoted after 900');
  // Nothing is proven, so it asks for all the time there is; here nobody is there to be asked.
  expect(end(shepherd, none)).toBe('promoted after 1800');
});

test('ranks: high only if clearly so, and nothing to say where all are equal', () => {
  expect(isHigh([5, 6, 7, 8, 9], [1, 1.1, 1.2, 1.3, 1.4])).toBe(true);
  expect(isHigh([1, 1.1, 1.2, 1.3, 1.4], [5, 6, 7, 8, 9])).toBe(false);
  expect(isHigh([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])).toBe(false);
  expect(isHigh([0, 0, 0, 0, 0], [0, 0, 0, 0, 0])).toBe(false);
});

test('the evidence that Ville is asked about is that of AN 7, vectors 1 and 2', () => {
  for (const [polls, expected] of [
    [
      [
        [1, 13],
        [2, 14],
        [1, 12],
      ],
      [-0.926111, -0.983072, -1.138544],
    ],
    [
      [
        [7, 13],
        [8, 14],
        [6, 12],
      ],
      [3.130312, 8.144364, 11.494008],
    ],
  ] as const) {
    const evidence = bareEvidence();
    for (const [i, [x, y]] of polls.entries()) expect(Math.abs(evidence(150, 1_350, x, y) - (expected[i] as number))).toBeLessThan(1e-6);
  }
});

test('the same seed is the same world, another is another', () => {
  const world = (seed: number): Rollout => rollOut(cell, mulberry32(seed));
  expect(world(7)).toEqual(world(7));
  expect(world(7)).not.toEqual(world(8));
  const task = { kind: 'cell', cell: 3, seed: 1, rollouts: 5 } as const;
  expect(runCell(task)).toEqual(runCell(task));
});

test('the grid of AN 6: 32 bad cells of independent requests, 16 that turn bad late, 128 of other weather', () => {
  const of = (some: (one: Cell) => boolean): number => cells.filter(some).length;
  expect(of(({ noise, bad, late }) => noise === 'iid' && bad > 1 && !late)).toBe(32);
  expect(of(({ late }) => late)).toBe(16);
  expect(of(({ noise }) => noise !== 'iid')).toBe(128);
  expect(cells.map(({ index }) => index)).toEqual(cells.map((_, i) => i));
});

test('failures of a late release begin with its second stage', () => {
  const polls = rollOut({ ...cell, bad: 10, late: true, rps: 1_000 }, mulberry32(1));
  const rate = (stage: number): number => {
    let [c, x] = [0, 0];
    for (let i = 0; i < pollsOfStage; i += 1) {
      c += polls[(stage * pollsOfStage + i) * fields] as number;
      x += polls[(stage * pollsOfStage + i) * fields + 2] as number;
    }
    return x / c;
  };
  expect(rate(0)).toBeCloseTo(0.01, 2);
  expect(rate(1)).toBeCloseTo(0.1, 2);
});

test('intervals of a share', () => {
  expect(interval(0, 1_000)).toEqual([0, 0.38]);
  expect(interval(500, 1_000)).toEqual([46.91, 53.09]);
});
