import { parseValue } from './value.js';

interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** A native histogram: only buckets that hold something, by rising bounds. */
export interface NativeHistogram {
  readonly count: number;
  readonly buckets: readonly Bucket[];
}

/** The JSON form, `{ count, sum, buckets: [[rule, from, to, count], …] }`; undefined for anything else. */
export function parseHistogram(json: unknown): NativeHistogram | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { count, buckets = [] } = json as { readonly count?: unknown; readonly buckets?: unknown };
  const total = parseValue(count);
  if (total === undefined || !Array.isArray(buckets)) return undefined;
  const read = buckets.map((bucket: unknown): Bucket | undefined => {
    if (!Array.isArray(bucket)) return undefined;
    const [from, to, inside] = [parseValue(bucket[1]), parseValue(bucket[2]), parseValue(bucket[3])];
    return from === undefined || to === undefined || inside === undefined ? undefined : { from, to, count: inside };
  });
  if (read.includes(undefined)) return undefined;
  return { count: total, buckets: (read as Bucket[]).toSorted((a, b) => a.to - b.to) };
}

/**
 * Observations above a bound. Exact at powers of two, which exponential buckets of every schema have as bounds; elsewhere the bucket around the bound is
 * shared out on a log scale, as `histogram_fraction` does (AN 1.5).
 */
export function countAbove({ count, buckets }: NativeHistogram, bound: number): number {
  let below = 0;
  for (const { from, to, count: inside } of buckets) {
    if (to <= bound) below += inside;
    else if (from < bound) below += inside * shareBelow(from, to, bound);
  }
  return Math.max(0, count - below);
}

function shareBelow(from: number, to: number, bound: number): number {
  if (from > 0 && Number.isFinite(to)) return Math.log(bound / from) / Math.log(to / from);
  return Number.isFinite(from) && Number.isFinite(to) ? (bound - from) / (to - from) : 0;
}
