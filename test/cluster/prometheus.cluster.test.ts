import { type MetricsReading, type MetricsRequest, type PortContext, systemClock, type TrackName } from '@shepherd/core';
import { prometheus } from '@shepherd/prometheus';
import { loadProcess } from '@shepherd/sandbox/load';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  discoverPods,
  image,
  isAnswered,
  type KubeObject,
  kubectl,
  type Lab,
  type LabPrometheus,
  openLab,
  startPrometheus,
} from '../../bench/src/lab/index.js';

const rate = 100;
const bounds = [0.1, 0.25];
let lab: Lab;
let namespace: string;
let pods: Awaited<ReturnType<typeof discoverPods>> | undefined;
let server: LabPrometheus;

/** Two Deployments behind a Service each, as stable and candidate of a rollout. */
const manifest = (name: string, replicas: number, env: Readonly<Record<string, string>>): object[] => {
  const labels = { app: name };
  const container = {
    name: 'web',
    image: image('1.0.0'),
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'http', containerPort: 8080 }],
    env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
    readinessProbe: { httpGet: { path: '/metrics', port: 'http' }, periodSeconds: 1 },
  };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: labels, ports: [{ port: 80, targetPort: 'http' }] } },
  ];
};

beforeAll(async () => {
  lab = await openLab();
  namespace = await lab.namespace('prometheus');
  const items = [...manifest('web', 2, {}), ...manifest('web-candidate', 1, { ERROR_RATE: '0.2', LATENCY_MS: '150' })];
  await kubectl(['-n', namespace, 'apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  for (const name of ['web', 'web-candidate']) await kubectl(['-n', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=120s']);
  pods = await discoverPods(lab, namespace);
  server = await startPrometheus({ scrape: [pods.scrape] });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await pods?.[Symbol.asyncDispose]();
  await lab.drop(namespace);
  await lab[Symbol.asyncDispose]();
});

const contextOf = (): PortContext => ({
  app: { cluster: 'test', namespace, name: 'web' },
  rolloutId: 'one',
  signal: new AbortController().signal,
  clock: systemClock,
});

async function selectorOf(app: string) {
  const { items } = await lab.read<{ items: readonly KubeObject[] }>(`/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`);
  return { revision: app, pods: items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name), labels: {} };
}

async function requestNow(): Promise<MetricsRequest> {
  const at = Date.now() - 500;
  return {
    at: new Date(at).toISOString(),
    since: new Date(at - 1_000).toISOString(),
    bounds,
    tracks: { stable: await selectorOf('web'), candidate: await selectorOf('web-candidate') },
  };
}

const addressOf = async (name: string): Promise<string> => `http://${(await lab.read(`/api/v1/namespaces/${namespace}/services/${name}`))['spec'].clusterIP}`;
const provider = () => prometheus({ url: server.url, lag: '500ms' });

function sumOf(reading: MetricsReading, track: TrackName): { readonly requests: number; readonly errors: number; readonly slow: readonly number[] } {
  if (reading.kind !== 'counters') throw new Error(JSON.stringify(reading));
  const targets = reading.targets.filter((target) => target.track === track);
  const add = (of: (target: (typeof targets)[number]) => number): number => targets.reduce((sum, target) => sum + of(target), 0);
  return {
    requests: add(({ requests }) => requests),
    errors: add(({ errors }) => errors),
    slow: bounds.map((_, index) => add(({ slow }) => slow[index] ?? 0)),
  };
}

/** Sends so many requests to each app and waits until all are scraped. */
async function send(seconds: number): Promise<Readonly<Record<TrackName, number>>> {
  const urls = [await addressOf('web'), await addressOf('web-candidate')];
  await using load = await loadProcess(urls.map((url) => ({ url, rate })));
  await systemClock.sleep(seconds * 1_000);
  const [stable, candidate] = (await load.stop()).map(({ answers }) => answers.length);
  await systemClock.sleep(2_500);
  return { stable: stable ?? 0, candidate: candidate ?? 0 };
}

/** So many requests that were answered; kube-proxy learns of a pod a moment after the API. */
async function served(url: string, requests: number): Promise<void> {
  for (let count = 0; count < requests; ) {
    if (await isAnswered(url)) count += 1;
    else await systemClock.sleep(100);
  }
}

