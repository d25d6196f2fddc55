import { Comparison, type ComparisonState } from './comparison.js';
import { isIncident } from './incident.js';
import { Limit, type LimitState } from './limit.js';
import type { Rules } from './rules.js';
import { errorsOf, type Poll, share } from './split.js';
import { Tally, type TallyState } from './tally.js';

export interface ErrorJudgeState {
  readonly comparison: ComparisonState | undefined;
  readonly limit: LimitState;
  readonly tally: TallyState;
  readonly maxLogE: number;
  readonly maxLimitLogE: number;
  /** What stands against the candidate came in an incident of both tracks. */
  readonly incident: boolean;
}

/** Failed requests: against stable (A) and against the limit (B), AN 4. Bounds no time and reads no clock. */
export class ErrorJudge {
  readonly #rules: Rules;
  readonly #comparison: Comparison | undefined;
  readonly #limit: Limit;
  readonly #tally: Tally;
  #maxLogE: number;
  #maxLimitLogE: number;
  #incident: boolean;

  constructor(rules: Rules, saved?: ErrorJudgeState) {
    this.#rules = rules;
    this.#comparison = rules.errors === undefined ? undefined : new Comparison(rules.errors, saved?.comparison);
    this.#limit = new Limit(rules.errorLimit, saved?.limit);
    this.#tally = new Tally(rules.window, saved?.tally);
    this.#maxLogE = saved?.maxLogE ?? 0;
    this.#maxLimitLogE = saved?.maxLimitLogE ?? 0;
    this.#incident = saved?.incident ?? false;
  }

  observe(poll: Poll): void {
    const split = errorsOf(poll.counts);
    const compared = poll.mixedWeights !== true;
    if (compared) this.#comparison?.weigh(split);
    this.#limit.step(split, this.phi);
    if (compared) this.#comparison?.learn(split);
    this.#tally.add(split);
    this.#maxLogE = Math.max(this.#maxLogE, this.logE);
    this.#maxLimitLogE = Math.max(this.#maxLimitLogE, this.#limit.logE);
    if (this.#rules.limitMode === 'evidence')
      this.#incident = this.overLimit && isIncident(this.#incident, this.#limit, this.#tally, this.#rules.errorLimit.p0);
  }

  get logE(): number {
    return this.#comparison?.logE ?? 0;
  }

  get phi(): number {
    return this.#comparison?.phi ?? 1;
  }

  /** Evidence that the candidate fails more than stable, and enough of a difference to matter (AN 4.3). */
  get regressed(): boolean {
    const { errors, minBad, minErrorRatio, minExcess } = this.#rules;
    if (errors === undefined || this.#comparison === undefined) return false;
    return (
      this.logE >= Math.log(1 / errors.alpha) && this.#tally.rollout.x >= minBad && this.#comparison.ratio >= minErrorRatio && this.#tally.excess >= minExcess
    );
  }

  /** The candidate fails more than the limit allows. */
  get overLimit(): boolean {
    if (this.#rules.limitMode === 'threshold') {
      const { c, x } = this.#tally.stage;
      return c >= this.#rules.minRequests && share(x, c) > this.#rules.errorLimit.p0;
    }
    return this.#limit.crossed && this.#tally.rollout.x >= this.#rules.minBad;
  }

  /** What strikes the candidate strikes stable too: an incident, not the release. */
  get shared(): boolean {
    return this.#incident;
  }

  get suspicious(): boolean {
    return this.logE >= this.#rules.suspicion;
  }

  /** Enough was seen to say that the candidate is below the limit. */
  get enough(): boolean {
    const fewest = this.#tally.stage.c >= this.#rules.minRequests;
    return fewest && (this.#rules.limitMode === 'threshold' || this.#limit.certified);
  }

  get comparison(): Comparison | undefined {
    return this.#comparison;
  }

  get limit(): Limit {
    return this.#limit;
  }

  get tally(): Tally {
    return this.#tally;
  }

  get maxLogE(): number {
    return this.#maxLogE;
  }

  get maxLimitLogE(): number {
    return this.#maxLimitLogE;
  }

  nextStage(): void {
    this.#comparison?.nextStage();
    this.#tally.nextStage();
  }

  snapshot(): ErrorJudgeState {
    return {
      comparison: this.#comparison?.snapshot(),
      limit: this.#limit.snapshot(),
      tally: this.#tally.snapshot(),
      maxLogE: this.#maxLogE,
      maxLimitLogE: this.#maxLimitLogE,
      incident: this.#incident,
    };
  }
}
