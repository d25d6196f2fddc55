export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** Normal quantile of 99 %, one-sided. */
const z99 = 2.326;

/**
 * The slope of points by the median of all pairwise slopes, a ms, and its lower confidence bound at 99 % by the normal approximation to Kendall's S (Theil 1950,
 * Sen 1968). Up to three in ten points may lie anywhere. `lower`: undefined where there are too few points to have one. Pure.
 */
export function theilSen(points: readonly Point[]): { readonly slope: number; readonly lower: number | undefined } {
  const slopes = points
    .flatMap((a, i) => points.slice(i + 1).map((b) => (b.value - a.value) / (b.atMs - a.atMs)))
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b);
  const n = points.length;
  const middle = slopes.length / 2;
  const slope = slopes.length === 0 ? 0 : ((slopes[Math.ceil(middle) - 1] as number) + (slopes[Math.floor(middle)] as number)) / 2;
  const rank = Math.floor((slopes.length - z99 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)) / 2);
  return { slope, lower: rank < 1 ? undefined : slopes[rank - 1] };
}
