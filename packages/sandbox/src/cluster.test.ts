import { expect, test } from 'vitest';
import { TestCluster } from './cluster-fixture.js';

test('a Deployment becomes pods, endpoints and answers', async () => {
  await using it = new TestCluster();
  it.install(3);
  await it.until(() => it.rolledOut());
  const slice = it.objects.list('endpointslices.discovery.k8s.io', 'default')[0];
  expect(slice?.endpoints).toHaveLength(3);
  expect(slice?.ports).toEqual([{ name: 'http', port: 5000, protocol: 'TCP' }]);
  expect(it.condition('Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
  expect(it.condition('Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
  expect(it.deployment().metadata.generation).toBe(1);
  expect(it.events('Started')).toEqual(Array(3).fill('Started container web'));
  const service = it.objects.get('services', 'default', 'web');
  await it.clock.sleep(200);
  const answer = await it.cluster.nodePort.proxyService(service as never, 'http', { method: 'GET', path: '/', signal: new AbortController().signal });
  expect(JSON.parse(String(answer.body))).toMatchObject({ version: '1', pod: expect.stringMatching(/^web-/) });
});

test('a rolling update under load loses no request, fresh or kept, and goes in the steps of Kubernetes', async () => {
  await using it = new TestCluster();
  it.install(6);
  await it.until(() => it.rolledOut());
  await it.clock.sleep(500);
  const loads = [false, true].map((keepAlive) => it.cluster.memoryLoad('default', 'web', 'http', { rate: 200, keepAlive }));
  const seen = new Set<string>();
  const stop = it.objects.watch('replicasets.apps', () => void seen.add(it.sizes()));
  it.release('web:2');
  await it.until(() => it.rolledOut());
  stop();
  await it.clock.sleep(6_000);
  for (const load of loads) {
    const { requests, failed, byImage } = await load.stop();
    expect(requests).toBeGreaterThan(1_200);
    expect(failed).toBe(0);
    expect(byImage['web:2']).toBeGreaterThan(0);
  }
  expect([...seen][0]).toBe('1:6');
  expect([...seen]).toContain('1:5 2:2');
  expect([...seen].at(-1)).toBe('1:0 2:6');
  await it.until(() => it.pods().length === 6);
});

test('an app that ends at SIGTERM loses requests while Services still send to it', async () => {
  await using it = new TestCluster();
  it.cluster.images.set('web:1', { drainMs: 0 });
  it.install(4);
  await it.until(() => it.rolledOut());
  await it.clock.sleep(500);
  const load = it.cluster.memoryLoad('default', 'web', 'http', { rate: 200, keepAlive: false });
  it.release('web:2');
  await it.until(() => it.rolledOut());
  expect((await load.stop()).failed).toBeGreaterThan(0);
});

test('200,000 requests over 16 virtual minutes', { timeout: 30_000 }, async () => {
  await using it = new TestCluster();
  it.install(6);
  await it.until(() => it.rolledOut());
  await it.clock.sleep(500);
  const load = it.cluster.memoryLoad('default', 'web', 'http', { rate: 200, keepAlive: false });
  await it.clock.sleep(16 * 60_000);
  const { requests, failed } = await load.stop();
  expect({ requests, failed }).toEqual({ requests: 192_000, failed: 0 });
});
