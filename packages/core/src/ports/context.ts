import type { App } from '../words/app.js';
import type { Clock } from './clock.js';

/** In every call of a port. No `rolloutId` in plan, status and preflight. Sleep by `clock`, never by setTimeout. */
export interface PortContext {
  readonly app: App;
  readonly rolloutId: string | undefined;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /**
   * Reads that carry the same object are about one moment: a platform may answer them from one look at the world, so that what is judged together was read
   * together, and once. Without it, and in every write, each read is a fresh one. Never older than the object.
   */
  readonly look?: object | undefined;
}

/** In every call that writes. `fence` goes into what is written; a higher one found there stops the writer (RR LK-4). */
export interface WriteContext extends PortContext {
  readonly rolloutId: string;
  readonly fence: number;
}
