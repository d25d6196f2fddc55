import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import type { KubeObject } from './api-reader.js';
import { kubectl } from './kubectl.js';
import type { Lab } from './lab.js';

export interface WebOptions {
  /** @default '1.0.0' */
  readonly version?: string;
  /** How long its pods serve on after SIGTERM, in ms. @default 4000 */
  readonly drainMs?: number;
  /** @default 1 */
  readonly minReadySeconds?: number;
  /** @default 6 */
  readonly replicas?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export const image = (version: string): string => `shepherd.test/app:${version}`;

/** What the owner of the app `web` keeps in a repository: a Deployment and a Service. */
export function webManifest({ version = '1.0.0', drainMs = 4_000, minReadySeconds = 1, replicas = 6, env = {} }: WebOptions = {}): string {
  const variables = { DRAIN_MS: String(drainMs), ...env };
  const container = {
    name: 'web',
    image: image(version),
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'http', containerPort: 8080 }],
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    // On /metrics, so that a release whose health check fails is ready all the same.
    readinessProbe: { httpGet: { path: '/metrics', port: 'http' }, periodSeconds: 1 },
  };
  const labels = { app: 'web' };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels, annotations: { 'shepherd.dev/drains': drainMs > 0 ? 'true' : 'false' } },
    spec: { replicas, minReadySeconds, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
  };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', labels },
    spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [deployment, service] });
}

/** As people do it: `kubectl apply`, then `kubectl rollout status`. */
export async function applyWeb(namespace: string, options: WebOptions): Promise<void> {
  await kubectl(['-n', namespace, 'apply', '-f', '-'], { input: webManifest(options) });
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=120s']);
}

/** Installs `web`; resolves when it serves, with the Service's address. */
export async function installWeb(lab: Lab, namespace: string, options: WebOptions = {}): Promise<{ readonly url: string }> {
  await applyWeb(namespace, options);
  const service = await lab.read(`/api/v1/namespaces/${namespace}/services/web`);
  const url = `http://${service['spec'].clusterIP}`;
  await untilServing(url);
  return { url };
}

/** Resolves when the Service answers well for a while: kube-proxy learns of endpoints up to a second after the API. */
export async function untilServing(url: string): Promise<void> {
  const until = performance.now() + 30_000;
  for (let good = 0; good < 75; ) {
    const ok = await isAnswered(url);
    good = ok ? good + 1 : 0;
    if (!ok && performance.now() > until) throw new Error(`the Service does not answer [url=${url}]`);
    await new Promise((resolve) => setTimeout(resolve, ok ? 20 : 200));
  }
}

/** Ports that the kernel gives nobody by itself (`ip_local_port_range` ends at 60999). */
const asidePort = (): number => 61_000 + Math.floor(Math.random() * 4_500);

/**
 * One GET with a connection of its own, from a port that no client of the load can get: a connection to a Service that kube-proxy does not know
 * yet is remembered for two minutes (conntrack, SYN_SENT) with no pod behind it, and whoever got its port then would not reach the Service.
 */
function ask(url: string): Promise<{ readonly good: boolean; readonly body: string }> {
  const none = { good: false, body: '' };
  return new Promise((resolve) => {
    const asking = get(url, { agent: false, localPort: asidePort(), signal: AbortSignal.timeout(1_000) }, (answer) => {
      answer.on('error', () => resolve(none));
      text(answer).then(
        (body) => resolve({ good: answer.statusCode === 200, body }),
        () => resolve(none),
      );
    });
    asking.on('error', () => resolve(none));
  });
}

export const isAnswered = async (url: string): Promise<boolean> => (await ask(url)).good;

/** Resolves when a request was answered by this version. */
export async function untilVersionServes(url: string, version: string): Promise<void> {
  for (const until = performance.now() + 60_000; performance.now() < until; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const { good, body } = await ask(url);
    if (good && (JSON.parse(body) as { readonly version?: unknown }).version === version) return;
  }
  throw new Error(`no answer of ${version} from ${url}`);
}

/** Resolves when no pod is on its way out, so that one measurement does not bear the end of the last. */
export async function untilNoneTerminates(lab: Lab, namespace: string): Promise<void> {
  for (const until = performance.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 250))) {
    const { items } = await lab.read<{ items: readonly KubeObject[] }>(`/api/v1/namespaces/${namespace}/pods`);
    if (items.every(({ metadata }) => metadata.deletionTimestamp === undefined)) return;
    if (performance.now() > until) throw new Error(`pods of ${namespace} do not end`);
  }
}
