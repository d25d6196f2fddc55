/**
 * Reads that are asked for in one go, with nothing in between, are one request: whoever asks later, even a moment, gets a read of their own, because
 * something may have been written meanwhile (KC LW-1).
 */
export class SameTurn {
  readonly #asked = new Map<string, { readonly signal: AbortSignal | undefined; readonly answer: Promise<unknown> }>();

  /** Calls with other signals are apart: one may be given up without the other. */
  read<T>(key: string, signal: AbortSignal | undefined, read: () => Promise<T>): Promise<T> {
    const same = this.#asked.get(key);
    if (same !== undefined && same.signal === signal) return same.answer as Promise<T>;
    const answer = read();
    this.#asked.set(key, { signal, answer });
    queueMicrotask(() => this.#asked.delete(key));
    return answer;
  }
}
