import { Dispersion, type DispersionState } from './dispersion.js';
import { clipOf, Mixture, type MixtureState } from './mixture.js';
import type { Split } from './split.js';
import { addTo, noSums, ratioOf, type Sums } from './sums.js';

/** The candidate against stable: "the candidate's odds of a bad request are at most m times stable's" (AN 4.1). */
export interface ComparisonRule {
  readonly m: number;
  /** Odds ratios bet on, each above m. */
  readonly effects: readonly number[];
  readonly alpha: number;
  readonly hazard: number;
  readonly window: number;
  readonly noiseFloor: number;
  readonly common: boolean;
}

export interface ComparisonState {
  readonly mixture: MixtureState;
  readonly dispersion: DispersionState;
  readonly sums: Readonly<Record<'rollout' | 'stage', Sums>>;
}

/**
 * l(ψ) of (1): given the bad ones of both tracks, the split is hypergeometric; no base rate is assumed, and it holds at any weight. Evidence is carried over
 * when the weight changes.
 */
export const gainOf = ({ c, s, x, y }: Split, psi: number, m: number): number => {
  const rho = c / (c + s);
  return x * Math.log(psi / m) - (x + y) * Math.log((1 - rho + rho * psi) / (1 - rho + rho * m));
};

export class Comparison {
  readonly #rule: ComparisonRule;
  readonly #mixture: Mixture;
  readonly #dispersion: Dispersion;
  readonly #gains: number[];
  /** ln(ψ/m) of each effect: (1) without what depends on the poll. */
  readonly #logEffects: readonly number[];
  #rollout: Sums;
  #stage: Sums;
  #factor = 1;

  constructor(rule: ComparisonRule, saved?: ComparisonState) {
    const { effects, alpha, hazard } = rule;
    this.#rule = rule;
    this.#mixture = new Mixture({ weights: effects.map(() => 1 / effects.length), prior: 0.8, hazard, clip: clipOf(alpha) }, saved?.mixture);
    this.#dispersion = new Dispersion(rule, saved?.dispersion);
    this.#gains = effects.map(() => 0);
    this.#logEffects = effects.map((psi) => Math.log(psi / rule.m));
    this.#rollout = saved?.sums.rollout ?? noSums;
    this.#stage = saved?.sums.stage ?? noSums;
  }

  /** The evidence of a poll, by the noise known before it. Not for polls of mixed weights. */
  weigh(split: Split): void {
    this.#factor = this.#dispersion.factor(split);
    if (!(split.c > 0 && split.s > 0)) return;
    const { c, s, x, y } = split;
    const { m, effects } = this.#rule;
    const rho = c / (c + s);
    const underNull = 1 - rho + rho * m;
    for (let j = 0; j < effects.length; j += 1) {
      const grown = Math.log((1 - rho + rho * (effects[j] as number)) / underNull);
      this.#gains[j] = (x * (this.#logEffects[j] as number) - (x + y) * grown) / this.#factor;
    }
    this.#mixture.step(this.#gains);
  }

  /** What the poll says about sums and noise; after `weigh`, and after all that judges by the noise before. */
  learn(split: Split): void {
    this.#rollout = addTo(this.#rollout, split);
    this.#stage = addTo(this.#stage, split);
    this.#dispersion.learn(split, this.#rollout);
  }

  get logE(): number {
    return this.#mixture.logE;
  }

  /** F of the last poll. */
  get factor(): number {
    return this.#factor;
  }

  get phi(): number {
    return this.#dispersion.phi;
  }

  get tau2(): number {
    return this.#dispersion.tau2;
  }

  /** Of the stage or of the rollout, whichever is worse. */
  get ratio(): number {
    return Math.max(ratioOf(this.#stage), ratioOf(this.#rollout));
  }

  nextStage(): void {
    this.#stage = noSums;
  }

  snapshot(): ComparisonState {
    return { mixture: this.#mixture.snapshot(), dispersion: this.#dispersion.snapshot(), sums: { rollout: this.#rollout, stage: this.#stage } };
  }
}
