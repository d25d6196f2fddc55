import { expect } from 'vitest';
import type { KubeObject, Lab } from '../../bench/src/lab/index.js';

interface List {
  readonly items: readonly KubeObject[];
}

/** Everything of `web` that a rollout may have touched, as the API holds it. */
export async function readApp(lab: Lab, namespace: string) {
  const of = async (path: string): Promise<readonly KubeObject[]> => (await lab.read<List>(path)).items;
  const [deployments, services, pods, leases, configMaps] = await Promise.all([
    of(`/apis/apps/v1/namespaces/${namespace}/deployments`),
    of(`/api/v1/namespaces/${namespace}/services`),
    of(`/api/v1/namespaces/${namespace}/pods`),
    of(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`),
    of(`/api/v1/namespaces/${namespace}/configmaps`),
  ]);
  return { deployments, services, pods, leases, configMaps };
}

const running = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp === undefined;
const isReady = ({ status }: KubeObject): boolean =>
  (status?.conditions ?? []).some(({ type, status: value }: { type: string; status: string }) => type === 'Ready' && value === 'True');

/** Nothing of a rollout is left: one Deployment with its replicas ready and of this image, one Service with its own selector, no lock. */
export async function expectClean(lab: Lab, namespace: string, { image, replicas }: { readonly image: string; readonly replicas: number }): Promise<void> {
  const { deployments, services, pods, leases } = await readApp(lab, namespace);
  expect(deployments.map(({ metadata }) => metadata.name)).toEqual(['web']);
  expect(deployments[0]?.['spec'].replicas).toBe(replicas);
  expect(deployments[0]?.['spec'].template.spec.containers[0].image).toBe(image);
  expect(deployments[0]?.metadata.annotations).not.toHaveProperty('shepherd.dev/replicas');
  expect(services.map(({ metadata }) => metadata.name)).toEqual(['web']);
  expect(services[0]?.['spec'].selector).toEqual({ app: 'web' });
  expect(services[0]?.metadata.annotations ?? {}).not.toHaveProperty('shepherd.dev/original-selector');
  const alive = pods.filter(running);
  expect(alive.map(({ spec }) => spec.containers[0].image)).toEqual(Array.from({ length: replicas }, () => image));
  expect(alive.every(isReady)).toBe(true);
  expect(leases.map(({ spec }) => spec.holderIdentity ?? '')).toEqual(['']);
}
