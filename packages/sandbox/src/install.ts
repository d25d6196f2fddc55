import type { Clock } from '@shepherd/core';
import type { KubeObject, Objects } from './api/objects.js';
import type { Cluster } from './cluster.js';

/** An app for `install`. */
export interface AppSpec {
  /** Of the Deployment, its container and its Service; also the label `app`. */
  readonly name: string;
  /** Made where it is missing. @default 'default' */
  readonly namespace?: string | undefined;
  readonly image: string;
  /** @default 2 */
  readonly replicas?: number | undefined;
  /** Of the container and the Service. @default 5000 */
  readonly port?: number | undefined;
}

const patienceMs = 60_000;
const lookMs = 20;

function objectsOf({ name, namespace = 'default', image, replicas = 2, port = 5000 }: AppSpec) {
  const metadata = { name, namespace, labels: { app: name } };
  const readinessProbe = { httpGet: { path: '/api/health', port }, periodSeconds: 1 };
  const container = { name, image, ports: [{ name: 'http', containerPort: port }], readinessProbe };
  const deployment = {
    metadata,
    spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [container] } } },
  };
  const service = { metadata, spec: { selector: { app: name }, ports: [{ name: 'http', port, targetPort: port }] } };
  return { deployment, service };
}

/**
 * A Deployment with a readiness probe, and a Service; resolves when all replicas are ready and the Service sends to them.
 * @throws Error after a minute, with what holds the pods; StatusError for what the API server refuses
 */
export async function install(app: AppSpec, { objects, cluster, clock }: { objects: Objects; cluster: Cluster; clock: Clock }): Promise<void> {
  const { name, namespace = 'default', replicas = 2 } = app;
  const { deployment, service } = objectsOf(app);
  if (objects.get('namespaces', undefined, namespace) === undefined) objects.create('namespaces', { metadata: { name: namespace } });
  objects.create('deployments.apps', deployment);
  objects.create('services', service);
  const endMs = clock.monotonicMs() + patienceMs;
  while (cluster.table.targets(namespace, name, 'http').length < replicas) {
    if (clock.monotonicMs() > endMs) throw new Error(`${namespace}/${name} is not ready after ${patienceMs / 1_000} s: ${troubleOf(objects, namespace, name)}`);
    await clock.sleep(lookMs);
  }
}

/** What the pods of an app wait for. */
function troubleOf(objects: Objects, namespace: string, name: string): string {
  const pods = objects.list('pods', namespace).filter((pod) => pod.metadata.labels?.app === name);
  return pods.map((pod) => `${pod.metadata.name}: ${waitOf(pod)}`).join('; ') || 'there are no pods';
}

function waitOf(pod: KubeObject): string {
  const waiting = pod.status?.containerStatuses?.[0]?.state.waiting;
  if (waiting !== undefined) return `${waiting.reason}${waiting.message === undefined ? '' : ` (${waiting.message})`}`;
  const condition = (pod.status?.conditions ?? []).find((one: { status: string; message?: string }) => one.status === 'False' && one.message !== undefined);
  return condition?.message ?? pod.status?.phase ?? 'unknown';
}
