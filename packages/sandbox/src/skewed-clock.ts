import type { Clock } from '@shepherd/core';

/** A clock whose wall time differs from another one's: two machines that do not agree. Both run equally fast. */
export class SkewedClock implements Clock {
  #byMs: number;

  /** @throws RangeError for what is no number */
  constructor(
    private readonly clock: Clock,
    byMs = 0,
  ) {
    this.#byMs = finite(byMs);
  }

  /** Ahead by so many ms from now on, behind where negative. @throws RangeError for what is no number */
  skew(byMs: number): void {
    this.#byMs = finite(byMs);
  }

  now(): Date {
    const now = this.clock.now();
    return this.#byMs === 0 ? now : new Date(now.getTime() + this.#byMs);
  }

  monotonicMs(): number {
    return this.clock.monotonicMs();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.clock.sleep(ms, signal);
  }
}

function finite(byMs: number): number {
  if (!Number.isFinite(byMs)) throw new RangeError(`a clock's skew must be a number of ms [byMs=${byMs}]`);
  return byMs;
}
