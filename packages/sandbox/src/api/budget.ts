import type { KubeObject, Objects } from './objects.js';
import { controllerOf } from './owners.js';
import { isReady } from './pod-ready.js';
import { matchesSelector } from './selectors.js';

/** What a PodDisruptionBudget allows now: the fields of its status. */
export interface Budget {
  readonly expectedPods: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly disruptionsAllowed: number;
}

/** Percentages round up, as in the disruption controller. */
const amount = (value: number | string, of: number): number => (typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * of) / 100));

/** Replicas that the pods' controllers want: of the Deployment where a ReplicaSet has one. */
function expectedOf(objects: Pick<Objects, 'get'>, pods: readonly KubeObject[]): number {
  const wanted = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    const resource = { ReplicaSet: 'replicasets.apps', StatefulSet: 'statefulsets.apps' }[String(owner?.kind)];
    const found = owner && resource && objects.get(resource, pod.metadata.namespace, owner.name);
    if (!found) continue;
    const above = controllerOf(found);
    const top = (above?.kind === 'Deployment' && objects.get('deployments.apps', pod.metadata.namespace, above.name)) || found;
    wanted.set(top.metadata.uid, top.spec.replicas ?? 1);
  }
  // pods that nobody manages are expected by nobody
  return [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0);
}

/**
 * Calculates a budget from the pods as they are.
 * @param leaving pods whose eviction was granted, though they may not know it yet
 */
export function budgetOf(objects: Pick<Objects, 'get' | 'list'>, pdb: KubeObject, leaving: readonly string[] = []): Budget {
  const pods = objects
    .list('pods', pdb.metadata.namespace)
    .filter(({ metadata, status }) => matchesSelector(pdb.spec.selector, metadata.labels) && !['Failed', 'Succeeded'].includes(status?.phase));
  const { minAvailable, maxUnavailable } = pdb.spec;
  const counted = typeof minAvailable === 'number' ? pods.length : expectedOf(objects, pods);
  const desiredHealthy = maxUnavailable !== undefined ? Math.max(0, counted - amount(maxUnavailable, counted)) : amount(minAvailable ?? 1, counted);
  const currentHealthy = pods.filter((pod) => !pod.metadata.deletionTimestamp && !leaving.includes(pod.metadata.name) && isReady(pod)).length;
  const allowed = counted === 0 || currentHealthy <= desiredHealthy ? 0 : currentHealthy - desiredHealthy;
  return { expectedPods: counted, currentHealthy, desiredHealthy, disruptionsAllowed: allowed };
}
