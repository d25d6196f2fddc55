import type { PortContext } from '@shepherd/core';
import type { KubeObject } from '../api/index.js';
import type { Cluster } from '../cluster.js';
import { names } from '../names.js';
import { annotation, paths } from '../objects.js';
import type { LeaseObject } from './lease-watch.js';
import { stateName } from './object-name.js';

const fenceOf = (object: KubeObject | undefined): number => {
  const fence = Number(object === undefined ? 0 : (annotation(object, names.fence) ?? 0));
  return Number.isSafeInteger(fence) && fence > 0 ? fence : 0;
};

/**
 * The highest fence that was given out. A Lease that was deleted or edited says a lower one, after which no write would pass the objects any more: so the
 * journal is asked as well, and where the Lease says none at all, every object that a rollout may have written.
 */
export async function lastFence(cluster: Cluster, { app, signal }: PortContext, lease: LeaseObject | undefined): Promise<number> {
  const { namespace, name } = app;
  const told = lease?.spec?.leaseTransitions;
  const known = typeof told === 'number' && Number.isSafeInteger(told) && told > 0 ? told : undefined;
  const journal = await cluster.find(paths.configMaps(namespace, stateName(name)), signal);
  if (known !== undefined) return Math.max(known, fenceOf(journal));
  const [{ items: deployments }, { items: services }] = await Promise.all([
    cluster.api.list(paths.deployments(namespace), { signal }),
    cluster.api.list(paths.services(namespace), { signal }),
  ]);
  return Math.max(0, ...[journal, ...deployments, ...services].map(fenceOf));
}
