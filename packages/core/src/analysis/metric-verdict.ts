import type { TrackName } from '../words/revision.js';
import type { Verdict } from '../words/verdict.js';

/** The numbers behind a verdict; JSON, so nothing infinite. */
export interface MetricEvidence {
  /** ln E; the odds of the evidence against "no worse". */
  readonly logE: number;
  /** ln E at which the test decides. */
  readonly threshold: number;
  /** 1 / the largest E so far, at most 1: for display. */
  readonly pValue: number;
  /** How many times stable's share, as if the weight had never changed; null where stable has none, or nothing is compared. */
  readonly ratio: number | null;
  /** Over the whole rollout. `bad`: failed, or slower than `bound`. */
  readonly counts: Readonly<Record<TrackName, { readonly requests: number; readonly bad: number }>>;
  /** How much less each request tells than an independent one. */
  readonly phi: number;
  /** Seconds, of latency. */
  readonly bound?: number | undefined;
  /** What is missing for a pass. */
  readonly needs?: string | undefined;
}

/** `errors`, `latency`: against stable. `error-limit`, `latency-limit`: against what the user allows. `pods`: restarts and saturation. */
export type MetricName = 'errors' | 'error-limit' | 'latency' | 'latency-limit' | 'pods';

/** What is said of one metric. */
export type MetricVerdict = Verdict & { readonly metric: MetricName };
