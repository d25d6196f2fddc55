import type { Plan } from '../plan/plan.js';
import type { Step } from '../plan/step.js';
import { type Duration, toMs } from '../words/duration.js';
import type { RolloutRecord } from './record.js';

/** How long a rollout may stand without a driver where somebody must watch, unless the request says something else. */
export const defaultUnwatched: Duration = '5m';

export const unwatchedMs = ({ request }: Pick<RolloutRecord, 'request'>): number => toMs(request.unwatched ?? defaultUnwatched);

/** Steps that put the new version where stable is. */
const places = ({ kind }: Step): boolean => kind === 'promote' || kind === 'roll' || kind === 'restore';
const raises = (step: Step): boolean => step.kind === 'shift' && step.weight > 0;
/** Steps that only tidy up once the new version was placed and verified. */
const tidies = (step: Step): boolean => step.kind === 'verify' || step.kind === 'retire' || (step.kind === 'shift' && step.weight === 0);

/**
 * Whether nobody need watch a rollout as it stands (RR CR-4): before any traffic is on the new version; after promotion, once stable runs it and was verified;
 * going back, once the traffic is back. A step that was begun counts as done: the intent is stored before the act.
 */
export function rests(record: RolloutRecord): boolean {
  const { phase, plan, back, step } = record;
  if (phase === 'ended') return true;
  if (phase === 'back') return back !== undefined && back.steps.slice(step).every((each) => each.step.kind !== 'shift' && each.step.kind !== 'restore');
  return beforeTraffic(record) || afterPromotion(plan, step);
}

function beforeTraffic({ weight, templateTouched, plan, reached }: RolloutRecord): boolean {
  return weight === 0 && !templateTouched && plan.steps.slice(0, reached + 1).every((each) => each.weight === 0 && !places(each.step));
}

function afterPromotion({ steps }: Plan, step: number): boolean {
  const placed = steps.findLastIndex((each) => places(each.step) || raises(each.step));
  const verified = steps.findIndex((each, index) => index > placed && each.step.kind === 'verify');
  return placed >= 0 && verified >= 0 && verified < step && steps.slice(step).every((each) => tidies(each.step));
}

/**
 * By when somebody must drive a rollout that nobody drives from now on; undefined where it may stand. A rollback that a person asked for has none: taking it
 * back would bring the bad version again. Nor has what cannot be taken back by itself, or is held for an incident.
 */
export function unwatchedDeadline(record: RolloutRecord, now: Date): string | undefined {
  if (record.request.strategy === undefined || record.irreversible === true || record.waiting?.incident !== undefined || rests(record)) return undefined;
  return new Date(now.getTime() + unwatchedMs(record)).toISOString();
}

/** Nobody took it over in time. */
export const isOverdue = ({ phase, unwatchedDeadline: deadline }: RolloutRecord, now: Date): boolean =>
  phase !== 'ended' && deadline !== undefined && Date.parse(deadline) <= now.getTime();
