import type { Clock } from '@shepherd/core';

/** Rings some time after it was set, and once at the start; sleeps only while it is set. */
export class Alarm {
  readonly #clock: Clock;
  #wake: () => void = () => undefined;
  #dueMs: number | undefined = undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An alarm that is set already stays as it is. */
  set(ms: number): void {
    this.#dueMs ??= this.#clock.monotonicMs() + ms;
    this.#wake();
  }

  /** One list a ring, of one number; ends quietly when the signal aborts. */
  async *rings(signal: AbortSignal): AsyncGenerator<readonly number[]> {
    const stop = (): void => this.#wake();
    signal.addEventListener('abort', stop, { once: true });
    try {
      yield [0];
      while (!signal.aborted) {
        if (this.#dueMs === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          continue;
        }
        await this.#clock.sleep(Math.max(0, this.#dueMs - this.#clock.monotonicMs()), signal).catch(() => undefined);
        this.#dueMs = undefined;
        yield [this.#clock.monotonicMs()];
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
