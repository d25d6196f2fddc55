import { interval, medianOf, round } from './figures.js';
import type { Tallied } from './run-cell.js';
import { type Cell, familyOf, nameOf } from './world/cell.js';

/** One rule in one cell. Shares in percent. */
export interface Row {
  readonly cell: string;
  readonly family: string;
  readonly policy: string;
  readonly rollouts: number;
  readonly base: number;
  readonly rps: number;
  readonly bad: number;
  /** Of good releases: taken back. Of bad ones: not. */
  readonly wrong: number;
  /** 95 %. */
  readonly between: readonly [number, number];
  /** Failed requests of the candidate, a rollout. */
  readonly failed: number;
  /** Median over those that were taken back. */
  readonly secondsToRollback: number | null;
  /** Mean over those that were not. */
  readonly secondsToPromote: number | null;
}

export function rowOf(cell: Cell, policy: string, { rollouts, backAfter, promotedSeconds, failed }: Tallied): Row {
  const back = backAfter.length;
  const wrong = cell.bad === 1 ? back : rollouts - back;
  return {
    cell: nameOf(cell),
    family: familyOf(cell),
    policy,
    rollouts,
    base: cell.base,
    rps: cell.rps,
    bad: cell.bad,
    wrong: round((100 * wrong) / rollouts),
    between: interval(wrong, rollouts),
    failed: round(failed / rollouts, 1),
    secondsToRollback: medianOf(backAfter),
    secondsToPromote: back === rollouts ? null : round(promotedSeconds / (rollouts - back), 0),
  };
}
