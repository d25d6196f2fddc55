import { describe, expect, test } from 'vitest';
import type { Wire } from './api/json.js';
import { createSandbox, type Sandbox } from './index.js';

const tokenOf = (sandbox: Sandbox): string => /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1] ?? '';

/** A client of the API, in memory or over HTTP. */
async function api(sandbox: Sandbox, method: string, path: string, body?: object): Promise<Wire> {
  const headers = {
    authorization: `Bearer ${tokenOf(sandbox)}`,
    'content-type': body && method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json',
  };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  const url = `${sandbox.url ?? 'http://sandbox.invalid'}${path}`;
  const answer = sandbox.url === undefined ? await sandbox.connection.transport(new Request(url, init)) : await fetch(url, init);
  return answer.headers.get('content-type')?.startsWith('application/json') ? answer.json() : answer.text();
}

const deployment = '/apis/apps/v1/namespaces/shop/deployments/web';
const release = (sandbox: Sandbox, image: string) =>
  api(sandbox, 'PATCH', deployment, { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } });

async function rolledOut(sandbox: Sandbox): Promise<void> {
  for (let left = 300; left > 0; left--) {
    const { metadata, spec, status } = await api(sandbox, 'GET', deployment);
    const counts = [status.replicas, status.updatedReplicas, status.availableReplicas];
    if (status.observedGeneration === metadata.generation && counts.every((count) => count === spec.replicas)) return;
    await sandbox.connection.clock.sleep(100);
  }
  throw new Error('it did not roll out');
}

describe('virtual time', () => {
  test('a release through the API under load loses nothing and takes its virtual time', async () => {
    await using sandbox = await createSandbox();
    sandbox.image('registry/web:1.2.0');
    sandbox.image('registry/web:1.3.0');
    await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.2.0', replicas: 6 });
    expect(sandbox.writes).toBe(0);
    const load = sandbox.load('shop/web', { rate: 200 });
    await release(sandbox, 'registry/web:1.3.0');
    expect(sandbox.writes).toBe(1);
    await rolledOut(sandbox);
    await sandbox.connection.clock.sleep(5 * 60_000);
    const { requests, failed, byImage } = await load.stop();
    expect(failed).toBe(0);
    expect(requests).toBeGreaterThan(60_000);
    expect(Object.keys(byImage).sort()).toEqual(['registry/web:1.2.0', 'registry/web:1.3.0']);
    expect(sandbox.elapsedMs).toBeGreaterThan(5 * 60_000);
    expect(sandbox.url).toBeUndefined();
    expect(await sandbox.addresses('shop/web')).toEqual({});
  });

  test('logs, the pod proxy and Events are there through the API', async () => {
    await using sandbox = await createSandbox();
    sandbox.image('web:1');
    await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1', replicas: 1 });
    const pods = await api(sandbox, 'GET', '/api/v1/namespaces/shop/pods');
    const { name } = pods.items[0].metadata;
    expect(await api(sandbox, 'GET', `/api/v1/namespaces/shop/pods/${name}/log`)).toBe('version 1 listens on :5000\n');
    expect(await api(sandbox, 'GET', `/api/v1/namespaces/shop/pods/${name}:5000/proxy/api/health`)).toMatchObject({ status: 'healthy', version: '1' });
    expect(await api(sandbox, 'GET', `/api/v1/namespaces/shop/pods/${name}:9/proxy/`)).toMatchObject({ kind: 'Status', code: 503 });
    expect(await api(sandbox, 'GET', '/api/v1/namespaces/shop/services/web:http/proxy/')).toEqual({ version: '1', pod: name });
    const events = await api(sandbox, 'GET', '/api/v1/namespaces/shop/events');
    expect(events.items.map(({ reason }: { reason: string }) => reason)).toEqual(
      expect.arrayContaining(['Scheduled', 'Pulled', 'Started', 'SuccessfulCreate', 'ScalingReplicaSet']),
    );
  });

  test('an app that cannot start is told with its reason', async () => {
    await using sandbox = await createSandbox();
    await expect(sandbox.install({ name: 'web', image: 'nobody:1' })).rejects.toThrow(
      /default\/web is not ready after 60 s: web-\S+: (ErrImagePull|ImagePullBackOff)/,
    );
    expect(() => sandbox.load('nothing', { rate: 1 })).toThrow(RangeError);
    expect(() => sandbox.load('web', { rate: 0 })).toThrow(RangeError);
  });

  test('what the cluster holds is seen past the API, at each change, whatever fault the API has', async () => {
    await using sandbox = await createSandbox();
    sandbox.image('web:1');
    sandbox.image('web:2');
    await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1' });
    const seen: number[] = [];
    const stop = sandbox.objects.watch('pods', () => seen.push(sandbox.objects.list('pods', 'shop').length));
    await release(sandbox, 'web:2');
    sandbox.fault({}, { status: 500 });
    await sandbox.connection.clock.sleep(60_000);
    stop();
    expect(Math.max(...seen)).toBeGreaterThan(2);
    expect(seen.at(-1)).toBe(2);
    expect(sandbox.objects.get('deployments.apps', 'shop', 'web')?.status.updatedReplicas).toBe(2);
    expect(() => Object.assign(sandbox.objects.get('deployments.apps', 'shop', 'web') ?? {}, { spec: {} })).toThrow(TypeError);
  });

  test('a fault meets the requests it matches', async () => {
    await using sandbox = await createSandbox();
    sandbox.image('web:1');
    await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1' });
    sandbox.fault({ verb: 'PATCH', times: 1 }, { status: 429 });
    expect(await release(sandbox, 'web:1')).toMatchObject({ kind: 'Status', code: 429 });
    expect(await release(sandbox, 'web:1')).toMatchObject({ kind: 'Deployment' });
  });
});

