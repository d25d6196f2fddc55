import type { KubeObject } from '../../api/objects.js';
import { isReady } from '../../api/pod-ready.js';
import { readySinceMs } from '../pod-facts.js';

const costOf = (pod: KubeObject): number => Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;
const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const restartsOf = (pod: KubeObject): number =>
  Math.max(0, ...((pod.status?.containerStatuses ?? []) as { restartCount?: number }[]).map(({ restartCount }) => restartCount ?? 0));

/** Ages in powers of two, so that pods of about the same age are equal and chance decides. */
const ageRank = (sinceMs: number | undefined, nowMs: number): number =>
  sinceMs === undefined ? -1 : Math.floor(Math.log2(Math.max(1, Math.round(nowMs - sinceMs) * 1e6)));

/**
 * Pods in the order in which a ReplicaSet gives them up: unscheduled, pending, not ready, cheap to delete, ready for a short time, restarted often, young.
 */
export function victimsFirst(pods: readonly KubeObject[], nowMs: number): KubeObject[] {
  const steps: ((pod: KubeObject) => number)[] = [
    (pod) => (pod.spec.nodeName ? 1 : 0),
    (pod) => phaseRank[pod.status?.phase ?? 'Pending'] ?? 1,
    (pod) => (isReady(pod) ? 1 : 0),
    costOf,
    (pod) => ageRank(readySinceMs(pod), nowMs),
    (pod) => -restartsOf(pod),
    (pod) => ageRank(Date.parse(pod.metadata.creationTimestamp), nowMs),
  ];
  const keys = new Map(pods.map((pod) => [pod, steps.map((step) => step(pod))]));
  return pods.toSorted((a, b) => {
    const [one, two] = [keys.get(a) as number[], keys.get(b) as number[]];
    const differs = one.findIndex((value, index) => value !== two[index]);
    return differs === -1 ? (a.metadata.uid < b.metadata.uid ? -1 : 1) : (one[differs] as number) - (two[differs] as number);
  });
}
