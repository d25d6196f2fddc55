import { formatMs, type Plan } from '@shepherd/core';
import type { WindowState } from '@shepherd/core/gates';
import type { Suggestion } from '../suggest.js';

/** What a person should know beside a plan: a strategy that fits better, and how the maintenance windows stand. */
export function adviceLines(plan: Plan, planned: string, suggestion: Suggestion | undefined, windows: WindowState | undefined, now: Date): readonly string[] {
  return [
    ...(suggestion === undefined || !plan.changes ? [] : [suggestionLine(suggestion, planned)]),
    ...(windows === undefined ? [] : [windowLine(windows, plan, now)]),
  ];
}

const suggestionLine = ({ strategy, why }: Suggestion, planned: string): string =>
  strategy === planned
    ? `suggestion: ${strategy}, as planned: ${why}`
    : `suggestion: ${strategy}, since ${why}; planned is ${planned} (--strategy ${strategy} changes that)`;

function windowLine({ state, reason, nextClose }: WindowState, { estimate: { shortestMs } }: Plan, now: Date): string {
  if (state === 'closed') return `windows: closed now: ${reason ?? ''}`;
  if (nextClose === undefined) return 'windows: open';
  const late = now.getTime() + shortestMs > Date.parse(nextClose);
  return `windows: open until ${nextClose}${late ? `, sooner than this rollout ends (${formatMs(shortestMs)} or more)` : ''}`;
}
