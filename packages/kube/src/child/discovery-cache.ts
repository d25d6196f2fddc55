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
 * an address of its own; and known to the next child, so that it need not ask again. Undefined where no file can be written: then each child asks.
 */
export async function cacheFor(cluster: Cluster, server: string): Promise<{ readonly folder: string; remove(): Promise<void> } | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-child-')).catch(() => undefined);
  if (folder === undefined) return undefined;
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const place = join(folder, 'discovery', folderNameOf(server));
    await mkdir(join(place, '..'), { recursive: true });
    await symlink(await folderOf(cluster), place, 'dir');
    return { folder, remove };
  } catch {
    await remove().catch(() => undefined);
    return undefined;
  }
}

export async function forgetKinds(cluster: Cluster): Promise<void> {
  const known = shared.get(cluster);
  shared.delete(cluster);
  if (known !== undefined) await rm(await known, { recursive: true, force: true });
}
