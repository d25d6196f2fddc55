export interface StageClockState {
  readonly clock: number;
  readonly judged: number;
  readonly hold: number;
  readonly noData: number;
  readonly run: { readonly polls: number; readonly seconds: number };
}

const start: StageClockState = { clock: 0, judged: 0, hold: 0, noData: 0, run: { polls: 0, seconds: 0 } };

/** The times of a stage, in seconds: what counts towards its end, what was seen, held, and missed (AN 2). */
export class StageClock {
  readonly #noDataPolls: number;
  readonly #pollSeconds: number;
  #state: StageClockState;

  constructor({ noDataPolls, pollSeconds }: { readonly noDataPolls: number; readonly pollSeconds: number }, saved: StageClockState = start) {
    this.#noDataPolls = noDataPolls;
    this.#pollSeconds = pollSeconds;
    this.#state = saved;
  }

  /** Nothing was seen, or not all that is asked for. */
  missed(seconds: number): void {
    const { run } = this.#state;
    this.#state = { ...this.#state, run: { polls: run.polls + 1, seconds: run.seconds + seconds } };
  }

  /** A poll at the stage's own weight; after a long gap only its last part counts, since nobody watched the rest. */
  seen(seconds: number, held: boolean): void {
    const long = this.#state.run.polls >= this.#noDataPolls;
    const counted = long ? Math.min(seconds, this.#pollSeconds) : seconds;
    const { clock, judged, hold } = this.#state;
    this.#state = {
      clock: held ? clock : clock + counted,
      judged: judged + counted,
      hold: held ? hold + counted : hold,
      noData: this.noDataSeconds,
      run: start.run,
    };
  }

  /** A poll that spans a change of weight: seen, and of neither stage. */
  between(): void {
    this.#state = { ...this.#state, noData: this.noDataSeconds, run: start.run };
  }

  get clockSeconds(): number {
    return this.#state.clock;
  }

  get judgedSeconds(): number {
    return this.#state.judged;
  }

  get holdSeconds(): number {
    return this.#state.hold;
  }

  get noDataRun(): number {
    return this.#state.run.polls;
  }

  /** Of all runs that were long enough to stop the clock. */
  get noDataSeconds(): number {
    const { noData, run } = this.#state;
    return run.polls >= this.#noDataPolls ? noData + run.seconds : noData;
  }

  nextStage(): void {
    this.#state = start;
  }

  snapshot(): StageClockState {
    return this.#state;
  }
}
