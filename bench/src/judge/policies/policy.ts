import type { Cell } from '../world/cell.js';

/** Where a poll stands: the stage, and how many polls the rule has been given of it, this one included. */
export interface At {
  readonly stage: number;
  readonly polls: number;
  /** No more polls of this stage: the rule has to decide. */
  readonly last: boolean;
}

export type Answer = 'watch' | 'promote' | 'rollback';

/** One rule at work on one rollout. */
export interface Judging {
  poll(c: number, s: number, x: number, y: number, at: At): Answer;
}

export interface Policy {
  readonly name: string;
  start(cell: Cell): Judging;
}

/** Polls of a stage of five minutes, and of a minute. */
export const stagePolls = 20;
export const minutePolls = 4;

/** Sums that start anew. */
export class Sum {
  c = 0;
  s = 0;
  x = 0;
  y = 0;

  add(c: number, s: number, x: number, y: number): void {
    this.c += c;
    this.s += s;
    this.x += x;
    this.y += y;
  }

  /** What was summed; the sums are 0 again. */
  take(): { readonly c: number; readonly s: number; readonly x: number; readonly y: number } {
    const { c, s, x, y } = this;
    this.c = this.s = this.x = this.y = 0;
    return { c, s, x, y };
  }
}
