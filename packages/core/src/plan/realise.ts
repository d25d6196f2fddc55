import type { Target } from './situation.js';

/** What a weight becomes: the percent it really is, and the pods of both tracks. */
export interface Realised {
  readonly weight: number;
  readonly stable: number;
  readonly candidate: number;
}

/**
 * What a wanted weight becomes on this target (RR 7.1). Pure; plan, engine and tests use this one. Pods at rest are R or R + 1, never fewer than R, and both
 * tracks keep a pod for every weight between 0 and 100.
 */
export function realise(target: Target, weight: number): Realised {
  const { replicas } = target;
  if (target.candidate?.isolated || target.router.granularity === 'binary') return { weight: weight > 0 ? 100 : 0, stable: replicas, candidate: replicas };
  if (target.router.granularity === 'percent') {
    // RR CAN-4: stable stays whole, so that it can take everything back at once.
    const candidate = weight === 0 ? 0 : Math.max(1, Math.ceil((replicas * weight) / 100));
    return { weight, stable: replicas, candidate };
  }
  const { candidate, stable } = target.autoscaled === undefined ? replicaRatio(replicas, weight, 1) : wholeStableRatio(replicas, weight);
  return { weight: percent(candidate, stable), stable, candidate };
}

/**
 * Pods for a weight where an autoscaler moves stable: stable stays whole, so that every count the autoscaler writes there is R itself (RR CAN-10, PT-13). The
 * candidate never has more than R, so shares above half are half; at 100 stable rests at 0, where an autoscaler leaves it alone (KC HP-3).
 */
export function wholeStableRatio(replicas: number, weight: number): { readonly candidate: number; readonly stable: number } {
  if (weight <= 0 || replicas === 0) return { candidate: 0, stable: replicas };
  if (weight >= 100) return { candidate: replicas, stable: 0 };
  const exact = (replicas * weight) / (100 - weight);
  const [down, up] = [Math.max(1, Math.floor(exact)), Math.max(1, Math.ceil(exact))];
  const gap = (candidate: number): number => Math.abs(candidate / (candidate + replicas) - weight / 100);
  return { candidate: Math.min(replicas, gap(down) < gap(up) ? down : up), stable: replicas };
}

/** Whole percent that the candidate has of all pods. */
export const percent = (candidate: number, stable: number): number => (candidate + stable === 0 ? 0 : Math.round((100 * candidate) / (candidate + stable)));

/**
 * Pods for a weight without a router: the pair nearest to it, with a total of R, or R + 1 where surge allows one more.
 * Source: the replica split of Argo Rollouts 1.9, with the correction of RR CAN-1 (its rule alone leaves a canary of none at some ties).
 */
export function replicaRatio(replicas: number, weight: number, surge: number): { readonly candidate: number; readonly stable: number } {
  if (weight <= 0 || replicas === 0) return { candidate: 0, stable: replicas };
  if (weight >= 100) return { candidate: replicas, stable: 0 };
  const exact = (replicas * weight) / 100;
  if (replicas === 1 && surge === 0) return weight < 50 ? { candidate: 0, stable: 1 } : { candidate: 1, stable: 0 };
  const [up, down] = [Math.ceil(exact), Math.floor(exact)];
  const tie = (replicas * weight) % 100 === 50;
  const pairs = (surge > 0 ? [replicas, replicas + 1] : [replicas]).flatMap((total) => {
    const keepUp = total - up >= 1;
    const keepDown = down >= 1 && (!tie || !keepUp);
    return [...(keepUp ? [{ candidate: up, total }] : []), ...(keepDown ? [{ candidate: down, total }] : [])];
  });
  const gap = ({ candidate, total }: { candidate: number; total: number }): number => Math.abs(candidate / total - weight / 100);
  const best = pairs.reduce((a, b) => (gap(b) < gap(a) ? b : a));
  return { candidate: best.candidate, stable: best.total - best.candidate };
}

/** Pods above R that a move may use for a while (a Deployment's default of a quarter, rounded up). */
export const moveSurge = (replicas: number): number => Math.max(1, Math.ceil(replicas / 4));
