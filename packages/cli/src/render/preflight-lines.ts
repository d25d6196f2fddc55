import type { Finding } from '@shepherd/core';
import { painted, type Style } from './paint.js';

const heads = [
  ['error', 'errors: a deploy would be refused or fail', 'bad'],
  ['warning', 'warnings', 'warn'],
  ['note', 'looked at', 'good'],
] as const satisfies readonly (readonly [Finding['level'], string, Style])[];

interface Look {
  readonly columns?: number | undefined;
  readonly colour?: boolean | undefined;
}

/** What was found, grouped by level: what, where, what to do. */
export function preflightLines(app: string, findings: readonly Finding[], { columns = 160, colour = false }: Look = {}): readonly string[] {
  const groups = heads.flatMap(([level, title, style]) => {
    const own = findings.filter((finding) => finding.level === level);
    if (own.length === 0) return [];
    return ['', colour ? painted(title, style) : title, ...own.flatMap((finding) => linesOf(finding, columns))];
  });
  const [errors, warnings] = (['error', 'warning'] as const).map((level) => findings.filter((finding) => finding.level === level).length);
  const sum = [count(errors, 'error'), count(warnings, 'warning')].join(', ');
  return [`preflight of ${app}`, ...groups, '', `${sum}; nothing was changed`];
}

const count = (number: number | undefined, word: string): string => `${number ?? 0} ${word}${number === 1 ? '' : 's'}`;

function linesOf({ id, level, object, path, message, fix }: Finding, columns: number): readonly string[] {
  const where = [object, path].filter((part) => part !== undefined).join(' ');
  return [
    ...wrapped(`  ${id}  ${message}`, columns, '      '),
    ...(level === 'note' || where === '' ? [] : wrapped(`      at:  ${where}`, columns, '           ')),
    ...(level === 'note' ? [] : wrapped(`      fix: ${fix}`, columns, '           ')),
  ];
}

/** Broken at spaces into lines that fit. */
function wrapped(line: string, columns: number, hang: string): readonly string[] {
  if (line.length <= columns) return [line];
  const at = line.lastIndexOf(' ', columns);
  if (line.slice(0, at).trim() === '') return [line];
  return [line.slice(0, at), ...wrapped(`${hang}${line.slice(at + 1)}`, columns, hang)];
}
