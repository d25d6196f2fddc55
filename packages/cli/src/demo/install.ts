import type { Clock, Transport } from '@shepherd/core';

export interface DemoApp {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly replicas: number;
}

const port = 5000;
const patienceMs = 30_000;
const lookMs = 50;

/** Ready when `/metrics` answers, so that a release can be ready and sick at once. */
function objectsOf({ name, namespace, image, replicas }: DemoApp) {
  const metadata = { name, namespace, labels: { app: name } };
  const readinessProbe = { httpGet: { path: '/metrics', port }, periodSeconds: 1 };
  const container = { name, image, ports: [{ name: 'http', containerPort: port }], readinessProbe };
  return {
    deployment: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [container] } } },
    },
    service: { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: port }] } },
  };
}

/** Makes a namespace. @throws Error where the API server refuses */
export const makeNamespace = (transport: Transport, name: string): Promise<unknown> =>
  call(transport, 'POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** A Deployment and its Service, as anybody would make them; resolves when all pods are available. @throws Error where it is refused or takes too long */
export async function install(app: DemoApp, { transport, clock }: { readonly transport: Transport; readonly clock: Clock }): Promise<void> {
  const { deployment, service } = objectsOf(app);
  const path = `/apis/apps/v1/namespaces/${app.namespace}/deployments`;
  await call(transport, 'POST', path, deployment);
  await call(transport, 'POST', `/api/v1/namespaces/${app.namespace}/services`, service);
  const endMs = clock.monotonicMs() + patienceMs;
  for (;;) {
    const { status } = (await call(transport, 'GET', `${path}/${app.name}`)) as { readonly status?: { readonly availableReplicas?: number } };
    if (status?.availableReplicas === app.replicas) return;
    if (clock.monotonicMs() > endMs) throw new Error(`${app.name} has ${status?.availableReplicas ?? 0} of ${app.replicas} pods after ${patienceMs / 1_000} s`);
    await clock.sleep(lookMs);
  }
}

async function call(transport: Transport, method: string, path: string, body?: unknown): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await transport(new Request(`http://sandbox.invalid${path}`, init));
  const answer = (await response.json()) as { readonly message?: string };
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.message ?? ''}`);
  return answer;
}
