import type { Cell } from './cell.js';
import { binomial, gamma4, gauss, geometric3, poisson } from './draw.js';

export const pollSeconds = 15;
export const weights = [0.1, 0.25, 0.5] as const;
/** Polls that the world has of each stage; a rule uses what it needs. */
export const pollsOfStage = 40;

/** c, s, x, y of one poll after the other, stage after stage. */
export type Rollout = Float64Array;
export const fields = 4;

type Random = () => number;

/** The same for all rules: what happened in one rollout. */
export function rollOut(cell: Cell, random: Random): Rollout {
  const polls = new Float64Array(weights.length * pollsOfStage * fields);
  const noise = noiseOf(cell, random);
  for (const [stage, weight] of weights.entries()) {
    const bad = cell.late && stage === 0 ? 1 : cell.bad;
    for (let i = 0; i < pollsOfStage; i += 1) {
      const index = stage * pollsOfStage + i;
      const { traffic, shared, candidate, stable } = noise(index * pollSeconds);
      const c = poisson(random, pollSeconds * cell.rps * weight * traffic);
      const s = poisson(random, pollSeconds * cell.rps * (1 - weight) * traffic);
      const fail = (n: number, arm: number): number => errorsOf(cell, random, n, Math.min(0.9, cell.base * shared * arm));
      polls.set([c, s, fail(c, candidate * bad), fail(s, stable)], index * fields);
    }
  }
  return polls;
}

function errorsOf({ noise }: Cell, random: Random, n: number, p: number): number {
  if (noise !== 'cluster') return binomial(random, n, p);
  let errors = 0;
  for (let left = poisson(random, (n * p) / 3); left > 0; left -= 1) errors += geometric3(random);
  return Math.min(n, errors);
}

interface Factors {
  readonly traffic: number;
  readonly shared: number;
  readonly candidate: number;
  readonly stable: number;
}

const calm: Factors = { traffic: 1, shared: 1, candidate: 1, stable: 1 };

/** The factors of each poll of one rollout, by the world's seconds (AN 6). */
function noiseOf({ noise, base }: Cell, random: Random): (t: number) => Factors {
  switch (noise) {
    case 'iid':
    case 'cluster':
      return () => calm;
    case 'diurnal':
      return (t) => ({ ...calm, traffic: 1 + 0.5 * Math.sin((2 * Math.PI * t) / 900), shared: 1 + 0.8 * Math.sin((2 * Math.PI * t) / 700 + 1) });
    case 'burst': {
      let left = 0;
      return () => {
        if (left > 0) left -= 1;
        if (left === 0 && random() < 1 / 20) left = 2;
        return left > 0 ? { ...calm, shared: 20 } : calm;
      };
    }
    case 'cold':
      return (t) => (t < 30 ? { ...calm, candidate: Math.min(10, 0.1 / base) } : calm);
    case 'frailty':
      return () => ({ ...calm, candidate: gamma4(random), stable: gamma4(random) });
    case 'ar1':
    case 'ar2':
    case 'ar3': {
      const d = Number(noise.slice(2)) / 10;
      let [candidate, stable] = [0, 0];
      return () => {
        candidate = 0.8 * candidate + 0.6 * d * gauss(random);
        stable = 0.8 * stable + 0.6 * d * gauss(random);
        return { ...calm, candidate: Math.exp(candidate), stable: Math.exp(stable) };
      };
    }
  }
}
