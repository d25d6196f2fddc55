import type { Outcome, Plan, RolloutEvent, Target } from '@shepherd/core';
import { type Point, withPoint } from './series.js';
import { type Stage, stagesOf } from './stages.js';

export interface StepMark {
  readonly startedMs: number;
  /** Undefined: it runs. */
  readonly endedMs?: number | undefined;
  readonly good?: boolean | undefined;
  /** What its verdict rested on, where it is one of metrics. */
  readonly says?: string | undefined;
}

/** What is known of a rollout from its events; both renderings read it. Times are ms since 1970. */
export interface Progress {
  readonly rolloutId: string;
  readonly app: string;
  readonly direction: 'forward' | 'back';
  readonly plan: Plan | undefined;
  readonly stages: readonly Stage[];
  /** The step that ran last. */
  readonly index: number;
  readonly marks: Readonly<Record<number, StepMark>>;
  readonly startedMs: number | undefined;
  /** Realised percent on the new version. */
  readonly weight: number;
  /** What the running step waits for. */
  readonly message: string | undefined;
  /** What the polls of the metrics saw. */
  readonly series: readonly Point[];
  /** What a person is asked. */
  readonly question: { readonly text: string; readonly until: string } | undefined;
  /** Why it goes back. */
  readonly cause: Extract<RolloutEvent, { type: 'rollback-start' }>['cause'] | undefined;
  readonly outcome: Outcome | undefined;
  /** Live pods, where somebody reads them. */
  readonly target: Target | undefined;
}

export const noProgress: Progress = {
  rolloutId: '',
  app: '',
  direction: 'forward',
  plan: undefined,
  stages: [],
  index: -1,
  marks: {},
  startedMs: undefined,
  weight: 0,
  message: undefined,
  series: [],
  question: undefined,
  cause: undefined,
  outcome: undefined,
  target: undefined,
};

const withPlan = (progress: Progress, plan: Plan): Progress => ({ ...progress, plan, stages: stagesOf(plan), index: -1, marks: {}, message: undefined });

/** The next state after an event. Pure. */
export function advance(before: Progress, event: RolloutEvent): Progress {
  const at = Date.parse(event.at);
  const progress = { ...before, rolloutId: event.rolloutId, app: event.app.name };
  switch (event.type) {
    case 'rollout-start':
      return { ...withPlan(progress, event.plan), startedMs: at };
    case 'step-start':
      return { ...progress, index: event.index, message: undefined, marks: { ...progress.marks, [event.index]: { startedMs: at } } };
    case 'step-end': {
      const started = progress.marks[event.index]?.startedMs ?? at - event.ms;
      const mark = { startedMs: started, endedMs: started + event.ms, good: event.verdict.kind === 'pass', ...saysOf(event, progress) };
      return { ...progress, message: event.verdict.kind === 'pass' ? undefined : event.verdict.reason, marks: { ...progress.marks, [event.index]: mark } };
    }
    case 'step-progress':
      return { ...progress, message: plainly(event.message), series: withPoint(progress.series, event.data) };
    case 'weight-change':
      return { ...progress, weight: event.to };
    case 'gate-hold':
      return { ...progress, message: `held by ${event.gate} until ${event.until.slice(11, 19)}: ${event.reason}` };
    case 'gate-end':
      return { ...progress, message: undefined };
    case 'approval-request':
      return { ...progress, question: { text: event.message, until: event.until } };
    case 'pause-start':
      return { ...progress, question: undefined, message: `paused by ${event.by.name} until ${event.until.slice(11, 19)}: ${event.reason}` };
    case 'approval-answer':
    case 'pause-end':
      return { ...progress, question: undefined, message: undefined };
    case 'attempt-start':
      return event.number === 1 ? progress : { ...withPlan(progress, event.plan), cause: undefined, message: undefined };
    case 'rollback-start':
      return { ...withPlan(progress, event.plan), direction: 'back', cause: event.cause, question: undefined };
    case 'rollout-end':
      return { ...progress, outcome: event.outcome, message: undefined, question: undefined };
    default:
      return progress;
  }
}

/** The counts of a judged stage. */
function saysOf({ index, verdict }: RolloutEvent<'step-end'>, { plan }: Progress): Pick<StepMark, 'says'> {
  if (plan?.steps[index]?.step.kind !== 'analyse' || verdict.evidence?.data === undefined) return {};
  return { says: `${verdict.kind}: ${verdict.evidence.summary}` };
}

/** Names of the box without their prefix. */
export const plainly = (message: string): string => message.replaceAll(/\bshepherd\//g, '');

export const stageAt = ({ stages }: Progress, index: number): Stage | undefined => stages.find(({ from, to }) => index >= from && index < to);

/**
 * Percent of requests that the new version gets: what the router gives to the candidate, and all of them once stable runs it. Undefined where pods are replaced
 * in place and nobody has read them.
 */
export function shareOfNew({ plan, marks, weight, target, direction, outcome }: Progress): number | undefined {
  const made = (plan?.steps ?? []).findIndex(({ step }) => step.kind === 'promote' || step.kind === 'roll' || step.kind === 'restore');
  if (outcome?.kind === 'rolled-back') return 0;
  if (direction === 'back') return made < 0 ? (target?.weight ?? weight) : undefined;
  if (marks[made]?.good === true || outcome?.kind === 'succeeded') return 100;
  const kind = plan?.steps[made]?.step.kind;
  if (kind !== 'roll' && kind !== 'restore') return target?.weight ?? weight;
  if (marks[made] === undefined) return 0;
  return target?.stable === undefined ? undefined : Math.round((100 * target.stable.ready) / Math.max(1, target.stable.replicas));
}

/** How long the running step takes by its own definition, where it has one: a watch, a wait. */
export function fixedMs({ plan, index }: Progress): number | undefined {
  const planned = plan?.steps[index];
  return planned !== undefined && (planned.step.kind === 'analyse' || planned.step.kind === 'wait') ? planned.shortestMs : undefined;
}

/** The least that is still to come. */
export function remainingMs({ plan, index, marks }: Progress, nowMs: number): number {
  return (plan?.steps ?? []).reduce((sum, { shortestMs }, at) => {
    if (at < index || marks[at]?.endedMs !== undefined) return sum;
    const started = marks[at]?.startedMs;
    return sum + Math.max(0, shortestMs - (started === undefined ? 0 : nowMs - started));
  }, 0);
}
