import type { RolloutEvent } from '../events/event.js';
import type { Outcome } from '../rollout/outcome.js';
import type { Actor, App } from '../words/app.js';
import type { Revision } from '../words/revision.js';
import type { Clock } from './clock.js';
import type { Port } from './port.js';

/** A rollout as its observers see it, at the time of an event. */
export interface ObservedRollout {
  readonly id: string;
  readonly app: App;
  readonly by: Actor;
  /** `rolling`, `blue-green`, `canary`, the kind of one's own strategy, `rollback`, or the remedy: `restart`, `scale`, `evict`. */
  readonly strategy: string;
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  /** How long this process waited for the lock, in milliseconds. */
  readonly lockWaitMs: number;
  /** The revision that served before; undefined at a first deploy. */
  readonly from: Revision | undefined;
  readonly to: Revision;
  /** Everything so far, this event included, also from processes before this one; what had to make room in the journal is `events-compacted`. */
  readonly events: readonly RolloutEvent[];
}

/** What an observer has beside the events. */
export interface ObserveContext {
  readonly clock: Clock;
}

/**
 * Hears of the rollouts that this process drives (a trace, Events of a cluster). It can neither fail, delay nor change one: nothing waits for it, and what it
 * throws or rejects with becomes a `listener-error`. Of a rollout that another process drives it hears nothing, and of one that is taken over what happens from
 * then on. Disposed of when the Shepherd is closed, within the time that closing may take: what is to be sent is sent then.
 */
export interface Observer extends Port {
  /** Each event once the journal holds it, transient ones too, in order. */
  observe(event: RolloutEvent, rollout: ObservedRollout, context: ObserveContext): void | Promise<void>;
  /** This process drives the rollout no more although it is not over: `paused`, `detached`, `lock-lost`. */
  left?(outcome: Outcome, rollout: ObservedRollout, context: ObserveContext): void | Promise<void>;
  /** Environment for child processes of the step that runs, such as `TRACEPARENT`. At once; undefined: nothing to say. */
  childEnv?(rolloutId: string): Readonly<Record<string, string>> | undefined;
}
