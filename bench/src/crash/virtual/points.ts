import type { Kill, SeenCall } from './runner.js';

/** At every write, before and after. At reads, once for each state of the world in which one was made: who dies between two reads of one state leaves the same behind. */
export function pointsOf(calls: readonly SeenCall[]): readonly Kill[] {
  const seen = new Set<number>();
  return calls.flatMap(({ kind, version, versionAfter }, index): readonly Kill[] => {
    const call = index + 1;
    const known = seen.has(version);
    seen.add(version);
    if (kind === 'write') {
      seen.add(versionAfter);
      return [
        { call, side: 'before' },
        { call, side: 'after' },
      ];
    }
    return known ? [] : [{ call, side: call % 2 === 0 ? 'before' : 'after' }];
  });
}

/** Each call, before and after. */
export const allPoints = (calls: readonly SeenCall[]): readonly Kill[] =>
  calls.flatMap((_, index): readonly Kill[] => [
    { call: index + 1, side: 'before' },
    { call: index + 1, side: 'after' },
  ]);
