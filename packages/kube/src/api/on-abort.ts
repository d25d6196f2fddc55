import { setMaxListeners } from 'node:events';

const prepared = new WeakSet<AbortSignal>();

/** Many calls may share a signal, which Node would warn of as a leak from ten on. */
export function manyListeners(signal: AbortSignal): AbortSignal {
  if (!prepared.has(signal)) {
    prepared.add(signal);
    setMaxListeners(0, signal);
  }
  return signal;
}

/** Calls back when the signal aborts, at most once; returns the undo. */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  manyListeners(signal).addEventListener('abort', call, { once: true });
  return () => signal.removeEventListener('abort', call);
}

/** For work that does not look at the signal itself: rejects with the signal's reason as soon as it aborts, and leaves no listener. */
export async function untilAborted<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let undo: (() => void) | undefined;
  try {
    const aborted = new Promise<never>((_, reject) => {
      undo = onAbort(signal, () => reject(signal.reason));
    });
    return await Promise.race([run(), aborted]);
  } finally {
    undo?.();
  }
}
