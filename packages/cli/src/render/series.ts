import { formatMs } from '@shepherd/core';
import type { Row } from './paint.js';

/** What one poll of the metrics saw. Shares are 0–1, latencies ms; undefined: no request, or not read. `new` is the version that is judged. */
export interface Point {
  readonly at: string;
  readonly errors: Pair;
  readonly p99: Pair;
}

interface Pair {
  readonly new: number | undefined;
  readonly old: number | undefined;
}

/** As many points as a terminal has room for. */
const kept = 60;

interface PollData {
  readonly poll?: {
    readonly at: string;
    readonly counts: { readonly [K in 'candidate' | 'stable']: { readonly requests: number; readonly errors: number } };
    readonly slow?: readonly { readonly [K in 'candidate' | 'stable']: number }[];
  };
  /** In seconds, lowest first, in the order of `slow`. */
  readonly bounds?: readonly number[];
}

/** The points so far and what the running step says; the same poll counts once. Pure. */
export function withPoint(points: readonly Point[], data: unknown): readonly Point[] {
  const { poll, bounds = [] } = (data ?? {}) as PollData;
  if (poll === undefined || poll.at === points.at(-1)?.at) return points;
  const { candidate, stable } = poll.counts;
  const share = (of: typeof candidate): number | undefined => (of.requests > 0 ? of.errors / of.requests : undefined);
  const slow = (track: 'candidate' | 'stable'): number | undefined =>
    quantile(
      bounds,
      (poll.slow ?? []).map((each) => each[track]),
      poll.counts[track].requests,
    );
  const point: Point = {
    at: poll.at,
    errors: { new: share(candidate), old: share(stable) },
    p99: { new: slow('candidate'), old: slow('stable') },
  };
  return [...points.slice(1 - kept), point];
}

/**
 * P99 in ms from how many requests were slower than each bound, linear between two bounds, as Prometheus' `histogram_quantile` does. Where more than one in a
 * hundred was slower than the highest bound, that bound: it is at least so much.
 */
export function quantile(bounds: readonly number[], slow: readonly number[], requests: number): number | undefined {
  if (bounds.length === 0 || slow.length !== bounds.length || requests <= 0) return undefined;
  let [below, shareBelow] = [0, 1];
  for (const [index, bound] of bounds.entries()) {
    const share = (slow[index] ?? 0) / requests;
    if (share <= 0.01) return 1_000 * (below + (bound - below) * (shareBelow > share ? (shareBelow - 0.01) / (shareBelow - share) : 1));
    [below, shareBelow] = [bound, share];
  }
  return 1_000 * below;
}

const blocks = '▁▂▃▄▅▆▇█';

/** One character a value, the highest of them at the top, 0 at the bottom; a gap where there is none. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const top = Math.max(...values.map((value) => value ?? 0), 0);
  return values.map((value) => (value === undefined ? ' ' : (blocks[top === 0 ? 0 : Math.min(7, Math.floor((value / top) * 8))] ?? ' '))).join('');
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;
const time = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : formatMs(Math.round(ms / 100) * 100));

/** Error rate and P99 of the new version, the last value in figures and beside it that of the old one. Rows of nothing are left out. */
export function seriesRows(points: readonly Point[], width: number): readonly Row[] {
  const row = (name: string, key: 'errors' | 'p99', text: (value: number) => string): readonly Row[] => {
    const last = points.at(-1)?.[key];
    if (last === undefined || points.every((point) => point[key].new === undefined)) return [];
    const now = last.new === undefined ? 'no request' : text(last.new);
    const said = `${now}${last.old === undefined ? '' : ` (old version ${text(last.old)})`}`;
    const room = Math.min(30, width - 4 - 8 - said.length - 1);
    const line = room >= 5 ? `${sparkline(points.slice(-room).map((point) => point[key].new))} ` : '';
    return [{ text: `    ${name.padEnd(8)}${line}${said}` }];
  };
  return [...row('errors', 'errors', percent), ...row('P99', 'p99', (ms) => `about ${time(ms)}`)];
}
