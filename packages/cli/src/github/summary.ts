import {
  type ErrorInfo,
  type Finding,
  formatApp,
  formatCause,
  formatMs,
  formatPlan,
  type Outcome,
  type Plan,
  type RolloutEvent,
  type Undelivered,
} from '@shepherd/core';
import type { Verification } from '@shepherd/core/verification';
import type { EvidenceRecord, StepRecord } from '../ledger.js';
import { code, inline, table } from './markdown.js';

/** Of one step of a job GitHub shows 1 MiB and drops more than that whole. */
const longestBytes = 900_000;

/** What one command came to, as far as it is known. */
export interface Told {
  readonly start?: RolloutEvent<'rollout-start'> | undefined;
  readonly steps: readonly StepRecord[];
  readonly evidence: readonly EvidenceRecord[];
  readonly outcome?: Outcome | undefined;
  readonly undelivered: readonly Undelivered[];
  readonly findings: readonly Finding[];
  /** A plan that was not run. */
  readonly plan?: Plan | undefined;
  readonly verification?: Verification | undefined;
  readonly error?: ErrorInfo | undefined;
  readonly exitCode: number;
  readonly links: readonly { readonly text: string; readonly href: string }[];
}

/** The result, the steps, what was found, how to undo it: the page of a job's summary. Pure. */
export function summaryOf(told: Told): string {
  const parts = [
    head(told),
    facts(told),
    stepTable(told),
    planText(told),
    checkTable(told),
    findingTable(told),
    undeliveredTable(told),
    goOn(told),
    links(told),
  ];
  return cut(
    `${parts
      .filter((lines) => lines.length > 0)
      .flat()
      .join('\n')}\n`,
  );
}

function head({ outcome, start, plan, verification, error, exitCode }: Told): readonly string[] {
  const app = outcome?.targets[0] ?? start?.app ?? plan?.targets[0] ?? verification?.app;
  const name = app === undefined ? 'shepherd' : app.name;
  return [`## ${inline(name)}: ${inline(titleOf(outcome, { plan, verification, error, exitCode }))}`, ''];
}

function titleOf(outcome: Outcome | undefined, { plan, verification, error, exitCode }: Pick<Told, 'plan' | 'verification' | 'error' | 'exitCode'>): string {
  if (outcome !== undefined) return outcome.kind === 'succeeded' && !outcome.changed ? 'runs this release already' : outcome.kind.replaceAll('-', ' ');
  if (error !== undefined) return `not started (${error.code})`;
  if (plan !== undefined) return plan.changes ? 'plan, nothing was changed' : 'plan: nothing to do';
  if (verification !== undefined) return verification.passed ? 'verified' : 'not as it should be';
  return exitCode === 0 ? 'done' : `ended with exit code ${exitCode}`;
}

function facts({ outcome, start, error }: Told): readonly string[] {
  const rows: (readonly [string, string])[] = [];
  const add = (key: string, value: string | undefined): void => void (value === undefined || value === '' ? undefined : rows.push([key, value]));
  const revision = (of: Outcome['to']): string | undefined => (of === undefined ? undefined : `${code(of.images.join(', ') || of.hash)} (${code(of.hash)})`);
  const app = outcome?.targets[0] ?? start?.app;
  add('app', app === undefined ? undefined : code(formatApp(app)));
  if (outcome !== undefined) {
    add('before', revision(outcome.from));
    add('asked for', revision(outcome.to));
    add('serving now', outcome.final ? inline(outcome.serving) : undefined);
    add('took', timeText(outcome.ms));
    add('cause', 'cause' in outcome ? inline(formatCause(outcome.cause)) : undefined);
    add('traffic back after', outcome.kind === 'rolled-back' ? timeText(outcome.trafficBackMs) : undefined);
    add('reason', 'reason' in outcome ? inline(outcome.reason) : undefined);
    add('rollout', outcome.rolloutId === '' ? undefined : code(outcome.rolloutId));
  }
  add('asked for by', start === undefined ? undefined : inline(start.by.name));
  add('because', start?.reason === undefined ? undefined : inline(start.reason));
  const failed = outcome !== undefined && 'error' in outcome ? outcome.error : error;
  add('error', failed === undefined ? undefined : `${code(failed.code)} ${inline(failed.message, 2_000)}`);
  add('fix', failed === undefined ? undefined : inline(failed.remedy, 2_000));
  return table(['', ''], rows);
}

