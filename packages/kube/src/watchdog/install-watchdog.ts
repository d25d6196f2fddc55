import type { KubeObject } from '../api/index.js';
import { Cluster, translated } from '../cluster.js';
import type { KubernetesOptions } from '../options.js';
import { watchdogObjects } from './watchdog-objects.js';

const groups: Readonly<Record<string, string>> = {
  ServiceAccount: 'serviceaccounts',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  Deployment: 'deployments',
};

const pathOf = ({ apiVersion = 'v1', kind = '', metadata }: KubeObject): string =>
  `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}/namespaces/${metadata.namespace}/${groups[kind]}/${metadata.name}`;

/**
 * Puts the watchdog into a namespace, or brings the one that is there up to date. @default namespace: the context's
 * @throws ShepherdError ERR_FORBIDDEN: who installs it must have the rights that it gets; ERR_UNREACHABLE
 */
export async function installWatchdog(
  options: KubernetesOptions & { readonly image: string; readonly signal?: AbortSignal | undefined },
): Promise<{ readonly namespace: string; readonly objects: readonly KubeObject[] }> {
  const { image, signal = new AbortController().signal, ...connection } = options;
  const cluster = new Cluster(connection);
  try {
    return await translated({ signal }, 'install the watchdog', async () => {
      const namespace = await cluster.namespace();
      const objects = watchdogObjects({ image, namespace });
      for (const object of objects) await cluster.api.patch(pathOf(object), 'apply', object, { signal });
      return { namespace, objects };
    });
  } finally {
    await cluster.api.close();
  }
}