test('before there are requests preflight says so, and a read is no zero', async () => {
  await server.until(`up{namespace="${namespace}"} == 1`, 3);
  expect(await provider().preflight?.(contextOf(), await selectorOf('web'))).toMatchObject([{ id: 'prometheus-no-requests', level: 'warning' }]);
  expect(await provider().read(await requestNow(), contextOf())).toMatchObject({ kind: 'unavailable', reason: 'no-data' });
});

test('counts what was sent, to the request, in both tracks', async () => {
  const sent = await send(4);
  const reading = await provider().read(await requestNow(), contextOf());
  const [stable, candidate] = [sumOf(reading, 'stable'), sumOf(reading, 'candidate')];
  expect([stable.requests, candidate.requests]).toEqual([sent.stable, sent.candidate]);
  expect(stable.errors).toBe(0);
  expect(candidate.errors / candidate.requests).toBeGreaterThan(0.1);
  expect(candidate.errors / candidate.requests).toBeLessThan(0.3);
  expect(candidate.slow[0]).toBe(candidate.requests);
  expect(await provider().preflight?.(contextOf(), await selectorOf('web'))).toEqual([]);
});

test('a pod that is replaced is a new target, and the counters of the others go on', async () => {
  const before = await provider().read(await requestNow(), contextOf());
  const [victim = ''] = (await selectorOf('web')).pods;
  await kubectl(['-n', namespace, 'delete', 'pod', victim, '--grace-period=1']);
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=60s']);
  await server.until(`up{pod=~"${(await selectorOf('web')).pods.join('|')}"} == 1`, 2);
  const sent = await send(2);
  const after = await provider().read(await requestNow(), contextOf());
  if (before.kind !== 'counters' || after.kind !== 'counters') throw new Error(JSON.stringify([before, after]));
  const old = new Map(before.targets.map(({ target, requests }) => [target, requests]));
  const rise = after.targets.filter(({ track }) => track === 'stable').reduce((sum, { target, requests }) => sum + requests - (old.get(target) ?? 0), 0);
  expect(after.targets.some(({ target }) => target.endsWith(victim))).toBe(false);
  expect(rise).toBe(sent.stable);
});

test('a container that is started again in its pod is the same target with counters that fell', async () => {
  const crashing = manifest('crashing', 1, { CRASH_AFTER_MS: '15000' });
  await kubectl(['-n', namespace, 'apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: crashing }) });
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/crashing', '--timeout=60s']);
  const { pods: names } = await selectorOf('crashing');
  const [pod = ''] = names;
  const url = await addressOf('crashing');
  const countOf = async (): Promise<readonly (readonly [string, number])[]> => {
    const reading = await provider().read({ ...(await requestNow()), tracks: { stable: await selectorOf('crashing'), candidate: undefined } }, contextOf());
    return reading.kind === 'counters' ? reading.targets.map(({ target, requests }) => [target, requests]) : [];
  };
  await served(url, 100);
  await server.until(`http_requests_total{pod="${pod}"} >= 100`);
  await systemClock.sleep(600);
  const [before] = await countOf();
  expect(before?.[1]).toBe(100);
  await server.until(`up{pod="${pod}"} == 0`);
  await server.until(`up{pod="${pod}"} == 1`);
  await kubectl(['-n', namespace, 'wait', 'pod', pod, '--for=condition=Ready', '--timeout=60s']);
  await served(url, 20);
  await server.until(`http_requests_total{pod="${pod}"} >= 20`);
  await systemClock.sleep(600);
  expect(await countOf()).toEqual([[before?.[0], 20]]);
});

test('a Prometheus that is killed is unreachable; started again it goes on with what it had', async () => {
  const request = await requestNow();
  const [before, one] = [await provider().read(request, contextOf()), provider()];
  await server.kill();
  expect(await one.read(await requestNow(), contextOf())).toMatchObject({
    kind: 'unavailable',
    reason: 'unreachable',
    detail: expect.stringContaining('cannot be reached'),
  });
  await server.start();
  await server.until(`up{namespace="${namespace}"} == 1`, 3);
  await systemClock.sleep(1_500);
  expect(sumOf(await one.read(await requestNow(), contextOf()), 'stable')).toEqual(sumOf(before, 'stable'));
});

test('an empty Prometheus has no data', async () => {
  await using empty = await startPrometheus({ scrape: [] });
  expect(await prometheus({ url: empty.url }).read(await requestNow(), contextOf())).toMatchObject({ kind: 'unavailable', reason: 'no-data' });
});
