import { type PortContext, ShepherdError } from '@shepherd/core';
import { KubeError } from '../api/index.js';
import type { Cluster } from '../cluster.js';
import { type Deployment, paths } from '../objects.js';
import type { Workload } from '../workload.js';

/** The candidate whose pods are the reason why stable may have fewer than now; undefined where it gets no fewer, or has no candidate. */
export const carriedBy = ({ stable, candidate, roles }: Workload, replicas: number): Deployment | undefined =>
  roles === 'keep' && replicas < (stable.spec.replicas ?? 1) && (candidate?.spec.replicas ?? 0) > 0 ? candidate : undefined;

/**
 * Whether the candidate, as it is stored now, still wants the pods that were seen. A read may be of a while ago, a write never is (KC LW-1), so it is asked
 * by one that stores nothing.
 */
export async function stillCarries({ api }: Cluster, { app, signal }: PortContext, candidate: Deployment): Promise<boolean> {
  const path = paths.deployments(app.namespace, candidate.metadata.name);
  try {
    const now = await api.patch<Deployment>(path, 'merge', {}, { signal, query: { dryRun: 'All' } });
    const { uid, deletionTimestamp } = now.metadata;
    return uid === candidate.metadata.uid && deletionTimestamp === undefined && (now.spec.replicas ?? 1) >= (candidate.spec.replicas ?? 1);
  } catch (error) {
    if (KubeError.is(error, 404)) return false;
    throw error;
  }
}

export const takenAway = ({ metadata }: Deployment): ShepherdError => {
  const object = `Deployment ${metadata.name}`;
  return new ShepherdError('ERR_CONFLICT', `${object} was taken away, or lost pods, while stable was to give up pods for it`, {
    facts: { object, reason: 'it was deleted or scaled down by somebody else' },
    remedy: 'see who took it away; deploy again when it is to be released',
  });
};
