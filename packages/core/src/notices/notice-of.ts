import { isRollback, type RolloutRecord } from '../engine/record.js';
import type { RolloutEvent } from '../events/event.js';
import { remedyText } from '../remedies/request.js';
import { formatCause } from '../rollout/format-cause.js';
import type { Outcome } from '../rollout/outcome.js';
import { formatMs } from '../words/duration.js';
import type { Revision } from '../words/revision.js';
import { clean } from './clean.js';
import type { NoticeContent } from './outbox.js';

type Fact = NoticeContent['facts'][number];

/** What a notice says of itself; the rest follows from the event. */
interface Said extends Pick<NoticeContent, 'type' | 'severity' | 'title'> {
  readonly terminal?: boolean;
  readonly text?: string | undefined;
  readonly facts?: readonly Fact[];
}

const longest = { title: 150, text: 600, key: 40, value: 200, href: 500 } as const;
const mostFacts = 10;

/** Of those that call people (EC 3), so that they know why they are called. */
const rollbackFails: Fact = { key: 'rule', value: 'E2: rollback attempts fail' };

/** The notice that an event is, if it is one (types and severities: EC 1). `record`: as it is stored with the event. */
export function noticeOf(record: RolloutRecord, event: RolloutEvent): NoticeContent | undefined {
  const said = event.transient ? undefined : saidBy(record, event);
  if (said === undefined) return undefined;
  const { type, severity, terminal = false } = said;
  const facts = [...(said.facts ?? []), ...factsOf(record)].filter(({ value }) => value !== '').slice(0, mostFacts);
  return {
    rolloutId: record.id,
    sequence: event.sequence,
    type,
    severity,
    terminal,
    at: event.at,
    title: clean(`${record.apps[0].name}: ${said.title}`, longest.title).replaceAll('\n', ' '),
    text: clean(said.text ?? '', longest.text),
    facts: facts.map(({ key, value }) => ({ key: clean(key, longest.key), value: clean(value, longest.value) })),
    links: linksOf(record),
  };
}

const versionOf = (revision: Revision | undefined): string => (revision === undefined ? '' : revision.images.join(', ') || revision.hash);

const whatOf = ({ request: { remedy }, to }: RolloutRecord): string => (remedy === undefined ? `release of ${versionOf(to)}` : remedyText(remedy));

function saidBy(record: RolloutRecord, event: RolloutEvent): Said | undefined {
  switch (event.type) {
    case 'rollout-start':
      return isRollback(record)
        ? { type: 'rollback.started', severity: 'error', title: `rollback to ${versionOf(record.to)} starts`, text: record.request.reason }
        : { type: 'deploy.started', severity: 'info', title: `${whatOf(record)} starts`, text: record.request.reason };
    case 'step-end':
      return stepEnd(record, event);
    case 'weight-change':
      return {
        type: 'deploy.traffic_shifted',
        severity: 'info',
        title: `traffic ${event.from} % → ${event.to} %`,
        text: event.to === event.asked ? '' : `asked for ${event.asked} %`,
      };
    case 'gate-hold':
      return { type: 'deploy.paused', severity: 'warning', title: `held by ${event.gate} until ${event.until}`, text: event.reason };
    case 'gate-end':
      return event.decision.kind === 'proceed' && event.decision.overridden !== undefined
        ? { type: 'window.overridden', severity: 'warning', title: `${event.gate} was overridden`, text: event.decision.overridden }
        : undefined;
    case 'approval-request':
      return {
        type: 'deploy.approval_required',
        severity: 'warning',
        title: `waits for approval until ${event.until}`,
        text: event.message,
        facts: [{ key: 'without an answer', value: event.onTimeout }],
      };
    case 'pause-start':
      return { type: 'deploy.paused', severity: 'warning', title: `paused by ${event.by.name} until ${event.until}`, text: event.reason };
    case 'attempt-end': {
      const { number, of, attempt } = event;
      return {
        type: 'rollback.attempt_failed',
        severity: 'error',
        title: `attempt ${number} of ${of} to go back, to ${versionOf(attempt.revision)}, failed`,
        text: formatCause(attempt.cause),
        facts: [rollbackFails],
      };
    }
    case 'rollback-start':
      return { type: 'rollback.started', severity: 'error', title: 'going back', text: formatCause(event.cause) };
    case 'rollout-end':
      return endOf(record, event.outcome);
    default:
      return undefined;
  }
}

