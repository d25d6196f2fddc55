export type Noise = 'iid' | 'diurnal' | 'burst' | 'cold' | 'frailty' | 'ar1' | 'ar2' | 'ar3' | 'cluster';

/** What a rollout meets (AN 6). */
export interface Cell {
  readonly index: number;
  readonly noise: Noise;
  /** Share of requests that fail on good days. */
  readonly base: number;
  readonly rps: number;
  /** How many times as many fail on the candidate; 1 is a good release. */
  readonly bad: number;
  /** Bad from the second stage on. */
  readonly late: boolean;
}

export const bases = [0.001, 0.01] as const;
export const rates = [1, 10, 100, 1_000] as const;
const noises: readonly Noise[] = ['diurnal', 'burst', 'cold', 'frailty', 'ar1', 'ar2', 'ar3', 'cluster'];

export const cells: readonly Cell[] = bases
  .flatMap((base) =>
    rates.flatMap((rps) => [
      ...[1, 1.5, 2, 5, 10].map((bad) => ({ noise: 'iid' as const, base, rps, bad, late: false })),
      ...[3, 10].map((bad) => ({ noise: 'iid' as const, base, rps, bad, late: true })),
      ...noises.flatMap((noise) => [1, 3].map((bad) => ({ noise, base, rps, bad, late: false }))),
    ]),
  )
  .map((cell, index) => ({ index, ...cell }));

/** Groups of cells that are reported together. */
export const familyOf = ({ noise, late }: Cell): string => (late ? 'late' : noise);

export const nameOf = ({ noise, base, rps, bad, late }: Cell): string =>
  `${late ? 'late' : noise}, ${base * 100} %, ${rps}/s, ${bad === 1 ? 'good' : `x${bad}`}`;
