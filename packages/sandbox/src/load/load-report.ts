import type { Answer, LoadReport } from './load-options.js';

const quantile = (sorted: readonly number[], share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
const count = (keys: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
};

/** Sums answers up; latencies are of the requests that were answered 2xx in time. */
export function loadReport(answers: readonly Answer[], { slowMs, clientLateMs }: { readonly slowMs: number; readonly clientLateMs: number }): LoadReport {
  const good = answers.filter((answer) => answer.failure === undefined);
  const latencies = good.map((answer) => answer.done - answer.due).toSorted((a, b) => a - b);
  return {
    requests: answers.length,
    failed: answers.length - good.length,
    failures: count(answers.flatMap((answer) => answer.failure ?? [])),
    slow: latencies.filter((ms) => ms > slowMs).length,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    byVersion: count(good.flatMap((answer) => answer.version ?? [])),
    connections: answers.filter((answer) => answer.connected !== undefined).length,
    clientLateMs,
    answers: answers.toSorted((a, b) => a.due - b.due),
  };
}

/** When the last connection was opened that this version answered on (ms since 1970); undefined if none was. Kept connections live on and do not count. */
export function lastNewConnection(answers: readonly Answer[], version: string): number | undefined {
  const opened = answers.flatMap((answer) => (answer.version === version && answer.connected !== undefined ? [answer.connected] : []));
  return opened.length === 0 ? undefined : opened.reduce((a, b) => Math.max(a, b));
}
