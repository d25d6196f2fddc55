import { setMaxListeners } from 'node:events';
import type { Clock } from '@shepherd/core';
import { onAbort } from './on-abort.js';

/**
 * Runs with a signal that aborts when the caller's does or when `ms` passed on the clock, whichever is first; leaves neither timer nor listener.
 * `onTimeout` makes the reason of the second.
 */
export async function withDeadline<T>(
  { clock, ms, signal, onTimeout }: { clock: Clock; ms: number; signal: AbortSignal | undefined; onTimeout: () => unknown },
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  // One signal serves many calls at a time; each takes its listener away again.
  if (signal !== undefined) setMaxListeners(0, signal);
  const inner = new AbortController();
  const undo = signal === undefined ? undefined : onAbort(signal, () => inner.abort(signal.reason));
  const done = new AbortController();
  clock.sleep(ms, done.signal).then(
    () => inner.abort(onTimeout()),
    () => undefined,
  );
  try {
    return await run(inner.signal);
  } catch (error) {
    // Whatever the socket says after the abort, the reason is the abort's.
    throw inner.signal.aborted ? inner.signal.reason : error;
  } finally {
    done.abort();
    undo?.();
  }
}
