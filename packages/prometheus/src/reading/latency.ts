import { countAbove, type NativeHistogram } from '../api/native-histogram.js';
import { parseValue } from '../api/value.js';
import { nameOf, type Parts } from './parts.js';
import { Unreadable } from './unreadable.js';

/** Latencies of one target: classic buckets, cumulative, by rising bound and with the last one infinite; or a native histogram. */
export type Latency =
  | { readonly kind: 'classic'; readonly buckets: readonly (readonly [le: number, count: number])[] }
  | { readonly kind: 'native'; readonly histogram: NativeHistogram };

/** @throws Unreadable for buckets that cannot be cumulative counts */
export function latenciesOf({ buckets, native }: Parts): Map<string, Latency> {
  const latencies = new Map<string, Latency>();
  for (const [id, rows] of native) {
    const { histogram } = rows.find((row) => row.histogram !== undefined) ?? {};
    if (histogram !== undefined) latencies.set(id, { kind: 'native', histogram });
  }
  for (const [id, rows] of buckets) {
    const name = nameOf(rows[0]?.target ?? []);
    // Prometheus 3 writes "1.0" where version 2 writes "1": numbers are equal, texts are not.
    const sums = new Map<number, number>();
    for (const { labels, value } of rows) {
      const le = parseValue(labels['le']);
      if (le === undefined || Number.isNaN(le)) throw new Unreadable('invalid', `${name}: a bucket with le=${JSON.stringify(labels['le'])}`);
      sums.set(le, (sums.get(le) ?? 0) + value);
    }
    const rising = [...sums].toSorted(([a], [b]) => a - b);
    if (rising.at(-1)?.[0] !== Number.POSITIVE_INFINITY) throw new Unreadable('invalid', `${name}: buckets without le="+Inf"`);
    if (rising.some(([, count], index) => count < (rising[index - 1]?.[1] ?? 0))) throw new Unreadable('invalid', `${name}: buckets that fall as le rises`);
    latencies.set(id, { kind: 'classic', buckets: rising });
  }
  return latencies;
}

const same = (le: number, bound: number): boolean => Number.isFinite(le) && Math.abs(le - bound) <= 1e-9 * Math.max(Math.abs(le), bound);

/**
 * Requests of a target above each bound. Undefined where its buckets do not tell: a release may change them, and latency is then not read, rather than guessed
 * (AN 5).
 */
export function slowOf(latency: Latency | undefined, bounds: readonly number[], requests: number): readonly number[] | undefined {
  if (latency === undefined) return requests === 0 ? bounds.map(() => 0) : undefined;
  if (latency.kind === 'native') return bounds.map((bound) => countAbove(latency.histogram, bound));
  const { buckets } = latency;
  const [, all = 0] = buckets.at(-1) ?? [];
  const slow = bounds.flatMap((bound) => buckets.filter(([le]) => same(le, bound)).map(([, count]) => all - count));
  return slow.length === bounds.length ? slow : undefined;
}

/** Bounds that exponential buckets of every resolution have, from 1/1024 to 32 units. */
export const powersOfTwo = Array.from({ length: 16 }, (_, index) => 2 ** (index - 10));

/** How latencies lie, for people: of a native histogram at the powers of two, where its counts are exact. */
export function spreadOf(latency: Latency | undefined, unitsPerSecond: number): { readonly latencies?: readonly (readonly [number | null, number])[] } {
  if (latency === undefined) return {};
  if (latency.kind === 'classic') return { latencies: latency.buckets.map(([le, count]) => [Number.isFinite(le) ? le / unitsPerSecond : null, count]) };
  const { histogram } = latency;
  const bounds = unitsPerSecond === 1 ? powersOfTwo : powersOfTwo.map((power) => power * 1_024);
  return {
    latencies: [...bounds.map((bound) => [bound / unitsPerSecond, histogram.count - countAbove(histogram, bound)] as const), [null, histogram.count]],
  };
}
