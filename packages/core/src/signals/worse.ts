import { bound, percent } from '../analysis/figures.js';
import type { Counted } from './counts.js';

/** Normal quantile of 99.95 %: it is looked at about a hundred times in half an hour. */
const z = 3.29;
/** Fewer say nothing. */
const leastBefore = 500;
const leastNow = 100;
/** An interval of fewer than these is none to rely on. */
const leastSeen = 5;
/** What is not worth a word, however certain: in shares of requests. */
const leastMore = 0.01;

/** The Wilson interval of a share. */
export function wilson(some: number, all: number): { readonly lower: number; readonly upper: number } {
  const share = some / all;
  const middle = share + z ** 2 / (2 * all);
  const half = z * Math.sqrt((share * (1 - share)) / all + z ** 2 / (4 * all ** 2));
  const whole = 1 + z ** 2 / all;
  return { lower: Math.max(0, (middle - half) / whole), upper: Math.min(1, (middle + half) / whole) };
}

/** The Wilson intervals of both at 99.95 % do not meet, and the share is higher by a hundredth of the requests at least. */
const isMore = (now: readonly [number, number], before: readonly [number, number]): boolean =>
  now[0] >= leastSeen && wilson(...now).lower > wilson(...before).upper && now[0] / now[1] - before[0] / before[1] >= leastMore;

const slowerThan = (seconds: number, { latencies }: Counted): number | undefined => {
  const at = latencies.find(([each]) => each === seconds)?.[1];
  const all = latencies.at(-1)?.[1];
  return at === undefined || all === undefined ? undefined : all - at;
};

/** More errors than the version before had; undefined: not proven. Pure. */
export function moreErrors(now: Counted, before: Counted): string | undefined {
  if (now.requests < leastNow || before.requests < leastBefore) return undefined;
  if (!isMore([now.errors, now.requests], [before.errors, before.requests])) return undefined;
  return `${percent(now.errors / now.requests)} of its requests fail; before the release ${percent(before.errors / before.requests)} did`;
}

/**
 * A higher P99 than the version before had: more requests than one in a hundred are slower than the first bound that at most one in a hundred was slower than. By
 * counts, since a quantile is no test (AN 5). Undefined: not proven. Pure.
 */
export function slower(now: Counted, before: Counted): string | undefined {
  const [all = 0, seen = 0] = [before.latencies.at(-1)?.[1], now.latencies.at(-1)?.[1]];
  if (all < leastBefore || seen < leastNow) return undefined;
  const p99 = before.latencies.find(([seconds, requests]) => seconds !== null && requests >= 0.99 * all)?.[0];
  if (p99 === undefined || p99 === null) return undefined;
  const slow = slowerThan(p99, now);
  if (slow === undefined || !isMore([slow, seen], [all - (before.latencies.find(([seconds]) => seconds === p99)?.[1] ?? all), all])) return undefined;
  return `P99 rose: ${percent(slow / seen)} of its requests take over ${bound(p99)}; before the release at most 1 % did`;
}
