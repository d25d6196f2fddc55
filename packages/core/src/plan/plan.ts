import type { App } from '../words/app.js';
import type { Finding } from '../words/finding.js';
import type { TrackName } from '../words/revision.js';
import type { Step } from './step.js';

/** One step as it will run, with what it means for traffic, pods and time. Weight and pods are those *after* the step. */
export interface PlannedStep {
  readonly step: Step;
  readonly text: string;
  /** Realised percent of requests to the new version. */
  readonly weight: number;
  readonly pods: Readonly<Record<TrackName, number>>;
  readonly shortestMs: number;
  readonly longestMs: number;
  /** Estimated time to have all traffic back on the old version, decided during this step. */
  readonly rollbackMs: number;
}

/**
 * What will run, as data: `formatPlan` prints it, `deploy(request, { expect: plan.hash })` runs it or nothing. The hash covers what was asked and decided
 * (release, strategy, steps, weights), not live replica counts, which an autoscaler may move meanwhile.
 */
export interface Plan {
  readonly hash: string;
  readonly targets: readonly [App, ...App[]];
  /** False: the release runs already, nothing will be done. */
  readonly changes: boolean;
  /** What the pods of the release run, where the platform knows. */
  readonly images?: readonly string[] | undefined;
  readonly warnings: readonly Finding[];
  /** What else a person should know: how soon a bad release would show. */
  readonly notes?: readonly string[] | undefined;
  readonly steps: readonly PlannedStep[];
  readonly estimate: Estimate;
}

/** The whole plan in figures. */
export interface Estimate {
  readonly shortestMs: number;
  readonly longestMs: number;
  /** The worst time to go back, over all steps. */
  readonly rollbackMs: number;
  readonly peakPods: number;
  /** The step in which most traffic × time meets the unproven version. */
  readonly worstExposure: { readonly percent: number; readonly minutes: number };
}
