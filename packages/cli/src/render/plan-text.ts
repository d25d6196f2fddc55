import { formatMs, formatPlan, type Plan } from '@shepherd/core';
import { cut } from './paint.js';
import { table } from './table.js';

/** A plan for a screen of so many columns: as core prints it where that fits, else with fewer columns and wrapped lines. */
export function planText(plan: Plan, columns: number | undefined): string {
  const full = formatPlan(plan);
  const lines = full.split('\n');
  if (columns === undefined || lines.every((line) => line.length <= columns)) return full;
  const from = lines.findIndex((line) => /^ *step {2}/.test(line));
  const rows = from < 0 ? [] : narrowRows(plan, columns);
  const before = from < 0 ? lines : lines.slice(0, from);
  const after = from < 0 ? [] : lines.slice(from + 1 + plan.steps.length);
  return [...before.flatMap((line) => wrapped(line, columns)), ...rows, ...after.flatMap((line) => wrapped(line, columns))].join('\n');
}

function narrowRows({ steps }: Plan, columns: number): readonly string[] {
  const cells = steps.map(({ text, weight, pods, shortestMs }, index) => [
    String(index + 1),
    text,
    `${weight} %`,
    `${pods.stable} + ${pods.candidate}`,
    `≥ ${formatMs(shortestMs)}`,
  ]);
  const rows = [['', 'step', 'traffic', 'pods', 'takes'], ...cells];
  const others = Math.max(...table(rows.map((row) => row.filter((_, column) => column !== 1))).map((line) => line.length));
  const room = Math.max(12, columns - others - 2);
  return table(
    rows.map((row) => row.map((cell, column) => (column === 1 ? cut(cell, room) : cell))),
    [0],
  );
}

/** A line in pieces that fit, broken at spaces; all that follow stand two columns further in than the first. */
function wrapped(line: string, columns: number, hang = `${/^ */.exec(line)?.[0] ?? ''}  `): readonly string[] {
  if (line.length <= columns) return [line];
  const at = line.lastIndexOf(' ', columns);
  if (line.slice(0, at).trim() === '') return [line];
  return [line.slice(0, at), ...wrapped(`${hang}${line.slice(at + 1)}`, columns, hang)];
}
