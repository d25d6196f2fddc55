import type { TrackName } from '../words/revision.js';
import { fail, inconclusive, pass } from '../words/verdict.js';
import { percent } from './figures.js';
import type { MetricVerdict } from './metric-verdict.js';

/** What the platform says about the candidate's pods at a poll. */
export interface PodFacts {
  readonly crashLooping: boolean;
  /** Of its containers since this rollout made them. */
  readonly restarts: number;
  /** Share of CPU or memory in use, whichever is higher; only shown as a reason to wait, never part of a test. */
  readonly saturation?: Readonly<Record<TrackName, number>> | undefined;
}

export interface PodWatchState {
  readonly restarts: number;
  /** Restarts seen at each of the last polls. */
  readonly lately: readonly number[];
}

const full = 0.9;

/** Restarts and saturation over the last polls (AN 2, rows 4 and 9). */
export class PodWatch {
  readonly #window: number;
  #state: PodWatchState;
  #facts: PodFacts = { crashLooping: false, restarts: 0 };

  constructor(window: number, saved: PodWatchState = { restarts: 0, lately: [] }) {
    this.#window = window;
    this.#state = saved;
    this.#facts = { crashLooping: false, restarts: saved.restarts };
  }

  observe(facts: PodFacts): void {
    const { restarts, lately } = this.#state;
    this.#facts = facts;
    this.#state = { restarts: facts.restarts, lately: [...lately, Math.max(0, facts.restarts - restarts)].slice(-this.#window) };
  }

  get crashLooping(): boolean {
    return this.#facts.crashLooping;
  }

  get restarts(): number {
    return this.#facts.restarts;
  }

  get unsettled(): boolean {
    return this.#state.lately.some((count) => count > 0) || this.#full;
  }

  get #full(): boolean {
    const { saturation } = this.#facts;
    return saturation !== undefined && saturation.candidate > full && saturation.stable <= full;
  }

  verdict(tooMany: boolean): MetricVerdict {
    const { crashLooping, restarts, saturation } = this.#facts;
    const use = saturation === undefined ? '' : `, ${percent(saturation.candidate)} in use (stable ${percent(saturation.stable)})`;
    const evidence = {
      summary: `candidate ${crashLooping ? 'crash loops, ' : ''}restarted ${restarts} times${use}`,
      data: { restarts, crashLooping, ...saturation },
    };
    if (tooMany) return { metric: 'pods', ...fail('restarts'), evidence };
    return { metric: 'pods', ...(this.unsettled ? inconclusive(this.#full ? 'saturation' : 'restarts') : pass()), evidence };
  }

  snapshot(): PodWatchState {
    return this.#state;
  }
}
