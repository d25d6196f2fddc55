import { type Clock, withDeadline } from '@shepherd/core';
import { isTlsReason, type KubeCall, KubeError, wasNeverSent } from './kube-error.js';

const firstWaitMs = 1_000;
const longestWaitMs = 30_000;

/** Waits of 1 s → 30 s with full jitter, so that many clients do not come back together. */
export class Backoff {
  #tries = 0;
  constructor(private readonly random: () => number) {}

  nextMs(): number {
    const ceiling = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#tries);
    this.#tries = Math.min(this.#tries + 1, 10);
    return Math.round(this.random() * ceiling);
  }

  reset(): void {
    this.#tries = 0;
  }
}

/** What a failure says of the request: it `failed` for good, was `not-taken` (send it again) or is `lost`: it may or may not have been done. */
export function judgeFailure(error: KubeError, { expires = true }: Pick<RetryPolicy<unknown>, 'expires'> = {}): 'failed' | 'not-taken' | 'lost' {
  const { status, reason } = error;
  if (status === 429 || (status === 410 && !expires)) return 'not-taken';
  if (status === 0) {
    if (isTlsReason(reason) || reason === 'Closed' || reason === 'TooLarge') return 'failed';
    return wasNeverSent(error) ? 'not-taken' : 'lost';
  }
  if (reason === 'SchemaMismatch') return 'failed';
  return status === 408 || status === 500 || status === 502 || status === 503 || status === 504 ? 'lost' : 'failed';
}

export interface RetryPolicy<T> {
  /** After a lost answer: send `again`, first `look` whether it was done, or `fail`. */
  readonly onLost: 'again' | 'look' | 'fail';
  /** The request goes on from a version or page, so that 410 is final for it. Otherwise 410 is a server in trouble. @default true */
  readonly expires?: boolean | undefined;
  /** The object if what was asked is done already. Called after a lost answer: before sending again (`look`), and when the second try meets a conflict. */
  readonly settled?: ((signal: AbortSignal) => Promise<T | undefined>) | undefined;
}

export interface RetryContext {
  readonly call: KubeCall;
  readonly clock: Clock;
  readonly random: () => number;
  /** All tries and waits together. */
  readonly timeoutMs: number;
  /** How long a server that cannot be reached at all is asked again, in ms. @default `timeoutMs` */
  readonly unreachedMs?: number | undefined;
  /** Of the caller, and of the client's end. */
  readonly signals: readonly AbortSignal[];
}

/** The table of KC 2 for one call. Throws the last KubeError when no retry mends it or the time is up; the signal's reason when that aborts. */
export async function withRetry<T>(context: RetryContext, policy: RetryPolicy<T>, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { call, clock, random, timeoutMs, signals } = context;
  const startedAt = clock.monotonicMs();
  const endsAt = startedAt + timeoutMs;
  // A connection that died silently must not eat the whole time of a call that may be sent again.
  const attemptMs = policy.onLost === 'again' ? (timeoutMs * 2) / 3 : timeoutMs;
  const backoff = new Backoff(random);
  let lost = false;

  const bounded = (run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const ms = Math.max(1, Math.min(attemptMs, endsAt - clock.monotonicMs()));
    return withDeadline({ clock, ms, signals, onTimeout: () => timeoutError(call, ms) }, run);
  };
  const lookFirst = async (inner: AbortSignal): Promise<T> => (await policy.settled?.(inner)) ?? attempt(inner);

  for (;;) {
    try {
      return await bounded(lost && policy.onLost === 'look' ? lookFirst : attempt);
    } catch (error) {
      for (const signal of signals) signal.throwIfAborted();
      if (!KubeError.is(error)) throw error;
      if (lost && policy.settled !== undefined && (error.status === 409 || error.status === 422)) {
        const done = await bounded(async (inner) => (await policy.settled?.(inner)) ?? Promise.reject(error));
        return done;
      }
      const judged = judgeFailure(error, policy);
      if (judged === 'failed' || (judged === 'lost' && policy.onLost === 'fail')) throw error;
      lost ||= judged === 'lost';
      const waitMs = Math.max(error.retryAfterMs ?? 0, backoff.nextMs());
      const giveUpAt = wasNeverSent(error) ? startedAt + (context.unreachedMs ?? timeoutMs) : endsAt;
      if (clock.monotonicMs() + waitMs >= giveUpAt) throw error;
      await clock.sleep(waitMs, AbortSignal.any([...signals]));
    }
  }
}

/** The error of a call whose time is up. */
export const timeoutError = (call: KubeCall, ms: number): KubeError =>
  new KubeError(call, `no answer within ${Math.round(ms / 100) / 10} s`, { status: 0, reason: 'Timeout' });
