import { boundsOf, chooseBounds, createAnalysis } from '@shepherd/core/analysis';
import { stagePolls } from './policies/policy.js';
import { rates } from './world/cell.js';
import { binomial, gauss, poisson } from './world/draw.js';
import { mulberry32 } from './world/mulberry32.js';
import { pollSeconds, pollsOfStage, weights } from './world/rollout.js';

/** Log-normal latency, on the default bounds of Prometheus (AN 6). */
export interface LatencyCell {
  readonly index: number;
  readonly rps: number;
  /** How many times as slow the candidate is. */
  readonly factor: number;
  /** Share of its requests that take a second more. */
  readonly late: number;
}

export interface LatencyTask {
  readonly kind: 'latency';
  readonly cell: number;
  readonly seed: number;
  readonly rollouts: number;
}

export interface LatencyTallied {
  readonly rollouts: number;
  readonly backAfter: readonly number[];
}

export const latencyCells: readonly LatencyCell[] = rates
  .flatMap((rps) => [...[1, 1.1, 1.25, 1.5, 2].map((factor) => ({ rps, factor, late: 0 })), { rps, factor: 1, late: 0.02 }])
  .map((cell, index) => ({ index, ...cell }));

export const nameOfLatency = ({ rps, factor, late }: LatencyCell): string =>
  `${rps}/s, ${late > 0 ? `${late * 100} % take 1 s more` : factor === 1 ? 'good' : `x${factor}`}`;

const median = 0.08;
const sigma = 0.6;
const prometheusBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Share of a standard normal above z (Abramowitz and Stegun 7.1.26 on erfc; 1.5e-7). */
function above(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const half = 0.5 * t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x);
  return z >= 0 ? half : 1 - half;
}

const slower = (bound: number, logScale: number): number => (bound <= 0 ? 1 : above((Math.log(bound / median) - logScale) / sigma));

/** What is chosen from stable's last hour: a quiet one. */
const compare = chooseBounds(prometheusBounds.map((seconds) => ({ seconds, slower: slower(seconds, 0) })));
export const latencyBounds = boundsOf({ compare });

export function runLatency({ cell: index, seed, rollouts }: LatencyTask): LatencyTallied {
  const cell = latencyCells[index];
  if (cell === undefined) throw new RangeError(`no latency cell ${index}`);
  const random = mulberry32(seed + 7_919 * (1_000 + index));
  const backAfter: number[] = [];
  for (let i = 0; i < rollouts; i += 1) {
    const seconds = playLatency(cell, random);
    if (seconds !== undefined) backAfter.push(seconds);
  }
  return { rollouts, backAfter };
}

/** Seconds until it was taken back; undefined: never. */
function playLatency({ rps, factor, late }: LatencyCell, random: () => number): number | undefined {
  const analysis = createAnalysis({
    options: { onInconclusive: 'promote' },
    stageSeconds: stagePolls * pollSeconds,
    pollSeconds,
    bornSince: '2026-01-01T00:00:00Z',
    latency: { compare },
  });
  let [shared, seconds] = [0, 0];
  const arms = { candidate: 0, stable: 0 };
  const slowOf = (n: number, logScale: number, lateShare: number): readonly number[] => {
    let [left, reached] = [n, 1];
    return latencyBounds.map((bound) => {
      const share = (1 - lateShare) * slower(bound, logScale) + lateShare * slower(bound - 1, logScale);
      left = binomial(random, left, share / reached);
      reached = share;
      return left;
    });
  };
  for (const [stage, weight] of weights.entries()) {
    if (stage > 0) analysis.nextStage(String(stage));
    for (let i = 0; i < pollsOfStage; i += 1) {
      shared = 0.9 * shared + Math.sqrt(1 - 0.9 ** 2) * 0.1 * gauss(random);
      for (const track of ['candidate', 'stable'] as const) arms[track] = 0.8 * arms[track] + 0.6 * 0.03 * gauss(random);
      const c = poisson(random, pollSeconds * rps * weight);
      const s = poisson(random, pollSeconds * rps * (1 - weight));
      const candidate = slowOf(c, shared + arms.candidate + Math.log(factor), late);
      const stable = slowOf(s, shared + arms.stable, 0);
      seconds += pollSeconds;
      const { decision } = analysis.step({
        kind: 'poll',
        between: false,
        poll: {
          at: '2026-01-01T00:00:00.000Z',
          seconds: pollSeconds,
          counts: { candidate: { requests: c, errors: 0 }, stable: { requests: s, errors: 0 } },
          slow: latencyBounds.map((_bound, j) => ({ candidate: candidate[j] as number, stable: stable[j] as number })),
        },
      });
      if (decision.kind === 'rollback') return seconds;
      if (decision.kind === 'promote') break;
    }
  }
  return undefined;
}
