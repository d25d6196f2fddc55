import type { GateDecision } from '../extend/define-gate.js';
import type { Plan } from '../plan/plan.js';
import type { Step } from '../plan/step.js';
import type { Attempt, Cause, Outcome } from '../rollout/outcome.js';
import type { Actor, App } from '../words/app.js';
import type { Revision } from '../words/revision.js';
import type { Verdict } from '../words/verdict.js';

/** `driver-change`: a process drives from here on; the second one is a takeover. `step-progress` is transient. */
export interface RolloutEventMap {
  readonly 'rollout-start': {
    readonly plan: Plan;
    readonly by: Actor;
    readonly reason?: string | undefined;
    readonly metadata: Readonly<Record<string, string>>;
  };
  readonly 'driver-change': { readonly driver: string };
  readonly 'step-start': { readonly index: number; readonly of: number; readonly step: Step; readonly text: string };
  readonly 'step-end': { readonly index: number; readonly verdict: Verdict; readonly ms: number };
  readonly 'step-progress': { readonly index: number; readonly message: string; readonly data?: unknown };
  readonly 'weight-change': { readonly target: App; readonly from: number; readonly to: number; readonly asked: number };
  readonly 'gate-hold': { readonly gate: string; readonly reason: string; readonly until: string };
  readonly 'gate-end': { readonly gate: string; readonly decision: GateDecision };
  readonly 'approval-request': { readonly message: string; readonly until: string; readonly onTimeout: 'approve' | 'reject' };
  readonly 'approval-answer': { readonly approved: boolean; readonly by: Actor; readonly reason?: string | undefined };
  readonly 'pause-start': { readonly by: Actor; readonly reason: string; readonly until: string };
  readonly 'pause-end': { readonly by: Actor };
  /** Somebody told the rollout what to do, here or from another process; what comes of it follows. */
  readonly command: { readonly id: string; readonly command: CommandName; readonly by: Actor; readonly reason?: string | undefined };
  /** A rollback goes to one of its revisions: the `number`th of at most `of`. */
  readonly 'attempt-start': { readonly number: number; readonly of: number; readonly revision: Revision; readonly plan: Plan };
  /** It did not verify there. What comes next follows: another attempt, or the end. */
  readonly 'attempt-end': { readonly number: number; readonly of: number; readonly attempt: Attempt };
  readonly 'rollback-start': { readonly cause: Cause; readonly plan: Plan };
  /**
   * Stands for the events `from` to `to` (its own number), which made room in a full journal: who replays a rollout from the journal gets every number or the
   * event that stands for it. Listeners of the process that drove got each of them.
   */
  readonly 'events-compacted': { readonly from: number; readonly to: number };
  readonly 'listener-error': { readonly listener: string; readonly message: string };
  readonly 'rollout-end': { readonly outcome: Outcome };
}

/** Every type of event. */
export type RolloutEventType = keyof RolloutEventMap;

/** What can be told a rollout, from any process. */
export type CommandName = 'abort' | 'pause' | 'resume' | 'promote' | 'approve' | 'reject';

/** What every event says. */
export interface EventBase<K> {
  readonly type: K;
  readonly rolloutId: string;
  /** Of a group the first. */
  readonly app: App;
  /** 1, 2, 3 … without gaps, over takeovers too; `events-compacted` stands for a range. A transient event repeats the last number. */
  readonly sequence: number;
  /** Live only, not in the journal. */
  readonly transient: boolean;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** Narrows by `type`. Published once the journal holds it. */
export type RolloutEvent<T extends RolloutEventType = RolloutEventType> = { readonly [K in T]: EventBase<K> & RolloutEventMap[K] }[T];
