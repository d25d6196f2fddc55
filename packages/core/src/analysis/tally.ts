import { noCounts, plus, type Split, share } from './split.js';

export interface TallyState {
  readonly rollout: Split;
  readonly stage: Split;
  readonly recent: readonly Split[];
}

/** What was counted so far, over the rollout, over the stage and lately; polls of mixed weights too. */
export class Tally {
  readonly #window: number;
  #rollout: Split;
  #stage: Split;
  #recent: readonly Split[];

  /** `window`: how many polls are "lately". */
  constructor(window: number, saved?: TallyState) {
    this.#window = window;
    this.#rollout = saved?.rollout ?? noCounts;
    this.#stage = saved?.stage ?? noCounts;
    this.#recent = saved?.recent ?? [];
  }

  add(split: Split): void {
    this.#rollout = plus(this.#rollout, split);
    this.#stage = plus(this.#stage, split);
    this.#recent = [...this.#recent.slice(this.#recent.length >= this.#window ? 1 : 0), split];
  }

  get rollout(): Split {
    return this.#rollout;
  }

  get stage(): Split {
    return this.#stage;
  }

  /** The candidate's share of bad requests minus stable's, of the stage or of the rollout, whichever is worse. */
  get excess(): number {
    return Math.max(...[this.#stage, this.#rollout].map(({ c, s, x, y }) => share(x, c) - share(y, s)));
  }

  /** Lately stable was near the limit too, and the candidate not twice as bad (AN 4.4). */
  sharedLately(p0: number): boolean {
    const { c, s, x, y } = this.#recent.reduce(plus, noCounts);
    const stable = share(y, s);
    return stable > p0 / 2 && share(x, c) < 2 * stable;
  }

  /** Lately the candidate was over the limit. */
  overLately(p0: number): boolean {
    const { c, x } = this.#recent.reduce(plus, noCounts);
    return share(x, c) > p0;
  }

  nextStage(): void {
    this.#stage = noCounts;
    this.#recent = [];
  }

  snapshot(): TallyState {
    return { rollout: this.#rollout, stage: this.#stage, recent: this.#recent };
  }
}
