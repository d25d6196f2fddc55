import type { KubeObject } from '../api/objects.js';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** A condition of any object's status. */
export const conditionOf = (object: KubeObject, type: string): Condition | undefined =>
  (object.status?.conditions as Condition[] | undefined)?.find((condition) => condition.type === type);

/** Neither finished nor being deleted. */
export const isActive = (pod: KubeObject): boolean =>
  pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed' && pod.metadata.deletionTimestamp === undefined;

/** When the pod got ready, in milliseconds of the epoch. */
export const readySinceMs = (pod: KubeObject): number | undefined => {
  const ready = conditionOf(pod, 'Ready');
  return ready?.status === 'True' && ready.lastTransitionTime !== undefined ? Date.parse(ready.lastTransitionTime) : undefined;
};

/**
 * Milliseconds until a ready pod has been ready for `minReadySeconds`: 0 when it is available, `undefined` where it is not ready.
 * Timestamps carry whole seconds, as in Kubernetes.
 */
export function availableInMs(pod: KubeObject, minReadySeconds: number, nowMs: number): number | undefined {
  const since = readySinceMs(pod);
  if (since === undefined) return undefined;
  return minReadySeconds === 0 ? 0 : Math.max(0, since + minReadySeconds * 1_000 - nowMs);
}
