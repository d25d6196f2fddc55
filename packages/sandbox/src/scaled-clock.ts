import type { Clock } from '@shepherd/core';

/** All scaled clocks count from here, so that those of several processes agree. */
const epochMs = Date.UTC(2020, 0, 1);

/** A clock on which time passes faster: of a sandbox with `speed`, and of the processes that work with it. */
export class ScaledClock implements Clock {
  readonly #speed: number;

  /** `speed`: ms that pass in one ms of the other clock. @throws RangeError for what is no positive number */
  constructor(
    private readonly clock: Clock,
    { speed }: { readonly speed: number },
  ) {
    if (!(Number.isFinite(speed) && speed > 0)) throw new RangeError(`a clock's speed must be a positive number [speed=${speed}]`);
    this.#speed = speed;
  }

  now(): Date {
    return new Date(epochMs + (this.clock.now().getTime() - epochMs) * this.#speed);
  }

  monotonicMs(): number {
    return this.clock.monotonicMs() * this.#speed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.clock.sleep(ms / this.#speed, signal);
  }
}
