import type { ApiReader, KubeObject } from '../../lab/index.js';
import type { Objects, Resource } from '../objects.js';

const groups: Readonly<Record<Resource, string>> = {
  'deployments.apps': '/apis/apps/v1',
  'replicasets.apps': '/apis/apps/v1',
  services: '/api/v1',
  pods: '/api/v1',
  configmaps: '/api/v1',
  'leases.coordination.k8s.io': '/apis/coordination.k8s.io/v1',
};

export const pathOf = (resource: Resource, namespace: string): string => `${groups[resource]}/namespaces/${namespace}/${resource.split('.')[0]}`;

export const listOf = async ({ read }: ApiReader, resource: Resource, namespace: string): Promise<readonly KubeObject[]> =>
  (await read<{ readonly items: readonly KubeObject[] }>(pathOf(resource, namespace))).items;

/** Everything of a namespace that is compared, as it is now. */
export async function snapshot(api: ApiReader, namespace: string): Promise<Objects> {
  const resources = Object.keys(groups) as Resource[];
  const lists = await Promise.all(resources.map(async (resource) => [resource, await listOf(api, resource, namespace)] as const));
  const found = new Map(lists);
  return { now: new Date(), list: (resource) => found.get(resource) ?? [] };
}
