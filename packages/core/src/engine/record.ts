import type { RolloutEvent } from '../events/event.js';
import type { Plan } from '../plan/plan.js';
import type { Cause, Outcome } from '../rollout/outcome.js';
import type { DeployRequest } from '../rollout/request.js';
import type { Actor, App } from '../words/app.js';
import type { Revision } from '../words/revision.js';

/** What was asked, as JSON: the strategy is its `kind` and `options`. */
export type StoredRequest = Omit<DeployRequest, 'app' | 'strategy'> & { readonly strategy?: { readonly kind: string; readonly options: unknown } | undefined };

/** What a rollout waits for, and until when (RR V3). */
export interface Waiting {
  readonly on: 'gate' | 'approval' | 'pause';
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly until: string;
  readonly onTimeout: 'continue' | 'rollback';
  readonly by: Actor;
}

/** Everything that another process needs to go on with a rollout or to take it back (RR CR-1). JSON. */
export interface RolloutRecord {
  readonly id: string;
  readonly apps: readonly [App, ...App[]];
  readonly request: StoredRequest;
  readonly by: Actor;
  readonly key?: string | undefined;
  readonly startedAt: string;
  /** Absolute, so that it survives a restart. */
  readonly deadline: string;
  readonly plan: Plan;
  /** The revision that served before, and the one asked for. */
  readonly from: Revision | undefined;
  readonly to: Revision;
  /** R when it began. */
  readonly replicas: number;
  readonly phase: 'forward' | 'back' | 'ended';
  /** Index of the step that runs or runs next, in `plan` or, going back, in `back`. */
  readonly step: number;
  /** How far it got before it turned back: what has to be undone. */
  readonly reached: number;
  readonly weight: number;
  /** When the weight last changed; the drain counts from here. */
  readonly weightAt?: string | undefined;
  /** Stable's template was about to be written: the intent is stored before the act. */
  readonly templateTouched: boolean;
  readonly back?: Plan | undefined;
  readonly cause?: Cause | undefined;
  readonly decidedAt?: string | undefined;
  readonly trafficBackMs?: number | undefined;
  readonly waiting?: Waiting | undefined;
  /** Of custom steps, by index. */
  readonly saved: Readonly<Record<string, unknown>>;
  readonly driver?: string | undefined;
  readonly events: readonly RolloutEvent[];
  /** The rollout that takes this one's place: it is taken back without asking whether stable is well, which may be what the new one mends. */
  readonly supersededBy?: string | undefined;
  readonly outcome?: Outcome | undefined;
}

/** What is kept of a rollout that ended. */
export interface PastRollout {
  readonly id: string;
  readonly startedAt: string;
  readonly by: Actor;
  readonly outcome: Outcome;
}

/** An app's journal. `write` tells our own write from somebody else's when an answer was lost. */
export interface AppRecord {
  readonly schema: 1;
  readonly write: { readonly by: string; readonly count: number };
  readonly current: RolloutRecord;
  readonly past: readonly PastRollout[];
}

export const keptRollouts = 20;
