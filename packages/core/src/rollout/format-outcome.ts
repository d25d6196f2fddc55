import { formatApp } from '../words/app.js';
import { formatMs } from '../words/duration.js';
import { formatCause } from './format-cause.js';
import type { Attempt, Cause, Outcome } from './outcome.js';

/** A revision for people. */
export const formatRevision = (of: Outcome['to']): string => (of === undefined ? 'nothing' : `${of.images.join(', ') || of.hash} (${of.hash})`);

/** An attempt of a rollback that did not work, in one line. */
export const formatAttempt = ({ revision, cause, environment }: Attempt): string =>
  `${formatRevision(revision)}: ${formatCause(cause)}${environment === undefined ? '' : `; that is not the version (${environment})`}`;

/** An outcome as text for people. Takes one that came through JSON as well. */
export function formatOutcome(outcome: Outcome): string {
  const app = outcome.targets.map(formatApp).join(', ') || 'the app';
  const took = `after ${formatMs(outcome.ms)}`;
  switch (outcome.kind) {
    case 'succeeded':
      return outcome.changed
        ? [`succeeded: ${app} runs ${formatRevision(outcome.to)} ${took}`, ...attemptLines(outcome)].join('\n')
        : `succeeded: ${app} ran ${formatRevision(outcome.to)} already, nothing was done`;
    case 'rolled-back':
      return [
        `rolled back: ${app} runs ${formatRevision(outcome.from)} again ${took}`,
        `  cause: ${formatCause(outcome.cause)}`,
        ...(outcome.trafficBackMs === undefined ? [] : [`  traffic was back ${formatMs(outcome.trafficBackMs)} after the decision`]),
        ...detailLines(outcome),
      ].join('\n');
    case 'rollback-failed':
      return [
        `ROLLBACK FAILED: ${app} serves ${outcome.serving === 'mixed' ? 'both versions' : 'an unknown version'} ${took}`,
        ...(outcome.attempts === undefined ? [`  cause: ${formatCause(outcome.cause)}`] : attemptLines(outcome)),
        `  then: ${outcome.error.message}`,
        `  fix: ${outcome.error.remedy}`,
      ].join('\n');
    case 'failed-untouched':
      return [`not started: ${outcome.error.message}`, `  fix: ${outcome.error.remedy}`, `  more: ${outcome.error.docs}`].join('\n');
    case 'superseded':
      return `superseded by ${outcome.by}`;
    case 'paused':
      return [`paused by ${outcome.by.name} until ${outcome.until}: ${outcome.reason}`, ...goOn(outcome)].join('\n');
    case 'lock-lost':
      return `another process drives ${outcome.rolloutId} now; this one stopped writing`;
    case 'detached':
      return [`left ${outcome.rolloutId} to whoever resumes it`, ...goOn(outcome)].join('\n');
  }
}

const attemptLines = ({ attempts = [] }: Outcome): readonly string[] => attempts.map((attempt) => `  tried: ${formatAttempt(attempt)}`);

/** Where it may stand, and where somebody must come (RR CR-4). */
const goOn = ({ rolloutId, unwatchedDeadline }: Extract<Outcome, { kind: 'paused' | 'detached' }>): readonly string[] => [
  `  go on: shepherd resume ${rolloutId}`,
  `  take it back: shepherd abort ${rolloutId}`,
  unwatchedDeadline === undefined
    ? '  nobody need watch it meanwhile'
    : `  the new version has traffic: unless somebody drives it by ${unwatchedDeadline}, whoever recovers, or the watchdog, takes it back`,
];

/** What mends it, and the last words of the container. */
function detailLines({ cause }: Extract<Outcome, { kind: 'rolled-back' }>): readonly string[] {
  const found = 'found' in cause ? cause.found : undefined;
  const fix = found === undefined ? [] : [`  fix: ${found.fix}`];
  return [...fix, ...lastWords(cause)];
}

function lastWords(cause: Cause): readonly string[] {
  if (cause.kind !== 'step' || cause.error.code !== 'ERR_POD_DOOMED') return [];
  return cause.error.facts.log.slice(-5).map((line) => `  | ${line}`);
}
