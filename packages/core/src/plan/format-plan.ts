import { formatApp } from '../words/app.js';
import { formatMs } from '../words/duration.js';
import { assumptionLine } from './make-plan.js';
import type { Plan } from './plan.js';
import { assumed } from './simulate-steps.js';

/** A plan as text for people: each step with traffic, pods, time, and the time to go back from it. Takes a plan that came through JSON as well. */
export function formatPlan(plan: Plan): string {
  const head = `plan ${plan.hash} for ${plan.targets.map(formatApp).join(', ')}`;
  const warnings = plan.warnings.map(({ level, message, fix }) => `${level}: ${message}\n  fix: ${fix}`);
  if (!plan.changes) return [head, 'nothing to do: this release runs already', ...warnings].join('\n');
  const rows = plan.steps.map(({ text, weight, pods, shortestMs, longestMs, rollbackMs }, index) => [
    `${index + 1}`,
    text,
    `${weight} %`,
    `${pods.stable} + ${pods.candidate}`,
    shortestMs === longestMs ? formatMs(shortestMs) : `${formatMs(shortestMs)} … ${formatMs(longestMs)}`,
    rollbackMs === 0 ? 'at once' : formatMs(rollbackMs),
  ]);
  const { shortestMs, longestMs, rollbackMs, peakPods, worstExposure } = plan.estimate;
  return [
    head,
    '',
    ...columns([['', 'step', 'traffic', 'stable + candidate', 'takes', 'back in'], ...rows]),
    '',
    `takes ${formatMs(shortestMs)} to ${formatMs(longestMs)}; at most ${peakPods} pods; back within ${formatMs(rollbackMs)} from any step`,
    `worst exposure before promotion: ${worstExposure.percent} % of requests for ${worstExposure.minutes} min`,
    assumptionLine(assumed.podReadyMs),
    ...(plan.notes ?? []),
    ...warnings,
  ].join('\n');
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
