import type { Clock } from '../ports/clock.js';

/** What may end a piece of work before it is done. */
export interface DeadlineOptions {
  readonly clock: Clock;
  readonly ms: number;
  /** The work ends as soon as one of these aborts, with its reason. */
  readonly signals: readonly AbortSignal[];
  /** The reason where the time passed first. */
  readonly onTimeout: () => unknown;
}

/** Given, so that not each call makes a DOMException with its stack: a tenth of what a call costs. */
const over = Symbol('the call is over');

/**
 * For ports of one's own: work with a signal that aborts when a caller's does or when `ms` passed on the clock, whichever is first; leaves neither timer nor
 * listener. The signal aborts at the end of the work in any case, so nothing that outlives the work may hold it.
 */
export async function withDeadline<T>({ clock, ms, signals, onTimeout }: DeadlineOptions, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  for (const signal of signals) signal.throwIfAborted();
  // One for the work and for the timer: to make a controller is most of what this costs.
  const call = new AbortController();
  const stop = (): void => call.abort(signals.find(({ aborted }) => aborted)?.reason);
  for (const signal of signals) signal.addEventListener('abort', stop, { once: true });
  clock.sleep(ms, call.signal).then(
    () => call.abort(onTimeout()),
    () => undefined,
  );
  try {
    return await run(call.signal);
  } catch (error) {
    // Whatever the socket says after the abort, the reason is the abort's.
    throw call.signal.aborted ? call.signal.reason : error;
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', stop);
    call.abort(over);
  }
}
