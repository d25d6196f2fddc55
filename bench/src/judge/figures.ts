/** 95 % interval of a share after Wilson, in percent. */
export function interval(hits: number, of: number): readonly [number, number] {
  if (of === 0) return [0, 100];
  const [z, p] = [1.96, hits / of];
  const middle = (p + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half = (z / (1 + z ** 2 / of)) * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2));
  return [round(100 * Math.max(0, middle - half), 2), round(100 * Math.min(1, middle + half), 2)];
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
export const mean = (list: readonly number[]): number => (list.length === 0 ? Number.NaN : list.reduce((a, b) => a + b, 0) / list.length);
export const geometric = (list: readonly number[]): number => Math.exp(mean(list.map(Math.log)));

export function medianOf(list: readonly number[]): number | null {
  if (list.length === 0) return null;
  const sorted = list.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
