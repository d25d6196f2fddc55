import type { ErrorInfo } from '../errors/error-facts.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import type { PortContext } from '../ports/context.js';
import type { Platform, TrackStatus } from '../ports/platform.js';
import type { TrackName } from '../words/revision.js';

/** An error that came as data, to throw. */
export const asError = ({ code, message, facts, remedy, retryable }: ErrorInfo): ShepherdError =>
  new ShepherdError(code, message, { facts, remedy, retryable });

export interface AwaitOptions {
  readonly timeoutMs: number;
  /** For the message: `stable is ready`. */
  readonly what: string;
  readonly progress?: ((message: string) => void) | undefined;
}

/**
 * Follows a track until `enough`. @throws ShepherdError ERR_POD_DOOMED as soon as the platform says that waiting is no use, ERR_TIMEOUT with what it waited
 * for last
 */
export async function awaitTrack(
  platform: Platform<never>,
  context: PortContext,
  track: TrackName,
  enough: (status: TrackStatus) => boolean,
  { timeoutMs, what, progress }: AwaitOptions,
): Promise<TrackStatus> {
  const { clock, signal } = context;
  const stop = new AbortController();
  const timer = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const timeout = clock.sleep(timeoutMs, AbortSignal.any([both, timer.signal])).then(
    () => stop.abort(),
    () => undefined,
  );
  let last = 'nothing seen yet';
  try {
    for await (const status of platform.tracks.watch({ ...context, signal: both }, track)) {
      if (enough(status)) return status;
      if (status.doomed !== undefined) throw asError(status.doomed);
      const message = status.waitingFor ?? `${status.ready} of ${status.replicas} pods ready`;
      if (message !== last) progress?.(message);
      last = message;
    }
  } finally {
    timer.abort();
    await timeout;
    stop.abort();
  }
  signal.throwIfAborted();
  throw new ShepherdError('ERR_TIMEOUT', `${what}: not within ${timeoutMs / 1_000} s; last seen: ${last}`, {
    facts: { what, afterMs: timeoutMs, last },
    remedy: 'look at the pods named above, or allow more time',
  });
}
