import { mean, round } from './figures.js';
import type { LatencyRow } from './latency-row.js';
import { oracle } from './policies/oracle.js';
import { shepherd } from './policies/ours.js';
import type { Row } from './row.js';
import { type FamilyScore, summarise } from './summary.js';
import { weights } from './world/rollout.js';

/** One figure against its limit (AN 6). */
export interface Gate {
  readonly gate: string;
  readonly seen: number;
  readonly limit: string;
  readonly holds: boolean;
}

const atMost = (gate: string, seen: number, limit: number, unit = '%'): Gate => ({
  gate,
  seen: round(seen),
  limit: `≤ ${limit} ${unit}`.trim(),
  holds: seen <= limit,
});
const atLeast = (gate: string, seen: number, limit: number): Gate => ({ gate, seen: round(seen), limit: `≥ ${limit} %`, holds: seen >= limit });

const noisy: readonly (readonly [family: string, limit: number])[] = [
  ['diurnal', 1.5],
  ['burst', 4],
  ['frailty', 5],
  ['ar1', 3],
  ['ar2', 9],
  ['ar3', 22],
  ['cluster', 6],
];

const worst = (rows: readonly Row[]): number => Math.max(...rows.map(({ wrong }) => wrong));

/** Enough failures of the candidate over the rollout that nobody may miss them. */
const plain = ({ base, rps, bad }: Row): boolean => base * bad * rps * weights.reduce((sum, weight) => sum + weight * 300, 0) >= 25;

export function errorGates(all: readonly Row[]): readonly Gate[] {
  const rows = all.filter(({ policy }) => policy === shepherd.name);
  const of = (family: string, some: (row: Row) => boolean): readonly Row[] => rows.filter((row) => row.family === family && some(row));
  const good = of('iid', ({ bad }) => bad === 1);
  const summary = summarise(all, shepherd.name);
  const promote = (some: (row: Row) => boolean): number => mean(good.filter(some).map(({ secondsToPromote }) => secondsToPromote ?? Number.NaN));
  return [
    atMost('good, independent: taken back, worst cell', worst(good), 1.5),
    atMost('good, independent: taken back, mean', mean(good.map(({ wrong }) => wrong)), 0.5),
    ...noisy.map(([family, limit]) => atMost(`good, ${family}: taken back, worst cell`, worst(of(family, ({ bad }) => bad === 1)), limit)),
    atMost('missed, mean of what an ideal test sees', summary.missed, 8),
    atMost('missed, x10 with 25 failures or more, worst cell', worst(of('iid', (row) => row.bad === 10 && plain(row))), 1),
    atMost('missed, x10 from the second stage on, 10/s or more, worst cell', worst(of('late', ({ bad, rps }) => bad === 10 && rps >= 10)), 3),
    atMost('time to the oracle’s, geometric mean', summary.timeToOracle ?? Number.NaN, 2, ''),
    atMost('time to the oracle’s, worst cell', summary.timeToOracleWorst ?? Number.NaN, 4, ''),
    atMost('failed requests to those under the guide’s rule', summary.failedToGuide, 0.2, ''),
    atMost(
      'seconds to promote a good one, 10/s or more',
      promote(({ rps }) => rps >= 10),
      930,
      's',
    ),
    atMost(
      'seconds to promote a good one, 1/s',
      promote(({ rps }) => rps === 1),
      1_300,
      's',
    ),
  ];
}

export const latencyGates = (rows: readonly LatencyRow[]): readonly Gate[] => [
  atLeast(
    'latency x1.5 and x2, 10/s or more: taken back, least',
    Math.min(...rows.filter(({ factor, rps }) => factor >= 1.5 && rps >= 10).map(({ back }) => back)),
    99,
  ),
  atMost('latency good: taken back, worst cell', Math.max(...rows.filter(({ factor, late }) => factor === 1 && late === 0).map(({ back }) => back)), 1),
];

export const speedGate = (microseconds: number): Gate => atMost('judging one poll of one app, errors and latency: processor time', microseconds, 20, 'µs');

export const villeGate = (crossed: number, rollouts: number): Gate => atMost('good: bare evidence ever at 50 (Ville)', (100 * crossed) / rollouts, 2);

const coldStart = 'a start that fails a tenth of the requests for half a minute is taken back on purpose, and here counts as a false abort';
/** Rules that may not be beaten in a family, and why that is so. */
const known: Readonly<Record<string, string>> = { 'cold: guide': coldStart, 'cold: Kayenta-like 60 s': coldStart };

/** Every other rule, on false aborts plus missed, in each family: the nearest of those that are beaten, and each that is not. The oracle is no rule: it knows the answer. */
export function beaten(scores: readonly FamilyScore[]): readonly (Gate & { readonly why?: string })[] {
  const sumOf = ({ falseAborts, missed }: Pick<FamilyScore, 'falseAborts' | 'missed'>): number => falseAborts + missed;
  return [...new Set(scores.map(({ family }) => family))].flatMap((family) => {
    const here = scores.filter((score) => score.family === family);
    const own = here.find(({ policy }) => policy === shepherd.name);
    if (own === undefined) return [];
    const rivals = here.filter(({ policy }) => !policy.startsWith(shepherd.name) && policy !== oracle.name);
    const gate = (name: string, limit: number, why?: string): Gate & { readonly why?: string } => ({
      gate: `${family}: ${name}`,
      seen: round(sumOf(own)),
      limit: `< ${round(limit)}`,
      holds: sumOf(own) < limit || why !== undefined,
      ...(why === undefined ? {} : { why }),
    });
    const lost = rivals.filter((rival) => sumOf(rival) <= sumOf(own));
    const won = rivals.filter((rival) => !lost.includes(rival)).toSorted((one, other) => sumOf(one) - sumOf(other));
    const [nearest] = won;
    const all = lost.length === 0 ? 'every other rule is beaten' : `${won.length} of ${rivals.length} other rules are beaten`;
    return [
      ...(nearest === undefined ? [] : [gate(`${all}, the nearest is ${nearest.policy}`, sumOf(nearest))]),
      ...lost.map((rival) => gate(`${rival.policy} is beaten`, sumOf(rival), known[`${family}: ${rival.policy}`])),
    ];
  });
}
