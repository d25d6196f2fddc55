/** How an app answered so many requests. JSON; times in ms. */
export interface Baseline {
  /** Of the revision that answered. */
  readonly hash: string;
  readonly images: readonly string[];
  /** ISO 8601 UTC. */
  readonly at: string;
  /** Whom it was asked through: figures of different ways are not compared. */
  readonly via: 'platform' | 'url';
  readonly path: string;
  readonly requests: number;
  /** At a time. */
  readonly concurrency: number;
  /** No answer, or a status of 500 and above. */
  readonly failed: number;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** How much worse is too much. */
export interface BaselineLimits {
  /** Percent that P50, P95 and P99 may rise. @default 25 */
  readonly slowerPercent?: number | undefined;
  /** Below this rise in ms nothing is called slower: it is noise. @default 10 */
  readonly slowerMs?: number | undefined;
  /** Percentage points that the share of failed requests may rise. @default 1 */
  readonly errorPoints?: number | undefined;
}

/** One baseline held against an older one. */
export interface BaselineComparison {
  readonly before: Baseline;
  readonly verdict: 'pass' | 'fail';
  /** What got worse by more than the limits; where nothing did, the change of P95. */
  readonly says: readonly string[];
}

/** The smallest value that so large a share of all are not above; 0 of none. Pure. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

/** Figures of answers, by their times. Pure. */
export function figuresOf(
  times: readonly number[],
  failed: number,
  seconds: number,
): Pick<Baseline, 'requests' | 'failed' | 'requestsPerSecond' | 'p50' | 'p95' | 'p99'> {
  const sorted = times.toSorted((a, b) => a - b);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => round(percentile(sorted, share))) as [number, number, number];
  return { requests: times.length, failed, requestsPerSecond: seconds > 0 ? round(times.length / seconds) : 0, p50, p95, p99 };
}

const errorPercent = ({ requests, failed }: Baseline): number => (requests === 0 ? 0 : (100 * failed) / requests);

/** What got worse. Pure. */
export function compareBaselines(
  before: Baseline,
  now: Baseline,
  { slowerPercent = 25, slowerMs = 10, errorPoints = 1 }: BaselineLimits = {},
): BaselineComparison {
  const slower = (['p50', 'p95', 'p99'] as const).flatMap((name) => {
    const [was, is] = [before[name], now[name]];
    if (is - was <= slowerMs || is <= was * (1 + slowerPercent / 100)) return [];
    return [`${name.toUpperCase()} rose from ${was} to ${is} ms, more than ${slowerPercent} % and ${slowerMs} ms`];
  });
  const points = errorPercent(now) - errorPercent(before);
  const failing =
    points > errorPoints ? [`${round(errorPercent(now))} % of requests failed, ${round(errorPercent(before))} % before: more than ${errorPoints} points`] : [];
  const worse = [...failing, ...slower];
  return {
    before,
    verdict: worse.length === 0 ? 'pass' : 'fail',
    says: worse.length === 0 ? [`P95 ${now.p95} ms, ${before.p95} ms before: within the limits`] : worse,
  };
}
