import type { Actor, App } from '../words/app.js';
import type { Revision } from '../words/revision.js';
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
  /** Environment for child processes that work for the step that runs, such as `TRACEPARENT`; from the observers. @default none */
  readonly trace?: Readonly<Record<string, string>> | undefined;
}

/** What a rollout is, for the platform's own history of an object (Kubernetes: `kubernetes.io/change-cause`). */
export interface ChangeNote {
  /** `rolling`, `blue-green`, `canary`, the kind of one's own strategy, `rollback`, or the remedy: `restart`, `scale`, `evict`. */
  readonly strategy: string;
  readonly by: Actor;
  readonly from: Revision | undefined;
  readonly to: Revision;
  readonly reason: string | undefined;
}

/** In every call that writes. `fence` goes into what is written; a higher one found there stops the writer (RR LK-4). */
export interface WriteContext extends PortContext {
  readonly rolloutId: string;
  readonly fence: number;
  /** For which rollout it is written; undefined: for none that says so. */
  readonly note?: ChangeNote | undefined;
}
