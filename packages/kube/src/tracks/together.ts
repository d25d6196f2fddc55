/**
 * Several lists that change as one: yields once all have come, and again after each change of any; changes that come while the reader is busy are one. Ends
 * quietly when the signal aborts, throws what one of them throws.
 */
export async function* together<T extends Record<string, readonly unknown[]>>(
  sources: { readonly [K in keyof T]: AsyncIterable<T[K]> },
  signal: AbortSignal,
): AsyncGenerator<T> {
  const latest: Partial<T> = {};
  const names = Object.keys(sources) as (keyof T)[];
  const state = { fresh: false, failed: undefined as { error: unknown } | undefined, ended: 0 };
  let wake: () => void = () => undefined;
  const read = async (name: keyof T): Promise<void> => {
    try {
      for await (const value of sources[name]) {
        latest[name] = value;
        state.fresh = true;
        wake();
      }
      state.ended += 1;
    } catch (error) {
      state.failed = { error };
    }
    wake();
  };
  for (const name of names) void read(name);
  const stop = (): void => wake();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      if (signal.aborted) return;
      if (state.failed !== undefined) throw state.failed.error;
      if (state.fresh && names.every((name) => latest[name] !== undefined)) {
        state.fresh = false;
        yield { ...latest } as T;
      } else if (state.ended === names.length) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