function stepEnd({ phase, events }: RolloutRecord, { index, verdict, ms }: RolloutEvent<'step-end'>): Said | undefined {
  const start = events.findLast((each): each is RolloutEvent<'step-start'> => each.type === 'step-start' && each.index === index);
  const name = start?.text ?? `step ${index + 1}`;
  const of = start === undefined ? `${index + 1}` : `${index + 1}/${start.of}`;
  if (verdict.kind === 'pass')
    return { type: 'deploy.step_completed', severity: 'info', title: `[${of}] ${name}: done in ${formatMs(ms)}`, text: verdict.evidence?.summary };
  if (phase === 'back')
    return {
      type: 'rollback.attempt_failed',
      severity: 'error',
      title: `going back, [${of}] ${name}: ${verdict.kind}`,
      text: verdict.reason,
      facts: [rollbackFails],
    };
  // What another step finds is said by what comes of it: a way back, a pause, the end.
  if (start?.step.kind !== 'analyse') return undefined;
  return verdict.kind === 'inconclusive'
    ? { type: 'deploy.analysis_inconclusive', severity: 'warning', title: `[${of}] ${name}: inconclusive`, text: verdict.reason }
    : { type: 'deploy.analysis_failed', severity: 'error', title: `[${of}] ${name}: ${verdict.kind}`, text: verdict.reason };
}

function endOf(record: RolloutRecord, outcome: Outcome): Said | undefined {
  const took: Fact = { key: 'after', value: formatMs(outcome.ms) };
  const end = (type: string, severity: Said['severity'], title: string, text?: string, facts: readonly Fact[] = []): Said => ({
    type,
    severity,
    title,
    text,
    terminal: true,
    facts: [...facts, took],
  });
  switch (outcome.kind) {
    case 'succeeded':
      return isRollback(record)
        ? end('rollback.succeeded', 'warning', `rolled back to ${versionOf(outcome.to)}`)
        : end('deploy.succeeded', 'info', record.request.remedy === undefined ? `${versionOf(outcome.to)} is released` : `${whatOf(record)} is done`);
    case 'rolled-back': {
      const title = `${versionOf(outcome.from) || 'the version before'} serves again, ${versionOf(outcome.to)} was taken back`;
      const back = outcome.trafficBackMs;
      const facts = back === undefined ? [] : [{ key: 'traffic was back', value: `${formatMs(back)} after the decision` }];
      if (isRollback(record)) return end('rollback.failed', 'critical', title, formatCause(outcome.cause), [rollbackFails, ...facts]);
      return outcome.cause.kind === 'abort'
        ? end('deploy.aborted', 'warning', title, formatCause(outcome.cause), facts)
        : end('rollback.succeeded', 'warning', title, formatCause(outcome.cause), facts);
    }
    case 'rollback-failed':
      return end(
        'rollback.failed',
        'critical',
        outcome.serving === 'mixed' ? 'the way back failed: both versions serve' : 'the way back failed: which version serves is not known',
        `${(outcome.attempts ?? []).map((attempt) => `${versionOf(attempt.revision)}: ${formatCause(attempt.cause)}\n`).join('') || `${formatCause(outcome.cause)}\n`}then: ${outcome.error.message}\nfix: ${outcome.error.remedy}`,
        [rollbackFails],
      );
    case 'failed-untouched':
      return outcome.error.code === 'ERR_GATE_CLOSED'
        ? end('deploy.blocked', 'warning', 'a gate is closed, nothing was changed', outcome.error.message)
        : end('deploy.failed', 'error', 'not started, nothing was changed', outcome.error.message);
    case 'superseded':
      return end('deploy.superseded', 'info', `superseded by ${outcome.by}`);
    default:
      return undefined;
  }
}

const factsOf = ({ id, apps: [app], by, from, to, request }: RolloutRecord): readonly Fact[] => [
  { key: 'app', value: `${app.cluster}/${app.namespace}/${app.name}` },
  { key: 'from', value: versionOf(from) },
  { key: 'to', value: versionOf(to) },
  { key: 'strategy', value: request.release === undefined ? 'rollback' : (request.strategy?.kind ?? '') },
  { key: 'by', value: by.name },
  { key: 'rollout', value: id },
];

function linksOf({ by: { name, url } }: RolloutRecord): NoticeContent['links'] {
  const href = url === undefined ? undefined : clean(url, longest.href);
  return href !== undefined && /^https?:\/\/[^\s@]+$/.test(href) && !href.includes('***') ? [{ href, text: clean(name, longest.key) }] : [];
}
