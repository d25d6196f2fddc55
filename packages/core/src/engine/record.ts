import type { AnalysisState } from '../analysis/analysis.js';
import type { LatencyBounds } from '../analysis/latency-bounds.js';
import type { RolloutEvent } from '../events/event.js';
import type { Outbox } from '../notices/outbox.js';
import type { Plan } from '../plan/plan.js';
import type { Remedy } from '../remedies/request.js';
import type { Attempt, Cause, Outcome } from '../rollout/outcome.js';
import type { DeployRequest } from '../rollout/request.js';
import type { Actor, App } from '../words/app.js';
import type { Revision } from '../words/revision.js';
import type { Suspicion } from '../words/suspicion.js';
import type { StoredCommand } from './commands.js';

/** What was asked, as JSON: the strategy is its `kind` and `options`. */
export type StoredRequest = Omit<DeployRequest, 'app' | 'strategy'> & {
  readonly strategy?: { readonly kind: string; readonly options: unknown } | undefined;
  /** What was asked for instead of a release, or by which one. */
  readonly remedy?: Remedy | undefined;
};

/** What a rollout waits for, and until when (RR V3). */
export interface Waiting {
  readonly on: 'gate' | 'approval' | 'pause';
  /** The gate that holds, by its name. */
  readonly gate?: string | undefined;
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly until: string;
  readonly onTimeout: 'continue' | 'rollback';
  readonly by: Actor;
  /** ISO 8601 UTC; the rollout's deadline stands still from here on. */
  readonly since?: string | undefined;
  /** It waits for a process in which this is registered. */
  readonly missing?: MissingUse | undefined;
  /** A person decides: nobody takes it back by himself, however long nobody drives it. */
  readonly incident?: Suspicion | undefined;
}

/** Something of one's own that a rollout needs and a process does not have. */
export interface MissingUse {
  readonly extension: 'step' | 'check' | 'gate';
  readonly use: string;
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
  /** By when somebody must drive it; else whoever recovers, or the watchdog, takes it back. Undefined where it may stand (RR CR-4). ISO 8601 UTC. */
  readonly unwatchedDeadline?: string | undefined;
  readonly plan: Plan;
  /** The revision that served before, and the one asked for. */
  readonly from: Revision | undefined;
  readonly to: Revision;
  /** R when it began. */
  readonly replicas: number;
  /** What it changes outside cannot be taken back: it waits for a person where others go back by themselves. */
  readonly irreversible?: boolean | undefined;
  /** The release is more than its pods, so their hash does not tell whether it was begun. */
  readonly beyondPods?: boolean | undefined;
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
  /** What stable was given, where its hash is not that of `to`. */
  readonly wrote?: string | undefined;
  /** What somebody else wrote and a person said to go on with. */
  readonly accepted?: readonly string[] | undefined;
  /** Autoscalers that are held, by app, with what has to be restored; null: about to be held. */
  readonly held?: Readonly<Record<string, unknown>> | undefined;
  /**
   * A rollback that names no revision: those that it may go to, newest first, fixed at its start, and those of them that did not verify. `plan` and `to` are
   * those of the attempt that runs (RR RB-6).
   */
  readonly cascade?: { readonly candidates: readonly Revision[]; readonly failed: readonly Attempt[] } | undefined;
  readonly back?: Plan | undefined;
  readonly cause?: Cause | undefined;
  readonly decidedAt?: string | undefined;
  readonly trafficBackMs?: number | undefined;
  readonly waiting?: Waiting | undefined;
  /** What the judge carries from poll to poll, through all steps; where latency is judged is fixed before the first write (AN 5). */
  readonly analysis?: { readonly latency: LatencyBounds; readonly state?: AnalysisState | undefined } | undefined;
  /** Of custom steps, by index. */
  readonly saved: Readonly<Record<string, unknown>>;
  readonly driver?: string | undefined;
  /** In order of sequence; `events-compacted` stands for those that had to make room. */
  readonly events: readonly RolloutEvent[];
  /** Commands that were heard and have not had their whole effect yet, so that none is lost with its process (RR CR-1). */
  readonly asked?: readonly StoredCommand[] | undefined;
  /** The rollout that takes this one's place: it is taken back without asking whether stable is well, which may be what the new one mends. */
  readonly supersededBy?: string | undefined;
  readonly outcome?: Outcome | undefined;
}

/** What a person asked to go back to, not a release. */
export const isRollback = ({ request }: Pick<RolloutRecord, 'request'>): boolean => request.release === undefined && request.remedy === undefined;

/** What is kept of a rollout that ended. */
export interface PastRollout {
  readonly id: string;
  readonly startedAt: string;
  readonly by: Actor;
  readonly outcome: Outcome;
}

/** An app's journal, as the engine works with it. `write` tells our own write from somebody else's when an answer was lost. */
export interface AppRecord {
  readonly write: { readonly by: string; readonly count: number };
  readonly current: RolloutRecord;
  readonly past: readonly PastRollout[];
  /** Notices that nobody got yet, of these rollouts. */
  readonly outbox?: Outbox | undefined;
}

export const keptRollouts = 20;
