import { minutePolls, type Policy, Sum, stagePolls } from './policy.js';

/** Error shares of each minute, those of both tracks compared by rank at the end of each stage (Mann-Whitney, confidence 0.98, tolerance 0.25). */
export const kayentaLike: Policy = {
  name: 'Kayenta-like 60 s',
  start: () => {
    const sum = new Sum();
    const candidate: number[] = [];
    const stable: number[] = [];
    return {
      poll(c, s, x, y, { polls }) {
        sum.add(c, s, x, y);
        if (polls % minutePolls === 0) {
          const minute = sum.take();
          candidate.push(minute.c > 0 ? minute.x / minute.c : 0);
          stable.push(minute.s > 0 ? minute.y / minute.s : 0);
        }
        if (polls < stagePolls) return 'watch';
        return isHigh(candidate, stable) ? 'rollback' : 'promote';
      },
    };
  },
};

export function isHigh(candidate: readonly number[], stable: readonly number[]): boolean {
  const [m, n] = [candidate.length, stable.length];
  const all = m * n;
  const ties = tiesOf(candidate) + tiesOf(stable);
  const variance = (all / 12) * (m + n + 1 - ties / ((m + n) * (m + n - 1)));
  if (variance <= 0) return false;
  const i = Math.floor(all / 2 + 2.3263 * Math.sqrt(variance) + 0.5);
  if (i >= all) return false;
  const differences = candidate.flatMap((a) => stable.map((b) => a - b)).sort((a, b) => a - b);
  const middle = all % 2 === 1 ? (differences[(all - 1) / 2] as number) : ((differences[all / 2 - 1] as number) + (differences[all / 2] as number)) / 2;
  const [a, b] = [mean(candidate), mean(stable)];
  return (differences[all - 1 - i] as number) > 0.25 * Math.abs(middle) && (a === 0 || b === 0 || a / b >= 1);
}

const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;

/** Sum of t³ − t over groups of equal values. */
function tiesOf(list: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of list) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].reduce((sum, t) => sum + t ** 3 - t, 0);
}
