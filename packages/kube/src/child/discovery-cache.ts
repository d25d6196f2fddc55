import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../cluster.js';

const shared = new WeakMap<Cluster, Promise<string>>();

/** What children know of the kinds of this cluster, for as long as we work with it. */
function folderOf(cluster: Cluster): Promise<string> {
  const known = shared.get(cluster) ?? mkdtemp(join(tmpdir(), 'shepherd-kinds-'));
  shared.set(cluster, known);
  known.catch(() => shared.delete(cluster));
  return known;
}

/** As client-go names the folder of a server. */
const folderNameOf = (server: string): string => server.replace(/^https?:\/\//, '').replaceAll(/[^(\w/.)]/g, '_');

/**
 * Where a child keeps what it learns of the cluster's kinds (`KUBECACHEDIR`): never among a person's own, which would get a folder for each call since each has
 * an address of its own; and known to the next child, so that it need not ask again.
 */
export async function cacheFor(cluster: Cluster, server: string, folder: string): Promise<string> {
  const cache = join(folder, 'cache');
  const place = join(cache, 'discovery', folderNameOf(server));
  await mkdir(join(place, '..'), { recursive: true });
  await symlink(await folderOf(cluster), place, 'dir');
  return cache;
}

export async function forgetKinds(cluster: Cluster): Promise<void> {
  const known = shared.get(cluster);
  shared.delete(cluster);
  if (known !== undefined) await rm(await known, { recursive: true, force: true });
}
