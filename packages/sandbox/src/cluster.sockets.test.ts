import { createConnection } from 'node:net';
import { systemClock } from '@shepherd/core';
import { expect, test } from 'vitest';
import { createObjects } from './api/create-objects.js';
import { TestCluster } from './cluster-fixture.js';
import { loadProcess, openLoop } from './load/index.js';

/** Sockets and timers that keep the process alive. */
const busy = (): string[] => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout|Immediate/.test(kind));

test('a rolling update with sockets loses no request, fresh or kept, and leaves nothing behind', { timeout: 30_000 }, async () => {
  const before = busy();
  {
    await using it = new TestCluster({ clock: systemClock, objects: createObjects({ clock: systemClock }), sockets: true });
    it.cluster.images.set('web:1', { drainMs: 400 });
    it.install(3);
    await it.until(() => it.rolledOut());
    await it.clock.sleep(300);
    const { http } = (await it.cluster.proxies?.ports('default', 'web')) ?? {};
    const loads = [false, true].map((keepAlive) => openLoop({ url: `http://127.0.0.1:${http}`, rate: 20, keepAlive }));
    await it.clock.sleep(300);
    it.release('web:2');
    await it.until(() => it.rolledOut());
    await it.clock.sleep(800);
    for (const load of loads) {
      const { requests, failures, byVersion } = await load.stop();
      expect(failures).toEqual({});
      expect(requests).toBeGreaterThan(20);
      expect(byVersion['1']).toBeGreaterThan(0);
      expect(byVersion['2']).toBeGreaterThan(0);
    }
  }
  await expect.poll(busy, { timeout: 2_000 }).toEqual(before);
});

test('a process that does not run for longer than a drain loses no request by that', { timeout: 30_000 }, async () => {
  await using it = new TestCluster({ clock: systemClock, objects: createObjects({ clock: systemClock }), sockets: true });
  it.cluster.images.set('web:1', { drainMs: 400 });
  it.install(3);
  await it.until(() => it.rolledOut());
  await it.clock.sleep(300);
  const { http } = (await it.cluster.proxies?.ports('default', 'web')) ?? {};
  // In a process of its own: that one goes on sending.
  await using load = await loadProcess([false, true].map((keepAlive) => ({ url: `http://127.0.0.1:${http}`, rate: 30, keepAlive })));
  await it.clock.sleep(300);
  const stop = it.objects.watch('pods', ({ object, previous }) => {
    const leaves = object.metadata.deletionTimestamp !== undefined && previous?.metadata.deletionTimestamp === undefined;
    if (leaves) setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700));
  });
  it.release('web:2');
  await it.until(() => it.rolledOut());
  await it.clock.sleep(1_000);
  stop();
  const reports = await load.stop();
  expect(reports.map(({ failures }) => failures)).toEqual([{}, {}]);
  expect(reports.every(({ byVersion }) => (byVersion['2'] ?? 0) > 0)).toBe(true);
});

test('a pod that is gone refuses, a killed one resets', { timeout: 30_000 }, async () => {
  await using it = new TestCluster({ clock: systemClock, objects: createObjects({ clock: systemClock }), sockets: true });
  it.install(1);
  await it.until(() => it.rolledOut());
  await it.clock.sleep(300);
  const { http = 0 } = (await it.cluster.proxies?.ports('default', 'web')) ?? {};
  const socket = createConnection({ port: http, host: '127.0.0.1' });
  await new Promise((resolve) => {
    socket.once('data', resolve);
    socket.write('GET / HTTP/1.1\r\nhost: web\r\n\r\n');
  });
  const broken = new Promise<string>((resolve) => socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? '')));
  const [pod] = it.pods();
  const address = `${pod?.status.podIP}:5000`;
  it.objects.delete('pods', 'default', pod?.metadata.name ?? '', { grace: 0 });
  expect(await broken).toBe('ECONNRESET');
  expect(it.cluster.network.find(address)).toBeUndefined();
});
