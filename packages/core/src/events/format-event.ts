import type { GateDecision } from '../extend/define-gate.js';
import { formatCause } from '../rollout/format-cause.js';
import { formatAttempt, formatOutcome, formatRevision } from '../rollout/format-outcome.js';
import { formatMs } from '../words/duration.js';
import type { RolloutEvent } from './event.js';

const clock = (at: string): string => at.slice(11, 19);

/** An event as one line for people (the outcome may take more). Takes one that came through JSON as well. */
export const formatEvent = (event: RolloutEvent): string => `${clock(event.at)} ${eventText(event)}`;

const decisionText = (decision: GateDecision): string =>
  decision.kind === 'proceed'
    ? `proceed${decision.overridden === undefined ? '' : `, overridden: ${decision.overridden}`}`
    : `${decision.kind}, ${decision.reason}`;

function eventText(event: RolloutEvent): string {
  switch (event.type) {
    case 'rollout-start':
      return `${event.rolloutId} starts, asked for by ${event.by.name}: ${event.plan.steps.length} steps, ${formatMs(event.plan.estimate.shortestMs)} or more${event.reason === undefined ? '' : `; reason: ${event.reason}`}`;
    case 'driver-change':
      return `driven by ${event.driver}`;
    case 'step-start':
      return `[${event.index + 1}/${event.of}] ${event.text}`;
    case 'step-end':
      return event.verdict.kind === 'pass'
        ? `      done in ${formatMs(event.ms)}${event.verdict.evidence === undefined ? '' : `: ${event.verdict.evidence.summary}`}`
        : `      ${event.verdict.kind} after ${formatMs(event.ms)}: ${event.verdict.reason}`;
    case 'step-progress':
      return `      ${event.message}`;
    case 'weight-change':
      return `      traffic ${event.from} % → ${event.to} %${event.to === event.asked ? '' : ` (asked for ${event.asked} %)`}`;
    case 'gate-hold':
      return `held by ${event.gate} until ${event.until}: ${event.reason}`;
    case 'gate-end':
      return `${event.gate}: ${decisionText(event.decision)}`;
    case 'approval-request':
      return `waits for approval until ${event.until} (then ${event.onTimeout}): ${event.message}`;
    case 'approval-answer':
      return `${event.approved ? 'approved' : 'rejected'} by ${event.by.name}${event.reason === undefined ? '' : `: ${event.reason}`}`;
    case 'pause-start':
      return `paused by ${event.by.name} until ${event.until}: ${event.reason}`;
    case 'pause-end':
      return `pause ended by ${event.by.name}`;
    case 'command':
      return `${event.command} asked for by ${event.by.name}${event.reason === undefined ? '' : `: ${event.reason}`}`;
    case 'attempt-start':
      return `attempt ${event.number} of ${event.of}: back to ${formatRevision(event.revision)}`;
    case 'attempt-end':
      return `attempt ${event.number} of ${event.of} failed: ${formatAttempt(event.attempt)}`;
    case 'rollback-start':
      return `going back: ${formatCause(event.cause)}`;
    case 'events-compacted':
      return `events ${event.from} to ${event.to} made room in the journal`;
    case 'listener-error':
      return `a listener of ${event.listener} failed: ${event.message}`;
    case 'rollout-end':
      return formatOutcome(event.outcome);
  }
}
