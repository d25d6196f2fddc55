import { expect, test } from 'vitest';
import { TestCluster } from '../cluster-fixture.js';

async function running(replicas: number, options: ConstructorParameters<typeof TestCluster>[0] = {}): Promise<TestCluster> {
  const it = new TestCluster(options);
  it.install(replicas);
  await it.until(() => it.rolledOut());
  await it.clock.sleep(500);
  return it;
}

test.each([false, true])('spreads over the pods (kept connections: %s)', async (keepAlive) => {
  await using it = await running(3);
  const load = it.cluster.memoryLoad('default', 'web', 'http', { rate: 100, keepAlive });
  await it.clock.sleep(10_000);
  expect(await load.stop()).toEqual({ requests: 1_000, failed: 0, byImage: { 'web:1': 1_000 } });
  for (const pod of it.pods()) {
    const { body } = await it.cluster.nodePort.proxyPod(pod, 'http', { method: 'GET', path: '/metrics', signal: new AbortController().signal });
    expect(Number(/http_request_duration_seconds_count (\d+)/.exec(String(body))?.[1])).toBeGreaterThan(100);
  }
});

test('counts errors, and requests that wait longer than 5 s', async () => {
  await using it = await running(2);
  it.cluster.images.set('web:2', { errorRate: 0.1 });
  it.release('web:2');
  await it.until(() => it.rolledOut());
  await it.clock.sleep(500);
  const load = it.cluster.memoryLoad('default', 'web', 'http', { rate: 100, keepAlive: false });
  await it.clock.sleep(10_000);
  const { requests, failed } = await load.stop();
  expect(requests).toBe(1_000);
  expect(failed).toBeGreaterThan(60);
  expect(failed).toBeLessThan(140);
});

test('a request is under way for its latency: a pod that is killed takes it along', async () => {
  await using it = await running(1);
  it.cluster.images.set('web:2', { latencyMs: 400 });
  it.release('web:2');
  await it.until(() => it.rolledOut() && it.pods().length === 1);
  await it.clock.sleep(500);
  const load = it.cluster.memoryLoad('default', 'web', 'http', { rate: 100, keepAlive: false });
  await it.clock.sleep(1_000);
  const [pod] = it.pods();
  it.objects.delete('pods', 'default', pod?.metadata.name ?? '', { grace: 0 });
  await it.clock.sleep(50);
  const { requests, failed, byImage } = await load.stop();
  expect(requests).toBe(105);
  expect(byImage['web:2']).toBe(requests - failed);
  // 400 ms at 100/s were under way, then 50 ms met nobody
  expect(failed).toBe(45);
});

test('the delay until Services obey is what loses requests of an app that does not drain', async () => {
  const lost = async (proxyDelayMs: number): Promise<number> => {
    await using it = await running(2, { proxyDelayMs });
    it.cluster.images.set('web:1', { drainMs: 0 });
    it.release('web:2');
    await it.until(() => it.rolledOut() && it.pods().length === 2);
    it.release('web:1');
    await it.until(() => it.rolledOut() && it.pods().length === 2);
    await it.clock.sleep(1_000);
    const load = it.cluster.memoryLoad('default', 'web', 'http', { rate: 200, keepAlive: false });
    it.release('web:2');
    await it.until(() => it.rolledOut() && it.pods().length === 2);
    await it.clock.sleep(2_000);
    return (await load.stop()).failed;
  };
  const [quick, slow] = [await lost(0), await lost(1_000)];
  expect(slow).toBeGreaterThan(quick + 50);
});
