import { Comparison, type ComparisonState } from './comparison.js';
import type { Rules } from './rules.js';
import type { Split } from './split.js';
import { Tally, type TallyState } from './tally.js';

export interface SlowJudgeState {
  readonly comparison: ComparisonState;
  readonly tally: TallyState;
}

/** Requests slower than one bound: the candidate against stable. */
export class SlowJudge {
  readonly comparison: Comparison;
  readonly tally: Tally;

  constructor(
    readonly bound: number,
    readonly rules: Rules,
    saved?: SlowJudgeState,
  ) {
    this.comparison = new Comparison(rules.slow, saved?.comparison);
    this.tally = new Tally(rules.window, saved?.tally);
  }

  weigh(split: Split, mixed: boolean): void {
    if (!mixed) this.comparison.weigh(split);
  }

  learn(split: Split, mixed: boolean): void {
    if (!mixed) this.comparison.learn(split);
    this.tally.add(split);
  }

  /** Enough of a difference to matter, at this bound. */
  get material(): boolean {
    return this.tally.rollout.x >= this.rules.minBad && this.comparison.ratio >= this.rules.minSlowRatio;
  }

  nextStage(): void {
    this.comparison.nextStage();
    this.tally.nextStage();
  }

  snapshot(): SlowJudgeState {
    return { comparison: this.comparison.snapshot(), tally: this.tally.snapshot() };
  }
}
