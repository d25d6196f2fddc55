const firstMs = 10_000;
const longestMs = 300_000;

/** The kubelet's patience with one container or image: 10 s, doubling to 5 min, forgotten after 10 quiet minutes. */
export class Backoff {
  #ms = 0;
  #updatedMs = 0;

  /** The wait that counts now. */
  get ms(): number {
    return this.#ms;
  }

  /** When the next try may come after a failure at `failedMs`: 0 for at once. */
  waitUntilMs(failedMs: number): number {
    if (failedMs - this.#updatedMs > 2 * longestMs) this.#ms = 0;
    return this.#ms === 0 ? 0 : failedMs + this.#ms;
  }

  /** A try is made. */
  next(nowMs: number): void {
    this.#ms = this.#ms === 0 ? firstMs : Math.min(longestMs, this.#ms * 2);
    this.#updatedMs = nowMs;
  }
}

/** Go's text of a duration in whole seconds: `10s`, `1m20s`, `5m0s`. */
export const goDuration = (ms: number): string => {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
};
