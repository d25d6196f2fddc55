import { logAdd, logSum } from './log-add.js';

/** How a bet on several effect sizes and onsets is spread (AN 4.2). */
export interface MixtureRule {
  /** Over the effect sizes; sum 1. */
  readonly weights: readonly number[];
  /** Share that bets on an effect from the start. */
  readonly prior: number;
  /** Share of what is left that starts to bet at each poll: an effect may begin at any time. */
  readonly hazard: number;
  /** The most that one poll adds to ln E, so that no single scrape convicts. */
  readonly clip: number;
}

export interface MixtureState {
  readonly logS: readonly number[];
  readonly reserve: number;
}

/**
 * E of AN 4.2 (3): a test martingale whose expectation never rises above 1 while the null holds. So P(E ever ≥ 1/α) ≤ α however often one looks (Ville).
 */
export class Mixture {
  readonly #rule: MixtureRule;
  readonly #logS: number[];
  readonly #logWeights: readonly number[];
  #reserve: number;
  #logE: number;

  constructor(rule: MixtureRule, saved?: MixtureState) {
    this.#rule = rule;
    this.#logS = [...(saved?.logS ?? rule.weights.map((weight) => Math.log(weight * rule.prior)))];
    this.#logWeights = rule.weights.map(Math.log);
    this.#reserve = saved?.reserve ?? 1 - rule.prior;
    this.#logE = this.#sum();
  }

  /** `gains[j]`: ln of what the poll multiplies the j-th bet by. */
  step(gains: readonly number[]): void {
    const { weights, hazard, clip } = this.#rule;
    const starting = this.#reserve * hazard;
    this.#reserve -= starting;
    const logStarting = starting > 0 ? Math.log(starting) : 0;
    for (let j = 0; j < weights.length; j += 1) {
      const held = this.#logS[j] as number;
      const bet = starting > 0 ? logAdd(held, (this.#logWeights[j] as number) + logStarting) : held;
      this.#logS[j] = bet + Math.min(clip, gains[j] as number);
    }
    this.#logE = this.#sum();
  }

  get logE(): number {
    return this.#logE;
  }

  #sum(): number {
    return this.#reserve > 0 ? logAdd(Math.log(this.#reserve), logSum(this.#logS)) : logSum(this.#logS);
  }

  /** ln E after more gains of the same kind, `times` over; nothing is kept. */
  logEAfter(gains: readonly number[], times: number): number {
    return logSum(this.#logS.map((held, j) => held + times * (gains[j] as number)));
  }

  snapshot(): MixtureState {
    return { logS: [...this.#logS], reserve: this.#reserve };
  }
}

/** ln of the clip that a level allows: one poll multiplies E by at most 2/√α. */
export const clipOf = (alpha: number): number => Math.log(2 / Math.sqrt(alpha));