function stepTable({ steps, evidence, start, outcome }: Told): readonly string[] {
  if (steps.length === 0) return [];
  const percent = (value: number | undefined): string => (value === undefined ? '' : `${value} %`);
  const ran = steps.map((step, at) => [
    String(at + 1),
    `${step.direction === 'back' ? 'way back: ' : ''}${inline(step.text)}`,
    percent(step.asked),
    percent(step.weight),
    timeText(step.ms),
    inline(verdictText(step, evidence)),
  ]);
  // Of a plan that was gone through as it stands.
  const straight = steps.every(({ direction, index }, at) => direction === 'forward' && index === at) && outcome?.attempts === undefined;
  const open = straight ? (start?.plan.steps.slice(steps.length) ?? []) : [];
  const rest = open.map(({ step, text }) => ['', inline(text), step.kind === 'shift' ? percent(step.weight) : '', '', '', 'not begun']);
  return ['### Steps', '', ...table(['', 'step', 'asked', 'real', 'time', 'verdict'], [...ran, ...rest])];
}

function verdictText({ direction, index, verdict, reason }: StepRecord, evidence: readonly EvidenceRecord[]): string {
  if (verdict === undefined) return 'cut short';
  if (verdict !== 'pass') return `${verdict}: ${reason ?? ''}`;
  const seen = evidence.findLast((each) => each.direction === direction && each.step === index && each.verdict === verdict);
  return seen === undefined ? 'pass' : `pass: ${seen.summary}`;
}

const timeText = (ms: number | undefined): string => (ms === undefined ? '' : formatMs(ms));

const planText = ({ plan }: Told): readonly string[] =>
  plan === undefined ? [] : ['### Plan', '', '```text', formatPlan(plan).replaceAll('```', "'''"), '```', ''];

function checkTable({ verification }: Told): readonly string[] {
  if (verification === undefined) return [];
  const rows = verification.checks.map(({ use, text, verdict, says }) => [code(use), inline(text), inline(verdict), inline(says)]);
  return ['### Checks', '', ...table(['check', 'what', 'verdict', 'says'], rows)];
}

function findingTable({ findings }: Told): readonly string[] {
  const shown = findings.filter(({ level }) => level !== 'note');
  if (shown.length === 0) return [];
  const rows = shown.map(({ id, level, object, path, message, fix }) => [
    level,
    code(id),
    [object, path].flatMap((part) => (part === undefined ? [] : [code(part)])).join(' '),
    inline(message),
    inline(fix),
  ]);
  return ['### Lint', '', ...table(['level', 'rule', 'where', 'what', 'fix'], rows)];
}

function undeliveredTable({ undelivered }: Told): readonly string[] {
  if (undelivered.length === 0) return [];
  const rows = undelivered.map(({ notifier, type, title, attempts, why }) => [inline(notifier), code(type), inline(title), String(attempts), inline(why)]);
  return [
    '### Not delivered yet',
    '',
    'They stay in the journal, and go out by `shepherd notify flush`.',
    '',
    ...table(['channel', 'notice', 'title', 'attempts', 'why'], rows),
  ];
}

/** What a person would type next. */
function goOn({ outcome, start }: Told): readonly string[] {
  const app = outcome?.targets[0] ?? start?.app;
  const commands = app === undefined ? [] : commandsAfter(outcome, app.name, app.namespace, outcome?.rolloutId ?? start?.rolloutId ?? '');
  return commands.length === 0 ? [] : [`### ${outcome?.final === true ? 'Undo' : 'Go on'}`, '', '```bash', ...commands, '```', ''];
}

function commandsAfter(outcome: Outcome | undefined, app: string, namespace: string, rolloutId: string): readonly string[] {
  if (outcome === undefined || !outcome.final) {
    if (outcome?.kind === 'lock-lost') return [`shepherd watch ${rolloutId}`];
    return [`shepherd resume ${rolloutId}  # go on from where it stands`, `shepherd abort ${rolloutId}   # take it back`];
  }
  if (outcome.kind !== 'succeeded' || !outcome.changed || outcome.from === undefined) return [];
  return [`shepherd rollback ${app} -n ${namespace} --to ${outcome.from.hash} --reason "…"`];
}

const links = ({ links: all, outcome, error }: Told): readonly string[] => {
  const failed = outcome !== undefined && 'error' in outcome ? outcome.error : error;
  const shown = [...all, ...(failed === undefined ? [] : [{ text: `about ${failed.code}`, href: failed.docs }])];
  return shown.length === 0 ? [] : [shown.map(({ text, href }) => `[${inline(text)}](${encodeURI(href)})`).join(' · '), ''];
};

/** Whole lines from the start, and a word about the rest. */
function cut(text: string): string {
  if (Buffer.byteLength(text) <= longestBytes) return text;
  const note = '\n… the rest is cut: it is too long for a summary, and stands in the report\n';
  const room = Buffer.from(text)
    .subarray(0, longestBytes - Buffer.byteLength(note))
    .toString('utf8');
  return `${room.slice(0, room.lastIndexOf('\n'))}\n${note}`;
}
