import type { WriteContext } from '@shepherd/core';
import { KubeError } from '../api/index.js';
import type { Cluster } from '../cluster.js';
import { paths, type ReplicaSet } from '../objects.js';
import { type ConfigObject, contentHash, everKept } from './kept.js';

/**
 * The fence of a new holder on each ConfigMap and Secret that going back to some revision would write, so that no such write of a holder before it lands any more
 * (RR PT-7). What is as every revision had it is written by nobody, and left alone; so is what may not be read or written.
 */
export async function fenceKept(cluster: Cluster, context: WriteContext): Promise<void> {
  const { app, signal } = context;
  const { items } = await cluster.api.list<ReplicaSet>(paths.replicaSets(app.namespace), { signal });
  const kept = new Map<string, Set<string>>();
  for (const { kind, name, hash } of everKept(items)) {
    const path = (kind === 'ConfigMap' ? paths.configMaps : paths.secrets)(app.namespace, name);
    kept.set(path, (kept.get(path) ?? new Set()).add(hash));
  }
  await Promise.all(
    [...kept].map(async ([path, hashes]) => {
      const now = await readable(cluster.find<ConfigObject>(path, signal));
      if (now === undefined || [...hashes].every((hash) => hash === contentHash(now))) return;
      await cluster.fence(context, path, { optional: true, manager: 'shepherd-fence' });
    }),
  );
}

async function readable<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (KubeError.is(error, 403)) return undefined;
    throw error;
  }
}
