import { type Point, theilSen } from './theil-sen.js';

/** Shorter than this nothing is said: a pod that has just started fills its caches. */
const leastMs = 15 * 60_000;
/** Older samples say what was, not what is. */
const mostMs = 60 * 60_000;
const leastSamples = 24;
const blocks = 8;
const hourMs = 3_600_000;
/** What memory usually moves within a part of the time, so often its floor must have risen in all: less may be how samples fell on a collector's cycle. */
const moved = 1;
/** Of the growth of the earlier half, what the later half must still have. */
const steady = 0.5;

/** What a pod's memory does. Bytes; `perHour`: at least so much, at 99 %. `share`: the same of its limit, or of its level where it has none. */
export interface Leak {
  readonly perHour: number;
  readonly share: number;
  readonly ofLimit: boolean;
}

/**
 * Whether memory leaks: its floor rises, steadily and by more than `most` (a share of the limit, or of the level, an hour). The floor is the least of each of eight
 * equal parts of the time, so that what a collector frees again does not count; it rises if the lower 99 % bound of its Theil–Sen slope is above the threshold, and
 * by more than what memory moves within such a part; it does so steadily if the later half rises at least half as fast as the earlier one, which a warm-up does not. From 15 minutes on, by the last hour. What rises
 * for as long as it is watched and falls later looks the same. Pure.
 */
export function leakOf(samples: readonly Point[], { limit, most }: { readonly limit?: number | undefined; readonly most: number }): Leak | undefined {
  const last = samples.at(-1);
  if (last === undefined) return undefined;
  const seen = samples.filter(({ atMs }) => last.atMs - atMs <= mostMs);
  const [first] = seen;
  if (first === undefined || seen.length < leastSamples || last.atMs - first.atMs < leastMs) return undefined;
  const span = (last.atMs - first.atMs) / blocks;
  const floor = Array.from({ length: blocks }, (_, i) => {
    const part = seen.filter(({ atMs }) => Math.min(blocks - 1, Math.floor((atMs - first.atMs) / span)) === i);
    const values = part.map(({ value }) => value);
    return part.length === 0 ? [] : [{ atMs: first.atMs + (i + 0.5) * span, value: Math.min(...values), moves: Math.max(...values) - Math.min(...values) }];
  }).flat();
  const { lower } = theilSen(floor);
  if (lower === undefined || lower <= 0) return undefined;
  const level = median(floor.map(({ value }) => value));
  if (lower * (last.atMs - first.atMs) < moved * median(floor.map(({ moves }) => moves))) return undefined;
  const of = limit !== undefined && limit > 0 ? limit : level;
  const perHour = lower * hourMs;
  if (of <= 0 || perHour / of <= most) return undefined;
  const [early, late] = [theilSen(floor.slice(0, floor.length / 2)).slope, theilSen(floor.slice(floor.length / 2)).slope];
  return late < steady * early ? undefined : { perHour, share: perHour / of, ofLimit: of === limit };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