describe('real time', () => {
  const busy = (): string[] => process.getActiveResourcesInfo().filter((kind) => /TCP(Server|Socket)Wrap|Timeout/.test(kind));

  test('a release over HTTP under load loses nothing, and nothing is left', { timeout: 40_000 }, async () => {
    const before = busy();
    {
      await using sandbox = await createSandbox({ time: 'real' });
      sandbox.image('web:1', { drainMs: 500 });
      sandbox.image('web:2');
      await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1', replicas: 3 });
      const { http } = await sandbox.addresses('shop/web');
      expect(await (await fetch(`${http}/api/health`)).json()).toMatchObject({ status: 'healthy', version: '1' });
      // Client, Services and pods share this process: few enough that they are answered in time with a tenth of a processor.
      const loads = [false, true].map((keepAlive) => sandbox.load('shop/web', { rate: 15, keepAlive }));
      await sandbox.connection.clock.sleep(500);
      await release(sandbox, 'web:2');
      await rolledOut(sandbox);
      await sandbox.connection.clock.sleep(1_000);
      for (const load of loads) {
        const { failed, byImage } = await load.stop();
        expect(failed).toBe(0);
        expect(byImage['web:1']).toBeGreaterThan(0);
        expect(byImage['web:2']).toBeGreaterThan(0);
      }
    }
    await expect.poll(() => busy().length, { timeout: 8_000 }).toBeLessThanOrEqual(before.length);
  });

  test('closed in the middle of everything, nothing is left', { timeout: 20_000 }, async () => {
    const before = busy();
    const sandbox = await createSandbox({ time: 'real' });
    sandbox.image('web:1', { latencyMs: 200 });
    sandbox.image('web:bad', { crash: { exitCode: 1 } });
    await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1' });
    sandbox.load('shop/web', { rate: 50, keepAlive: true });
    await release(sandbox, 'web:bad');
    await sandbox.connection.clock.sleep(400);
    await sandbox[Symbol.asyncDispose]();
    await expect.poll(() => busy().length, { timeout: 8_000 }).toBeLessThanOrEqual(before.length);
  });
});
