import type { AnalysisOptions } from '../plan/step.js';
import type { ComparisonRule } from './comparison.js';
import type { LimitRule } from './limit.js';

/** All numbers that the judges work by, from what the user chose. */
export interface Rules {
  readonly stageSeconds: number;
  readonly pollSeconds: number;
  /** Polls that count as lately: a minute of them. */
  readonly window: number;
  /** Undefined: there is no live stable track to compare with. */
  readonly errors: ComparisonRule | undefined;
  /** For the noise of a bound, and the comparison where there is a stable track. */
  readonly slow: ComparisonRule;
  readonly errorLimit: LimitRule;
  readonly slowLimit: LimitRule | undefined;
  /** `threshold`: the bare share of the stage, from `minRequests` on. */
  readonly limitMode: 'evidence' | 'threshold';
  readonly minRequests: number;
  readonly minBad: number;
  readonly minErrorRatio: number;
  readonly minExcess: number;
  readonly minSlowRatio: number;
  /** ln of the E from which a worry keeps the candidate where it is. */
  readonly suspicion: number;
  readonly warmUpSeconds: number;
  readonly holdSeconds: number;
  readonly noDataPolls: number;
  readonly onInconclusive: 'pause' | 'rollback' | 'promote';
}

export interface RuleInput {
  readonly options: AnalysisOptions;
  readonly stageSeconds: number;
  /** @default 15 */
  readonly pollSeconds?: number | undefined;
  /** Noise between two good tracks, as a share; 0.2 above 500 requests/s with noisy pods. @default 0.15 */
  readonly noiseFloor?: number | undefined;
}

const sensitivities = { low: 0.25, medium: 1, high: 2.5 } as const;
const errorEffects = [1.4, 2, 3.5, 7, 16, 50];
const slowEffects = [1.4, 1.8, 2.6, 4.5, 9, 25].map((times) => 1.5 * times);
/** The guide's. */
const defaultErrorMax = 0.05;
const certificateLevel = 0.1;
const leastForThreshold = 20;

/** The levels sum to 0.05 at medium, however many metrics there are: that bounds the false aborts (AN 4.6). */
const levels = (
  sensitivity: AnalysisOptions['sensitivity'],
  withLimit: boolean,
): { readonly errors: number; readonly limit: number; readonly slow: number } => {
  const times = sensitivities[sensitivity ?? 'medium'];
  return { errors: 0.02 * times, limit: 0.01 * times, slow: (withLimit ? 0.01 : 0.02) * times };
};

export function rulesOf({ options, stageSeconds, pollSeconds = 15, noiseFloor = 0.15 }: RuleInput): Rules {
  const { errorRate, latency, minRequests } = options;
  const hazard = Math.min(1 / 4, pollSeconds / 600);
  const window = Math.max(1, Math.round(60 / pollSeconds));
  const alphas = levels(options.sensitivity, latency !== undefined);
  const limit = (p0: number, alpha: number): LimitRule => ({ p0, alpha, certificateLevel, hazard });
  const limitMode = errorRate?.mode ?? 'evidence';
  return {
    stageSeconds,
    pollSeconds,
    window,
    errors: options.against === 'limits' ? undefined : { m: 1, effects: errorEffects, alpha: alphas.errors, hazard, window, noiseFloor, common: false },
    slow: { m: 1.5, effects: slowEffects, alpha: alphas.slow, hazard, window, noiseFloor, common: true },
    errorLimit: limit(errorRate?.max ?? defaultErrorMax, alphas.limit),
    slowLimit: latency === undefined ? undefined : limit(1 - latency.quantile, alphas.slow),
    limitMode,
    minRequests: minRequests ?? (limitMode === 'threshold' ? leastForThreshold : 0),
    minBad: 4,
    minErrorRatio: 1.25,
    minExcess: 0.0002,
    minSlowRatio: 1.5,
    suspicion: Math.log(5),
    // Pods that just started are slow for a while; a short stage still gets judged for most of its time.
    warmUpSeconds: Math.min(60, stageSeconds / 5),
    holdSeconds: 600,
    noDataPolls: 4,
    onInconclusive: options.onInconclusive ?? 'pause',
  };
}
