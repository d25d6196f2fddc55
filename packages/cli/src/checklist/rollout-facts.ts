import type { Outcome, Plan, Rollout, RolloutEvent, Verdict } from '@shepherd/core';

/** A verdict that rests on counted requests. */
export interface Judged {
  readonly at: string;
  readonly verdict: Verdict;
}

/** What the journal says of a rollout. */
export interface RolloutFacts {
  readonly id: string;
  readonly startedAt: string;
  readonly by: string;
  readonly reason: string | undefined;
  /** Of the config, where one was named. */
  readonly environment: string | undefined;
  readonly plan: Plan;
  /** The newest one. */
  readonly judged: Judged | undefined;
  readonly outcome: Outcome | undefined;
}

/** Events that are in the journal by now. Undefined where the first of them made room. */
export async function factsOf(rollout: Rollout): Promise<RolloutFacts | undefined> {
  const { sequence, now } = await rollout.state();
  const stop = new AbortController();
  const events: RolloutEvent[] = [];
  if (sequence > 0)
    for await (const event of rollout.events({ signal: stop.signal })) {
      events.push(event);
      if (event.sequence >= sequence) break;
    }
  return factsIn(events, now.kind === 'ended' ? now.outcome : undefined);
}

/** Pure. */
export function factsIn(events: readonly RolloutEvent[], outcome: Outcome | undefined): RolloutFacts | undefined {
  const start = events.find((event) => event.type === 'rollout-start');
  if (start === undefined) return undefined;
  const judged = events.findLast((event): event is RolloutEvent<'step-end'> => event.type === 'step-end' && metricsOf(event.verdict).length > 0);
  return {
    id: start.rolloutId,
    startedAt: start.at,
    by: start.by.name,
    reason: start.reason,
    environment: start.metadata['environment'],
    plan: start.plan,
    judged: judged === undefined ? undefined : { at: judged.at, verdict: judged.verdict },
    outcome,
  };
}

interface Metric {
  readonly metric: string;
  readonly kind: Verdict['kind'];
  readonly reason?: string | undefined;
  readonly evidence?: { readonly summary?: string | undefined } | undefined;
}

/** Each metric of a verdict by itself; none where it rests on checks alone. */
export function metricsOf({ evidence }: Verdict): readonly Metric[] {
  const { verdicts } = (evidence?.data ?? {}) as { readonly verdicts?: unknown };
  return Array.isArray(verdicts) ? (verdicts as readonly Metric[]) : [];
}

/** What kind of rollout a plan is, by its steps. Pure. */
export function strategyIn({ steps }: Pick<Plan, 'steps'>): string {
  if (steps.some(({ step }) => step.kind === 'restore')) return 'rollback';
  if (steps.some(({ step }) => step.kind === 'roll')) return 'rolling';
  const rises = steps.flatMap(({ step }) => (step.kind === 'shift' && step.weight > 0 ? [step.weight] : []));
  return rises.length === 1 && rises[0] === 100 ? 'blue-green' : 'canary';
}
