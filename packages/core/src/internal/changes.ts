import type { Clock } from '../ports/clock.js';

/** Lets watchers wait for the next change, or for the time at which one is due. */
export class Changes {
  readonly #waiting = new Set<() => void>();

  notify(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves at the next change, after `withinMs`, or when the signal aborts. */
  next(clock: Clock, signal: AbortSignal, withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    return new Promise((resolve) => {
      const sleep = new AbortController();
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        sleep.abort();
        resolve();
      };
      if (signal.aborted) return resolve();
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (withinMs !== Number.POSITIVE_INFINITY) clock.sleep(withinMs, sleep.signal).then(done, () => undefined);
    });
  }
}
