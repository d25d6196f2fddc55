import type { Clock, Transport } from '@shepherd/core';
import { parse } from 'yaml';

export interface DemoApp {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly replicas: number;
}

/** What a sandbox gives: how to reach its API server, and as whom. */
export interface Reach {
  readonly kubeconfig: string;
  readonly transport: Transport;
  readonly clock: Clock;
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
export const makeNamespace = (reach: Reach, name: string): Promise<unknown> =>
  call(reach, 'POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** A Deployment and its Service, as anybody would make them; resolves when all pods are available. @throws Error where it is refused or takes too long */
export async function install(app: DemoApp, reach: Reach): Promise<void> {
  const { deployment, service } = objectsOf(app);
  const path = `/apis/apps/v1/namespaces/${app.namespace}/deployments`;
  await call(reach, 'POST', path, deployment);
  await call(reach, 'POST', `/api/v1/namespaces/${app.namespace}/services`, service);
  const endMs = reach.clock.monotonicMs() + patienceMs;
  for (;;) {
    const { status } = (await call(reach, 'GET', `${path}/${app.name}`)) as { readonly status?: { readonly availableReplicas?: number } };
    if (status?.availableReplicas === app.replicas) return;
    if (reach.clock.monotonicMs() > endMs)
      throw new Error(`${app.name} has ${status?.availableReplicas ?? 0} of ${app.replicas} pods after ${patienceMs / 1_000} s`);
    await reach.clock.sleep(lookMs);
  }
}

async function call({ kubeconfig, transport }: Reach, method: string, path: string, body?: unknown): Promise<unknown> {
  const { users } = parse(kubeconfig) as { readonly users: readonly { readonly user: { readonly token: string } }[] };
  const headers = { authorization: `Bearer ${users[0]?.user.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await transport(new Request(`http://sandbox.invalid${path}`, init));
  const answer = (await response.json()) as { readonly message?: string };
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.message ?? ''}`);
  return answer;
}
