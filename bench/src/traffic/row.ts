import type { LoadReport } from '@shepherd/sandbox/load';
import type { ReleaseName, RolledOut, StrategyName } from '../lab/index.js';

/** One rollout as one kind of client saw it. Where a figure does not apply it is null. */
export interface TrafficRow {
  readonly strategy: StrategyName;
  readonly release: ReleaseName;
  readonly keepAlive: boolean;
  readonly outcome: string;
  /** That these figures are of: requests and failures are summed, times are medians, pods the most. */
  readonly rollouts: number;
  readonly requests: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly slow: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly seconds: number;
  readonly peakPods: number;
  /** With those that were ending. */
  readonly peakPodsWithEnding: number;
  readonly plannedPeakPods: number | null;
  readonly apiWrites: number;
  readonly rollbackSeconds: number | null;
  readonly kubectlSeconds: number | null;
  /** Blue/green: from the start of the switch to the last new connection on the old version. */
  readonly switchSeconds: number | null;
  /** Doomed releases: from the API's first word of it to the decision. */
  readonly recognisedSeconds: number | null;
  /** How late the client itself was at worst: the noise of this machine. */
  readonly clientLateMs: number;
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
export const round = (value: number, digits = 3): number => Number(value.toFixed(digits));
export const orNull = (value: number | undefined): number | null => (value === undefined ? null : round(value));

export const sumFailures = (reports: readonly LoadReport[]): Readonly<Record<string, number>> => {
  const sums: Record<string, number> = {};
  for (const { failures } of reports) for (const [kind, count] of Object.entries(failures)) sums[kind] = (sums[kind] ?? 0) + count;
  return sums;
};

/** Sums of several loads; latencies are the worst of them. */
export function sumLoads(reports: readonly LoadReport[]): Pick<TrafficRow, 'requests' | 'failed' | 'failures' | 'slow' | 'p50Ms' | 'p99Ms' | 'clientLateMs'> {
  const sum = (of: (report: LoadReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const most = (of: (report: LoadReport) => number): number => round(Math.max(...reports.map(of)), 1);
  return {
    requests: sum((report) => report.requests),
    failed: sum((report) => report.failed),
    failures: sumFailures(reports),
    slow: sum((report) => report.slow),
    p50Ms: most((report) => report.p50Ms),
    p99Ms: most((report) => report.p99Ms),
    clientLateMs: most((report) => report.clientLateMs),
  };
}

/** Two rows: fresh connections and kept ones. */
export function rowsOf(
  strategy: StrategyName,
  release: ReleaseName,
  runs: readonly [RolledOut, ...RolledOut[]],
  kubectlSeconds: number | null = null,
): readonly TrafficRow[] {
  const [first] = runs;
  const outcomes = [...new Set(runs.map(({ outcome }) => outcome.kind))];
  return ([false, true] as const).map((keepAlive) => ({
    strategy,
    release,
    keepAlive,
    outcome: outcomes.join(', '),
    rollouts: runs.length,
    ...sumLoads(runs.map(({ traffic }) => (keepAlive ? traffic.kept : traffic.fresh))),
    seconds: round(median(runs.map(({ seconds }) => seconds))),
    peakPods: Math.max(...runs.map(({ pods }) => pods.peak)),
    peakPodsWithEnding: Math.max(...runs.map(({ pods }) => pods.peakWithEnding)),
    plannedPeakPods: first.plan?.estimate.peakPods ?? null,
    apiWrites: median(runs.map(({ apiWrites }) => apiWrites)),
    rollbackSeconds: strategy === 'rolling' ? null : orNull(first.rollbackSeconds),
    kubectlSeconds,
    switchSeconds: strategy === 'blue-green' && first.outcome.kind === 'succeeded' ? orNull(first.switchSeconds) : null,
    recognisedSeconds: orNull(first.recognisedSeconds),
  }));
}
