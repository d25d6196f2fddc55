import { formatApp } from '../words/app.js';
import type { FoundCause } from './cause.js';
import type { DiagnosisReport, Unread } from './report.js';

const indented = (text: string, by: string): string => text.split('\n').join(`\n${by}`);

/** A report for people: what is wrong, how it is known, what to do next. Pure. */
export function formatDiagnosis({ app, state, pods, causes, findings, unread, ms }: DiagnosisReport): string {
  return [
    `${formatApp(app)} is ${state}: ${pods.ready} of ${pods.wanted} pods ready`,
    ...causes.flatMap((cause, index) => causeLines(cause, index, causes.length)),
    ...findings.flatMap(({ title, lines }) => (lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)])),
    ...(unread.length === 0 ? [] : ['', 'not read', ...unread.map((each) => `  ${unreadLine(each)}`)]),
    '',
    `looked for ${(ms / 1_000).toFixed(1)} s; nothing was changed`,
  ].join('\n');
}

function causeLines({ code, class: kind, object, summary, evidence, confidence, fix, next }: FoundCause, index: number, of: number): readonly string[] {
  const number = of === 1 ? '' : `${index + 1}. `;
  const by = ' '.repeat(number.length + 2);
  return [
    '',
    `${number}${code}${kind === 'none' ? '' : ` (${kind}, ${confidence})`}: ${object}`,
    `${by}${indented(summary, by)}`,
    ...evidence.flatMap((each) => [`${by}- ${indented(each.summary, `${by}    `)}`, `${by}    see: ${each.check}`]),
    ...(code === 'healthy' ? [] : [`${by}fix:  ${indented(fix, by)}`]),
    `${by}next: ${next}`,
  ];
}

const reasons: Readonly<Record<string, string>> = { forbidden: 'not allowed', timeout: 'no answer in time', failed: 'failed' };

const unreadLine = ({ what, reason, right, message }: Unread): string =>
  `${what}: ${reasons[reason] ?? reason}${right === undefined ? '' : `, the right to ${right} is missing`}${message === undefined ? '' : ` (${message})`}`;
