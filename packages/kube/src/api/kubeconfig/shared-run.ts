import { untilAborted } from '../on-abort.js';

/** One run that several callers wait for. Each may leave by its own signal; when the last one left, the run is aborted. */
export class SharedRun<T> {
  readonly #ending = new AbortController();
  readonly #outcome: Promise<T>;
  #waiting = 0;

  constructor(run: (signal: AbortSignal) => Promise<T>) {
    this.#outcome = run(this.#ending.signal);
    // Everyone may have left when it fails.
    this.#outcome.catch(() => undefined);
  }

  async join(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    this.#waiting++;
    try {
      return await untilAborted(signal, () => this.#outcome);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#ending.abort(signal.reason ?? new Error('nobody waits any more'));
    }
  }
}
