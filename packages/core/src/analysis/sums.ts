import type { Split } from './split.js';

/** Mantel-Haenszel sums (AN 4.3): the ratio of the tracks' bad shares as if the weight had never changed. */
export interface Sums {
  readonly a: number;
  readonly b: number;
}

export const noSums: Sums = { a: 0, b: 0 };

export function addTo(sums: Sums, { c, s, x, y }: Split): Sums {
  const all = c + s;
  return all > 0 ? { a: sums.a + (x * s) / all, b: sums.b + (y * c) / all } : sums;
}

/** Infinity where only the candidate has bad ones, 1 where neither has. */
export const ratioOf = ({ a, b }: Sums): number => (b > 0 ? a / b : a > 0 ? Number.POSITIVE_INFINITY : 1);
