import type { Clock, WriteContext } from '@shepherd/core';
import type { Container, Deployment, EndpointSlice, Labels, Pod, ReplicaSet, Service } from '../objects.js';
import type { Workload } from '../workload.js';

/** Objects as a test needs them; what it does not name is as in a settled app `web`. */
export const container = (more: Partial<Container> & Record<string, unknown> = {}): Container => ({
  name: 'web',
  image: 'registry/web:1.0.0',
  ports: [{ containerPort: 8080 }],
  readinessProbe: { httpGet: { path: '/api/health', port: 8080 } },
  ...more,
});

interface DeploymentParts {
  readonly name?: string;
  readonly replicas?: number;
  readonly labels?: Labels;
  readonly selector?: Labels;
  readonly annotations?: Labels;
  readonly ownLabels?: Labels;
  readonly containers?: readonly Container[];
  readonly generation?: number;
  readonly spec?: object;
  readonly status?: object;
}

export function deployment({ name = 'web', replicas = 3, labels = { app: name }, selector = labels, annotations = {}, ownLabels, containers = [container()], generation = 1, spec, status }: DeploymentParts = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, generation, resourceVersion: '7', ...(ownLabels === undefined ? {} : { labels: ownLabels }), annotations: { 'deployment.kubernetes.io/revision': '1', ...annotations } },
    spec: { replicas, selector: { matchLabels: selector }, template: { metadata: { labels }, spec: { containers } }, ...spec },
    status: { observedGeneration: generation, replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas, ...status },
  };
}

export function replicaSet(of: Deployment, { revision = '1', hash = 'aaa', replicas = of.spec.replicas ?? 1, template = of.spec.template, annotations = {}, at = '2026-01-01T00:00:00Z' } = {}): ReplicaSet {
  return {
    metadata: {
      name: `${of.metadata.name}-${hash}`,
      uid: `uid-${of.metadata.name}-${hash}`,
      creationTimestamp: at,
      annotations: { 'deployment.kubernetes.io/revision': revision, ...annotations },
      ownerReferences: [{ kind: 'Deployment', name: of.metadata.name, uid: of.metadata.uid ?? '', controller: true }],
    },
    spec: { replicas, template: { ...template, metadata: { ...template.metadata, labels: { ...template.metadata?.labels, 'pod-template-hash': hash } } } },
    status: { readyReplicas: replicas },
  };
}

export function pod(of: ReplicaSet, index: number, { ready = true, restarts = 0, leaving = false } = {}): Pod {
  return {
    metadata: {
      name: `${of.metadata.name}-${index}`,
      uid: `uid-${of.metadata.name}-${index}`,
      labels: of.spec.template.metadata?.labels ?? {},
      ownerReferences: [{ kind: 'ReplicaSet', name: of.metadata.name, uid: of.metadata.uid ?? '', controller: true }],
      ...(leaving ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: of.spec.template.spec,
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'web', ready, restartCount: restarts, state: { running: {} } }],
    },
  };
}

export const service = (name: string, selector: Labels, annotations: Labels = {}): Service => ({ metadata: { name, namespace: 'shop', annotations }, spec: { selector, ports: [{ port: 80, targetPort: 8080 }] } });

export const slice = (name: string, pods: readonly Pod[]): EndpointSlice => ({
  metadata: { name: `${name}-x`, labels: { 'kubernetes.io/service-name': name } },
  endpoints: pods.map(({ metadata }) => ({ conditions: { ready: true }, targetRef: { name: metadata.name } })),
});

export const workload = (parts: Partial<Workload> = {}): Workload => ({
  namespace: 'shop',
  name: 'web',
  stable: deployment(),
  candidate: undefined,
  services: [service('web', { app: 'web' })],
  previews: [],
  roles: 'keep',
  ...parts,
});

export const app = { cluster: 'default', namespace: 'shop', name: 'web' };

export const writeContext = (clock: Clock, more: Partial<WriteContext> = {}): WriteContext => ({ app, rolloutId: 'r1', fence: 3, signal: new AbortController().signal, clock, ...more });
