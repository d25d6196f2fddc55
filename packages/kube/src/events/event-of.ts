import { type App, cleanText, formatCause, formatMs, type ObservedRollout, type RolloutEvent } from '@shepherd/core';
import { toMicroTime } from '../api/kube-time.js';
import { names } from '../names.js';

/** What a person sees with `kubectl events`; each says another thing, so that one can filter by it. */
export type Reason =
  | 'RolloutStarted'
  | 'RolloutStepCompleted'
  | 'TrafficWeightUpdated'
  | 'ServiceSelectorSwitched'
  | 'RolloutPaused'
  | 'RolloutResumed'
  | 'AnalysisRunFailed'
  | 'ScalingReplicaSet'
  | 'RolloutAborted'
  | 'RolloutCompleted'
  | 'RollbackStarted'
  | 'RollbackCompleted'
  | 'RollbackFailed';

/** What an event of a rollout is to the users of a cluster. */
export interface Note {
  readonly reason: Reason;
  readonly action: string;
  readonly type: 'Normal' | 'Warning';
  readonly note: string;
}

const longestNote = 1_000;

const normal = (reason: Reason, action: string, note: string): Note => ({ reason, action, type: 'Normal', note });
const warning = (reason: Reason, action: string, note: string): Note => ({ reason, action, type: 'Warning', note });
const versionOf = (revision: ObservedRollout['from']): string => (revision === undefined ? 'nothing' : revision.images.join(', ') || revision.hash);

/** Undefined for what is no news to them. Pure. */
export function noteOf(event: RolloutEvent, rollout: ObservedRollout): Note | undefined {
  if (event.transient) return undefined;
  const isBack = rollout.strategy === 'rollback';
  switch (event.type) {
    case 'rollout-start':
      return isBack
        ? normal('RollbackStarted', 'RollingBack', `to ${versionOf(rollout.to)}, by ${rollout.by.name}`)
        : normal('RolloutStarted', 'Releasing', `${rollout.strategy} of ${versionOf(rollout.to)}, by ${rollout.by.name}`);
    case 'step-end':
      return stepNote(event, rollout);
    case 'weight-change':
      return rollout.strategy === 'blue-green'
        ? normal('ServiceSelectorSwitched', 'Switching', `traffic ${event.from} % → ${event.to} %`)
        : normal('TrafficWeightUpdated', 'Shifting', `traffic ${event.from} % → ${event.to} %`);
    case 'gate-hold':
      return normal('RolloutPaused', 'Waiting', `${event.gate} holds it until ${event.until}: ${event.reason}`);
    case 'approval-request':
      return normal('RolloutPaused', 'Waiting', `it waits for approval until ${event.until}: ${event.message}`);
    case 'pause-start':
      return normal('RolloutPaused', 'Waiting', `by ${event.by.name} until ${event.until}: ${event.reason}`);
    case 'gate-end':
      return event.decision.kind === 'proceed' && held(rollout) ? normal('RolloutResumed', 'Releasing', `${event.gate} lets it go on`) : undefined;
    case 'approval-answer':
      return event.approved ? normal('RolloutResumed', 'Releasing', `approved by ${event.by.name}`) : undefined;
    case 'pause-end':
      return normal('RolloutResumed', 'Releasing', `by ${event.by.name}`);
    case 'rollback-start':
      return event.cause.kind === 'abort'
        ? warning('RolloutAborted', 'RollingBack', formatCause(event.cause))
        : warning('RollbackStarted', 'RollingBack', formatCause(event.cause));
    case 'rollout-end':
      return endNote(event.outcome, isBack);
    default:
      return undefined;
  }
}

/** A gate that let it pass at once has held nothing. */
const held = ({ events }: ObservedRollout): boolean => {
  const before = events.findLast(
    (each, index) => index < events.length - 1 && (each.type === 'gate-hold' || each.type === 'gate-end' || each.type === 'step-start'),
  );
  return before?.type === 'gate-hold';
};

function stepNote({ index, verdict, ms }: RolloutEvent<'step-end'>, { events }: ObservedRollout): Note | undefined {
  const start = events.findLast((each): each is RolloutEvent<'step-start'> => each.type === 'step-start' && each.index === index);
  const kind = start?.step.kind;
  const text = start === undefined ? `step ${index + 1}` : `${index + 1}/${start.of} ${start.text}`;
  if (verdict.kind === 'pass')
    return kind === 'scale' || kind === 'resize'
      ? normal('ScalingReplicaSet', 'Scaling', `${text}: done in ${formatMs(ms)}`)
      : normal('RolloutStepCompleted', 'Releasing', `${text}: done in ${formatMs(ms)}`);
  return kind === 'analyse' ? warning('AnalysisRunFailed', 'Analysing', `${text}: ${verdict.kind}: ${verdict.reason}`) : undefined;
}

function endNote(outcome: RolloutEvent<'rollout-end'>['outcome'], isBack: boolean): Note | undefined {
  const after = `after ${formatMs(outcome.ms)}`;
  switch (outcome.kind) {
    case 'succeeded':
      return isBack
        ? normal('RollbackCompleted', 'RolledBack', `${versionOf(outcome.to)} serves again ${after}`)
        : normal('RolloutCompleted', 'Released', `${versionOf(outcome.to)} serves ${after}`);
    case 'rolled-back':
      return normal('RollbackCompleted', 'RolledBack', `${versionOf(outcome.from)} serves again ${after}`);
    case 'rollback-failed':
      return warning('RollbackFailed', 'RollingBack', outcome.error.message);
    case 'superseded':
      return normal('RolloutAborted', 'Superseded', `by ${outcome.by}`);
    case 'failed-untouched':
      return warning('RolloutAborted', 'Refused', outcome.error.message);
    default:
      return undefined;
  }
}

/** By which controller; `kubectl events` shows it. */
export const controller = names.engine;

/** An Event of events.k8s.io/v1 on the app's Deployment. Pure. */
export function eventOf(
  { reason, action, type, note }: Note,
  {
    app,
    rolloutId,
    at,
    workload,
    name,
  }: {
    readonly app: App;
    readonly rolloutId: string;
    readonly at: Date;
    readonly workload: { readonly name: string; readonly uid?: string | undefined };
    readonly name: string;
  },
): object {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name, namespace: app.namespace, annotations: { [names.rolloutId]: rolloutId } },
    eventTime: toMicroTime(at),
    reportingController: controller,
    reportingInstance: rolloutId.slice(-128),
    action,
    reason,
    regarding: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: app.namespace, ...workload },
    note: cut(cleanText(note, longestNote)),
    type,
  };
}

/** The limit counts bytes. */
function cut(text: string): string {
  let short = text;
  while (new TextEncoder().encode(short).length > 1_024) short = `${[...short].slice(0, -20).join('')}…`;
  return short;
}
