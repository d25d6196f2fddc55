import { type PortContext, ShepherdError, type WriteContext } from '@shepherd/core';
import { type Cluster, translated } from '../cluster.js';
import { paths } from '../objects.js';
import { readWorkload, type Workload } from '../workload.js';

/** The app, or undefined where it is gone: there is nothing to protect, and what to do about it is the rollout's to say. */
export async function workloadOf(cluster: Cluster, { app, signal }: PortContext): Promise<Workload | undefined> {
  try {
    return await readWorkload(cluster, app, signal);
  } catch (error) {
    if (ShepherdError.is(error, 'ERR_APP_NOT_FOUND') || ShepherdError.is(error, 'ERR_UNSUPPORTED_WORKLOAD')) return undefined;
    throw error;
  }
}

/**
 * The fence of a new holder on each Deployment and Service that a rollout of the app writes. Stable comes first and the candidate is read after it: whoever
 * creates one looks at stable before giving it pods, so that one of the two sees the other.
 */
export function fenceWorkload(cluster: Cluster, context: WriteContext): Promise<void> {
  return translated(context, `take over ${context.app.name}`, async () => {
    const stable = await stableOf(cluster, context);
    if (stable === undefined) return;
    await cluster.fence(context, paths.deployments(context.app.namespace, stable));
    const workload = await workloadOf(cluster, context);
    if (workload === undefined) return;
    const { namespace, candidate, services, previews } = workload;
    if (candidate !== undefined) await cluster.fence(context, paths.deployments(namespace, candidate.metadata.name));
    // Who may not write Services never writes them: a rolling release needs no such right.
    for (const { metadata } of [...services, ...previews]) await cluster.fence(context, paths.services(namespace, metadata.name), { optional: true });
  });
}

/** Its name. By name alone where it can be: a list waits for what was written just before. */
async function stableOf(cluster: Cluster, context: WriteContext): Promise<string | undefined> {
  const { workload = context.app.name } = cluster.app(context.app);
  const found = await cluster.find(paths.deployments(context.app.namespace, workload), context.signal);
  return (found ?? (await workloadOf(cluster, context))?.stable)?.metadata.name;
}
