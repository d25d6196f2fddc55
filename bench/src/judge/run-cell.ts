import { type End, play } from './play.js';
import { policies } from './policies/index.js';
import { shepherd, shepherdInTime } from './policies/ours.js';
import { stagePolls } from './policies/policy.js';
import { cells } from './world/cell.js';
import { mulberry32 } from './world/mulberry32.js';
import { rollOut } from './world/rollout.js';

export interface CellTask {
  readonly kind: 'cell';
  readonly cell: number;
  readonly seed: number;
  readonly rollouts: number;
}

/** How the rollouts of one cell ended under one rule. */
export interface Tallied {
  readonly rollouts: number;
  /** Seconds of each that was taken back. */
  readonly backAfter: readonly number[];
  /** Sum of seconds of the others. */
  readonly promotedSeconds: number;
  readonly failed: number;
}

/** By policy, in their order. All policies see the same rollouts. */
export function runCell({ cell: index, seed, rollouts }: CellTask): readonly Tallied[] {
  const cell = cells[index];
  if (cell === undefined) throw new RangeError(`no cell ${index}`);
  const random = mulberry32(seed + 7_919 * index);
  const ends: End[][] = policies.map(() => []);
  for (let i = 0; i < rollouts; i += 1) {
    const rollout = rollOut(cell, random);
    let ours: End | undefined;
    for (const [j, policy] of policies.entries()) {
      // Without a stage that took longer the two are one.
      const same = policy === shepherdInTime && ours !== undefined && ours.longest <= stagePolls ? ours : undefined;
      const end = same ?? play(rollout, policy.start(cell));
      if (policy === shepherd) ours = end;
      ends[j]?.push(end);
    }
  }
  return ends.map((list) => ({
    rollouts,
    backAfter: list.filter(({ rolledBack }) => rolledBack).map(({ seconds }) => seconds),
    promotedSeconds: list.filter(({ rolledBack }) => !rolledBack).reduce((sum, { seconds }) => sum + seconds, 0),
    failed: list.reduce((sum, { failed }) => sum + failed, 0),
  }));
}

export const merge = (a: Tallied, b: Tallied): Tallied => ({
  rollouts: a.rollouts + b.rollouts,
  backAfter: [...a.backAfter, ...b.backAfter],
  promotedSeconds: a.promotedSeconds + b.promotedSeconds,
  failed: a.failed + b.failed,
});
