import type { App } from '../words/app.js';
import { formatMs } from '../words/duration.js';
import type { Finding } from '../words/finding.js';
import { hashOf } from './hash.js';
import type { Estimate, Plan, PlannedStep } from './plan.js';
import { simulateSteps } from './simulate-steps.js';
import type { Situation } from './situation.js';
import type { Step } from './step.js';

export interface PlanInput {
  readonly situation: Situation;
  readonly steps: readonly Step[];
  /** What was asked, as JSON: release and strategy; goes into the hash. */
  readonly asked: unknown;
  /** Hash of the template that the release makes. */
  readonly releaseHash: string;
  readonly drainMs: number;
  readonly warnings: readonly Finding[];
  /** @default none */
  readonly notes?: readonly string[] | undefined;
  /** Whether there is anything to do, where the release does not tell. @default by the release and what is beside it */
  readonly changes?: boolean | undefined;
}

/** Steps as a plan: with what each means, the estimate, and the hash of what was asked and decided. */
export async function makePlan({ situation, steps, asked, releaseHash, drainMs, warnings, notes = [], changes: told }: PlanInput): Promise<Plan> {
  const { targets } = situation;
  const changes = told ?? targets.some(({ stable, candidate, touched }) => stable?.revision.hash !== releaseHash || candidate !== undefined || touched);
  const { steps: planned, peakPods } = simulateSteps(targets, changes ? steps : [], drainMs);
  const apps = targets.map(({ app }) => app) as [App, ...App[]];
  return {
    hash: await hashOf({ asked, releaseHash, apps, steps: planned.map(({ step }) => step) }),
    targets: apps,
    changes,
    ...(situation.release.images === undefined ? {} : { images: situation.release.images }),
    warnings: [...warnings, ...(changes ? coarseWeights(planned) : [])],
    ...(changes && notes.length > 0 ? { notes } : {}),
    steps: planned,
    estimate: estimateOf(planned, peakPods),
  };
}

function estimateOf(steps: readonly PlannedStep[], peakPods: number): Estimate {
  const sum = (of: (step: PlannedStep) => number): number => steps.reduce((total, step) => total + of(step), 0);
  const unproven = steps.slice(0, steps.findIndex(({ step }) => step.kind === 'promote') >>> 0);
  const dwell = new Map<number, number>();
  for (const { step, weight, shortestMs } of unproven) {
    if (weight > 0 && step.kind !== 'shift') dwell.set(weight, (dwell.get(weight) ?? 0) + shortestMs);
  }
  const [percent, ms] = [...dwell].reduce((a, b) => (b[0] * b[1] > a[0] * a[1] ? b : a), [0, 0]);
  return {
    shortestMs: sum(({ shortestMs }) => shortestMs),
    longestMs: sum(({ longestMs }) => longestMs),
    rollbackMs: Math.max(0, ...steps.map(({ rollbackMs }) => rollbackMs)),
    peakPods,
    worstExposure: { percent, minutes: Math.round(ms / 6_000) / 10 },
  };
}

/** RR CAN-2: what pods cannot split finely is said before, not found out after. */
function coarseWeights(steps: readonly PlannedStep[]): readonly Finding[] {
  const off = steps.flatMap(({ step, weight }) =>
    step.kind === 'shift' && step.weight > 0 && Math.abs(weight - step.weight) > 5 ? [`${step.weight} % is really ${weight} %`] : [],
  );
  if (off.length === 0) return [];
  return [
    {
      id: 'coarse-weight',
      level: 'warning',
      message: `so few pods cannot split traffic that finely: ${off.join(', ')}`,
      fix: 'more replicas, other stages, or a router that splits by percent',
    },
  ];
}

/** The line that says how a person reads the estimate. */
export const assumptionLine = (readyMs: number): string => `times assume that a pod is ready after ${formatMs(readyMs)}`;
