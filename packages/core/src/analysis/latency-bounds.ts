import type { LatencyBound } from '../ports/metrics-provider.js';

/** Where latency is judged, in seconds; fixed before the rollout (AN 5). */
export interface LatencyBounds {
  /** The candidate is compared with stable at each of these; empty: no comparison. */
  readonly compare: readonly number[];
  /** For a limit "at most 1 − quantile slower than L": `test`, the least bound at or above L, where a breach is a breach at L; `certify`, the largest at or below it. */
  readonly limit?: { readonly test: number; readonly certify?: number | undefined } | undefined;
}

/** All bounds of one reading, lowest first: `bounds` of a `MetricsRequest`. */
export const boundsOf = ({ compare, limit }: LatencyBounds): readonly number[] =>
  [...new Set([...compare, ...(limit === undefined ? [] : [limit.test, limit.certify ?? limit.test])])].sort((a, b) => a - b);

const telling = { least: 0.002, most: 0.2 };

/**
 * Up to two bounds that 0.2 % to 20 % of stable's requests are over, the lowest first, and the first that fewer are over, for a new slow tail. Empty: latency
 * cannot be compared here, which is a warning and never a pass.
 */
export function chooseBounds(known: readonly LatencyBound[]): readonly number[] {
  const finite = known.filter(({ seconds, slower }) => Number.isFinite(seconds) && seconds > 0 && slower >= 0).sort((a, b) => a.seconds - b.seconds);
  const fitting = finite.filter(({ slower }) => slower >= telling.least && slower <= telling.most).slice(0, 2);
  const tail = finite.find(({ slower }) => slower < telling.least);
  return [...fitting, ...(tail === undefined ? [] : [tail])].map(({ seconds }) => seconds);
}

/** The bounds that tell about a limit of `seconds`. Undefined: it lies above the last bound, so nothing here can ever break it. */
export function limitBounds(seconds: number, bounds: readonly number[]): LatencyBounds['limit'] {
  const finite = bounds.filter(Number.isFinite);
  const test = Math.min(...finite.filter((bound) => bound >= seconds));
  if (!Number.isFinite(test)) return undefined;
  const certify = Math.max(...finite.filter((bound) => bound <= seconds));
  return Number.isFinite(certify) ? { test, certify } : { test };
}
