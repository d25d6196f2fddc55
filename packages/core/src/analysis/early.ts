import { gainOf } from './comparison.js';
import { Mixture, type MixtureState } from './mixture.js';
import type { Split } from './split.js';

const effects = [0.6, 0.8, 1, 1.2];
const weights = [0.2, 0.3, 0.3, 0.2];
const twice = 2;
const level = Math.log(10);
/** Below twice the odds the evidence is not conservative; only where failures are rare is that harmless (AN 4.6). */
const rare = 0.02;

export interface EarlyState {
  readonly mixture: MixtureState;
  readonly bad: number;
  readonly all: number;
}

/** Proof that the candidate is not twice as bad: a stage may end before its time. Not for the last stage; more small regressions pass by it. */
export class Early {
  readonly #mixture: Mixture;
  #bad: number;
  #all: number;

  constructor(saved?: EarlyState) {
    this.#mixture = new Mixture({ weights, prior: 1, hazard: 0, clip: Number.POSITIVE_INFINITY }, saved?.mixture);
    this.#bad = saved?.bad ?? 0;
    this.#all = saved?.all ?? 0;
  }

  step(split: Split, factor: number): void {
    this.#bad += split.x + split.y;
    this.#all += split.c + split.s;
    if (split.c > 0 && split.s > 0) this.#mixture.step(effects.map((psi) => gainOf(split, psi, twice) / factor));
  }

  get proven(): boolean {
    return this.#bad <= rare * this.#all && this.#mixture.logE >= level;
  }

  snapshot(): EarlyState {
    return { mixture: this.#mixture.snapshot(), bad: this.#bad, all: this.#all };
  }
}
