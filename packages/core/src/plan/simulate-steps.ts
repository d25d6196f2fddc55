import { needsMetrics } from '../strategies/judging.js';
import { toMs } from '../words/duration.js';
import type { PlannedStep } from './plan.js';
import { moveSurge, realise } from './realise.js';
import { podsOf, type Target } from './situation.js';
import type { Step } from './step.js';
import { stepText } from './step-text.js';

/** What estimates assume: a pod is ready this long after it was wanted, and a routing change is obeyed this fast. */
export const assumed = { podReadyMs: 10_000, switchMs: 500, checkMs: 500, readyTimeoutMs: 600_000 } as const;

/** What a walk over the steps knows of one target: the pods wanted, who serves. */
interface Walk {
  readonly target: Target;
  readonly stable: number;
  readonly candidate: number;
  /** Percent of requests to the candidate track. */
  readonly weight: number;
  readonly isolated: boolean;
  /** Stable holds the new version. */
  readonly promoted: boolean;
  /** The most pods at one moment of the last step. */
  readonly peak: number;
}

const withCandidate = ({ target, isolated, candidate }: Walk): Target =>
  target.stable === undefined ? target : { ...target, candidate: { ...target.stable, replicas: candidate, ready: candidate, isolated } };

function walkOn(walk: Walk, step: Step): Walk {
  const { replicas } = walk.target;
  const at = (change: Partial<Walk>): Walk => {
    const next = { ...walk, ...change };
    return { ...next, peak: Math.max(walk.stable + walk.candidate, next.stable + next.candidate, change.peak ?? 0) };
  };
  switch (step.kind) {
    case 'apply':
      return at({ candidate: podsOf(step.capacity, replicas), isolated: step.isolated ?? false });
    case 'scale':
      return at({ [step.track]: podsOf(step.capacity, replicas) });
    case 'resize':
      return at({ stable: step.replicas });
    case 'shift': {
      const to = realise(withCandidate(walk), step.weight);
      const byPods = !walk.isolated && walk.target.router.granularity === 'replicas';
      if (!byPods) return at({ weight: to.weight });
      return at({
        stable: to.stable,
        candidate: to.candidate,
        weight: to.weight,
        peak: Math.min(
          // Where stable stays whole, the candidate's pods come on top.
          walk.target.autoscaled === undefined ? replicas + moveSurge(replicas) : Number.POSITIVE_INFINITY,
          Math.max(walk.stable, to.stable) + Math.max(walk.candidate, to.candidate),
        ),
      });
    }
    case 'promote':
      // Pods that stand already are replaced one after the other, with the surge of the Deployment.
      return at({ stable: replicas, promoted: true, peak: walk.candidate + replicas + (walk.stable > 0 ? replacing(walk.target) : 0) });
    case 'roll':
    case 'restore':
      return at({ stable: replicas, promoted: true, peak: replicas + replacing(walk.target) });
    case 'retire':
      return at({ [step.track]: 0 });
    default:
      return at({});
  }
}

/** Pods above R while the platform replaces pods in place. */
const replacing = ({ replicas, surge }: Target): number => surge ?? moveSurge(replicas);

/** Pods come in waves, since only so many may be above R at a time. */
const waves = (pods: number, atOnce: number): number => Math.ceil(pods / Math.max(1, atOnce));

function durations(step: Step, before: Walk, after: Walk, drainMs: number): { shortestMs: number; longestMs: number } {
  const { replicas } = before.target;
  const both = (ms: number): { shortestMs: number; longestMs: number } => ({ shortestMs: ms, longestMs: ms });
  const until = (shortestMs: number, longestMs: number): { shortestMs: number; longestMs: number } => ({
    shortestMs,
    longestMs: Math.max(shortestMs, longestMs),
  });
  switch (step.kind) {
    case 'wait':
      return both(toMs(step.for));
    case 'analyse':
      // What is not proven in its time gets as much again (AN 2).
      return until(toMs(step.for), toMs(step.for) * (needsMetrics(step.options) ? 2 : 1));
    case 'approve':
      return until(0, toMs(step.options.timeout));
    case 'smoke':
    case 'verify':
      return until(
        step.checks.some(({ use }) => use === 'shepherd/quiet') ? 60_000 : assumed.checkMs,
        step.timeout === undefined ? (step.kind === 'smoke' ? 120_000 : 300_000) : toMs(step.timeout),
      );
    case 'ready':
      return until(
        step.track === 'candidate' || !after.promoted ? assumed.podReadyMs : 1_000,
        step.timeout === undefined ? assumed.readyTimeoutMs : toMs(step.timeout),
      );
    case 'roll':
    case 'restore':
      return until(waves(replicas, replacing(before.target)) * assumed.podReadyMs, assumed.readyTimeoutMs);
    case 'promote':
      return until(assumed.podReadyMs, assumed.readyTimeoutMs);
    case 'shift': {
      const started = Math.max(0, after.candidate - before.candidate) + Math.max(0, after.stable - before.stable);
      return until(assumed.switchMs + waves(started, moveSurge(replicas)) * assumed.podReadyMs, assumed.readyTimeoutMs);
    }
    case 'retire':
      return until(step.autoscaler === undefined ? drainMs : Math.max(drainMs, 60_000), Math.max(drainMs, 60_000) + 30_000);
    case 'custom':
      return until(0, 300_000);
    default:
      return both(assumed.checkMs);
  }
}

/** From a decision in this step to all traffic on the old version again. */
function backMs(step: Step, { target, stable, weight, promoted, candidate }: Walk): number {
  const { replicas } = target;
  if (step.kind === 'roll' || step.kind === 'restore' || (promoted && candidate === 0)) return waves(replicas, replacing(target)) * assumed.podReadyMs;
  if (promoted) return assumed.podReadyMs + assumed.switchMs;
  if (weight === 0) return 0;
  return stable >= replicas ? assumed.switchMs : assumed.podReadyMs + assumed.switchMs;
}

export interface Simulated {
  readonly steps: readonly PlannedStep[];
  readonly peakPods: number;
}

/** Walks over the steps and says what each means for traffic, pods and time. Pure. */
export function simulateSteps(targets: readonly Target[], steps: readonly Step[], drainMs: number): Simulated {
  const walks = new Map(
    targets.map((target): [string, Walk] => {
      const stable = target.stable?.replicas ?? target.replicas;
      const candidate = target.candidate?.replicas ?? 0;
      const { weight } = target;
      return [
        JSON.stringify(target.app),
        { target, stable, candidate, weight, isolated: target.candidate?.isolated ?? false, promoted: false, peak: stable + candidate },
      ];
    }),
  );
  let peakPods = 0;
  const planned = steps.map((step): PlannedStep => {
    const key = 'target' in step ? JSON.stringify(step.target) : JSON.stringify(targets[0]?.app);
    const before = walks.get(key);
    if (before === undefined) throw new RangeError(`step ${step.kind} names an app that is no target`);
    const after = walkOn(before, step);
    walks.set(key, after);
    const all = [...walks.values()];
    peakPods = Math.max(
      peakPods,
      all.reduce((sum, walk) => sum + (walk === after ? walk.peak : walk.stable + walk.candidate), 0),
    );
    return {
      step,
      text: stepText(step, { before: before, after }),
      weight: after.promoted ? 100 : after.weight,
      pods: { stable: after.stable, candidate: after.candidate },
      ...durations(step, before, after, drainMs),
      rollbackMs: Math.max(...all.map((walk) => backMs(step, walk))),
    };
  });
  return { steps: planned, peakPods };
}
