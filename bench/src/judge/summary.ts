import { geometric, mean, round } from './figures.js';
import type { Row } from './row.js';

/** One rule over all cells of independent requests. */
export interface Summary {
  readonly policy: string;
  readonly falseAbortMean: number;
  readonly falseAbortWorst: number;
  /** Over the cells that an ideal test sees. */
  readonly missed: number;
  readonly timeToOracle: number | null;
  readonly timeToOracleWorst: number | null;
  /** Cells with at least half caught, which is where a time is a fair one. */
  readonly timedCells: number;
  readonly failedToGuide: number;
}

const caughtMost = ({ wrong }: Row): boolean => wrong <= 50;

/** The cells in which the oracle catches at least half of the bad releases. */
export const detectable = (rows: readonly Row[]): ReadonlySet<string> =>
  new Set(rows.filter((row) => row.policy === 'oracle' && row.family === 'iid' && row.bad > 1 && caughtMost(row)).map(({ cell }) => cell));

export function summarise(rows: readonly Row[], policy: string): Summary {
  const iid = rows.filter((row) => row.family === 'iid');
  const of = (name: string, cell: string): Row | undefined => iid.find((row) => row.policy === name && row.cell === cell);
  const good = iid.filter((row) => row.policy === policy && row.bad === 1);
  const seen = detectable(rows);
  const bad = iid.filter((row) => row.policy === policy && seen.has(row.cell));
  const times = bad.filter(caughtMost).flatMap((row) => {
    const [own, best] = [row.secondsToRollback, of('oracle', row.cell)?.secondsToRollback];
    return own === null || best === null || best === undefined ? [] : [own / best];
  });
  return {
    policy,
    falseAbortMean: round(mean(good.map(({ wrong }) => wrong))),
    falseAbortWorst: Math.max(...good.map(({ wrong }) => wrong)),
    missed: round(mean(bad.map(({ wrong }) => wrong))),
    timeToOracle: times.length === 0 ? null : round(geometric(times)),
    timeToOracleWorst: times.length === 0 ? null : round(Math.max(...times)),
    timedCells: times.length,
    failedToGuide: round(geometric(bad.map((row) => row.failed / (of('guide', row.cell)?.failed ?? Number.NaN))), 3),
  };
}

/** One rule in one family of scenarios: mean share of good releases taken back plus mean share of bad ones missed, in points. */
export interface FamilyScore {
  readonly family: string;
  readonly policy: string;
  readonly falseAborts: number;
  readonly missed: number;
}

export function scores(rows: readonly Row[]): readonly FamilyScore[] {
  const wrongOf = (policy: string, family: string, good: boolean): number =>
    round(mean(rows.filter((row) => row.policy === policy && row.family === family && (row.bad === 1) === good).map(({ wrong }) => wrong)));
  const policies = [...new Set(rows.map(({ policy }) => policy))];
  return [...new Set(rows.map(({ family }) => family))].flatMap((family) =>
    policies.map((policy) => ({
      family,
      policy,
      // A release that turns bad late is good till then: its false aborts are those of the good ones.
      falseAborts: wrongOf(policy, family === 'late' ? 'iid' : family, true),
      missed: wrongOf(policy, family, false),
    })),
  );
}
