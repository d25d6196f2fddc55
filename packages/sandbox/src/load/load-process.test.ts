import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { loadProcess } from './load-process.js';
import { preciseNow } from './send-request.js';

test('loads run in a process of their own and report back, on the same clock', async () => {
  const server = createServer((_, response) => response.end('{"version":"1.0.0"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const before = preciseNow();
  await using load = await loadProcess([
    { url, rate: 100 },
    { url, rate: 100, keepAlive: true },
  ]);
  while (load.soFar().requests < 20) await new Promise((resolve) => setTimeout(resolve, 20));
  const [fresh, kept] = await load.stop();
  const after = preciseNow();
  server.close();
  expect(fresh).toMatchObject({ failed: 0, byVersion: { '1.0.0': fresh?.requests } });
  expect(kept?.failed).toBe(0);
  expect(kept?.connections).toBeLessThan(fresh?.connections ?? 0);
  const times = [...(fresh?.answers ?? []), ...(kept?.answers ?? [])].flatMap((each) => [each.due, each.done]);
  // Both clocks are anchored at the start of their process, which the system's clock may have been corrected between.
  expect(Math.min(...times)).toBeGreaterThan(before - 50);
  expect(Math.max(...times)).toBeLessThan(after + 50);
});

test('options that make no sense are rejected by the parent, and the child ends', async () => {
  await expect(loadProcess([{ url: 'http://127.0.0.1', rate: -1 }])).rejects.toThrow('rate must be above 0');
});
