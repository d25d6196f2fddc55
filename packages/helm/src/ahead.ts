import type { WriteContext } from '@shepherd/core';
import type { Ran } from './binary/run.js';

/** A rollout that waits for something else lets go of it: to begin again costs a moment, and what was seen is of a while ago by then. */
const keptMs = 5_000;

/** What can begin before it is asked for in earnest. */
export interface Start<Seen> {
  /** What is decided on whether it may write. Reads only. */
  look(): Promise<Seen>;
  /** Helm, whose writes are held back until `until` resolves, and refused where it rejects. */
  run(context: WriteContext, until: Promise<void>): Promise<Ran>;
}

/** A call of helm that has begun and may not write yet. */
export interface Begun<Seen> {
  readonly seen: Promise<Seen>;
  /** Lets it write, and waits for its end; undefined where it ended by itself before it might: why, it says when it is run in earnest. */
  go(): Promise<Ran | undefined>;
  /** Nothing of it is written any more. */
  drop(): void;
}

/**
 * Calls of helm that are begun a moment before their time has come: helm starts, reads and renders while the rollout looks once more and stores its intent. The
 * first write waits at the door, so that until then nothing is written.
 */
export class Ahead<Seen> {
  readonly #kept = new Map<string, { readonly begun: Begun<Seen>; readonly taken: AbortController }>();

  begin(context: WriteContext, key: string, start: Start<Seen>): void {
    this.take(key)?.drop();
    const kept = { begun: beginOne(context, start), taken: new AbortController() };
    this.#kept.set(key, kept);
    // Also what ended by itself: what it saw is no newer for that.
    context.clock.sleep(keptMs, kept.taken.signal).then(
      () => this.#kept.get(key) === kept && this.take(key)?.drop(),
      () => undefined,
    );
  }

  /** It is the caller's from here on, to go or to drop. */
  take(key: string): Begun<Seen> | undefined {
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    kept?.taken.abort();
    return kept?.begun;
  }

  close(): void {
    for (const key of this.#kept.keys()) this.take(key)?.drop();
  }
}

function beginOne<Seen>(context: WriteContext, { look, run }: Start<Seen>): Begun<Seen> {
  const end = new AbortController();
  let [open, refuse]: [() => void, (reason: unknown) => void] = [() => undefined, () => undefined];
  const until = new Promise<void>((resolve, reject) => ([open, refuse] = [resolve, reject]));
  until.catch(() => undefined);
  let ended = false;
  const seen = look();
  const ran = run({ ...context, signal: AbortSignal.any([context.signal, end.signal]) }, until);
  const whenEnded = (): void => void (ended = true);
  seen.catch(() => undefined);
  ran.then(whenEnded, whenEnded);
  return {
    seen,
    async go() {
      if (ended) return undefined;
      open();
      return ran;
    },
    drop() {
      const reason = new Error('not wanted any more');
      refuse(reason);
      end.abort(reason);
    },
  };
}
