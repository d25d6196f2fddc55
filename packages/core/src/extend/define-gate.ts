import type { Plan } from '../plan/plan.js';
import type { PortContext } from '../ports/context.js';
import type { Duration } from '../words/duration.js';
import { define } from './define.js';
import type { Definition, Named } from './definition.js';

/** When a gate is asked: before the first step, before each step that gives the candidate more traffic, before stable becomes the new version. */
export type Moment = 'start' | 'weight-increase' | 'promote';

/**
 * `veto` at the start ends the rollout untouched (ERR_GATE_CLOSED), later it is taken back; `hold` asks again until the gate's `timeout`. `nextOpen`: when it will
 * let go on, ISO 8601 UTC, where it knows. `overridden`: it would not have let go on, and why it does; journalled and noticed.
 */
export type GateDecision =
  | { readonly kind: 'proceed'; readonly overridden?: string | undefined }
  | { readonly kind: 'hold' | 'veto'; readonly reason: string; readonly nextOpen?: string | undefined };

/** What a gate sees: `weight` is the candidate's realised percent, `metadata` the request's. */
export interface GateContext extends PortContext {
  readonly moment: Moment;
  readonly plan: Plan;
  readonly weight: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What `defineGate` takes. `timeout`: how long it may hold in all; then `onTimeout` decides. */
export interface GateDefinition<I> extends Named<I> {
  readonly at: readonly Moment[];
  readonly every: Duration;
  readonly timeout: Duration;
  readonly onTimeout: 'proceed' | 'veto';
  run(input: I, context: GateContext): Promise<GateDecision>;
}

/** A gate of one's own: asked `at` its moments; while it holds, again every `every`, until `timeout`. A throw is a hold. No rollback asks a gate. */
export function defineGate<I>(definition: GateDefinition<I>): Definition<'gate', I> {
  return define('gate', definition);
}
