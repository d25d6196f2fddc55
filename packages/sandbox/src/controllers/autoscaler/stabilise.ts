import type { Behavior } from './limits.js';

/** A size that was wanted. */
export interface Recommendation {
  readonly atMs: number;
  readonly replicas: number;
}

/** How long a smaller size has to be wanted before it is taken, where the object does not say. */
const usualScaleDownWindowMs = 300_000;

export interface Stabilised {
  readonly replicas: number;
  readonly reason: 'ScaleDownStabilized' | 'ScaleUpStabilized' | 'ReadyForNewScale';
  readonly message: string;
}

const lower = 'recent recommendations were higher than current one, applying the highest recent recommendation';
const higher = 'recent recommendations were lower than current one, applying the lowest recent recommendation';
const windowsOf = (behavior: Behavior | undefined): { upMs: number; downMs: number } => ({
  upMs: (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1_000,
  downMs: (behavior?.scaleDown?.stabilizationWindowSeconds ?? usualScaleDownWindowMs / 1_000) * 1_000,
});

/** A dip in usage takes nothing away: the highest size of the window counts on the way down, the lowest on the way up. */
export function stabilise(wanted: number, current: number, past: readonly Recommendation[], behavior: Behavior | undefined, nowMs: number): Stabilised {
  const { upMs, downMs } = windowsOf(behavior);
  const within = (ms: number): number[] => [wanted, ...past.filter(({ atMs }) => atMs > nowMs - ms).map(({ replicas }) => replicas)];
  const ceiling = Math.max(...within(downMs));
  // without a behaviour the highest recent size counts even where it is above the current one
  const replicas = behavior === undefined ? ceiling : Math.min(Math.max(current, Math.min(...within(upMs))), ceiling);
  if (replicas === wanted) return { replicas, reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
  const isUp = behavior !== undefined && wanted >= current;
  return { replicas, reason: isUp ? 'ScaleUpStabilized' : 'ScaleDownStabilized', message: isUp ? higher : lower };
}

/** What a later call of `stabilise` can still need. */
export const remembered = (past: readonly Recommendation[], behavior: Behavior | undefined, nowMs: number): Recommendation[] => {
  const { upMs, downMs } = windowsOf(behavior);
  return past.filter(({ atMs }) => atMs > nowMs - Math.max(upMs, downMs));
};
