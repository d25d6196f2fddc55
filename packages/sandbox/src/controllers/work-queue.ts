import type { Scheduler } from '../scheduler.js';

/** How long a controller takes to see a change. */
const usualReactionMs = 2;
const firstRetryMs = 5;
const longestRetryMs = 60_000;

/**
 * Keys that wait for their reconcile: each at most once, a failed one again with growing delay, as controllers of Kubernetes do.
 * Only an API server's refusal (an error with a numeric `code`) is retried; anything else is a bug of the sandbox and is thrown.
 */
export class WorkQueue {
  readonly #waiting = new Map<string, { at: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();

  constructor(
    readonly scheduler: Scheduler,
    readonly reconcile: (key: string) => void,
    readonly reactionMs = usualReactionMs,
  ) {}

  add(key: string, delayMs = this.reactionMs): void {
    const at = this.scheduler.now() + delayMs;
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined && waiting.at <= at) return;
    waiting?.cancel();
    this.#waiting.set(key, { at, cancel: this.scheduler.after(delayMs, () => this.#run(key)) });
  }

  #run(key: string): void {
    this.#waiting.delete(key);
    try {
      this.reconcile(key);
      this.#failures.delete(key);
    } catch (error) {
      if (typeof (error as { code?: unknown }).code !== 'number') throw error;
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      this.add(key, Math.min(longestRetryMs, firstRetryMs * 2 ** failures));
    }
  }
}

export const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;

export const splitKey = (key: string): { namespace: string; name: string } => {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
};
