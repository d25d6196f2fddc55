import { expect, test } from 'vitest';
import { loopback } from './__fixtures__/loopback.js';
import { at, contextOf } from './__fixtures__/request.js';
import { row, vector } from './__fixtures__/rows.js';
import { type PrometheusOptions, prometheus } from './index.js';

const serving = { revision: 'one', pods: ['web-1', 'web-2'], labels: {} };

async function usageOf(rows: readonly unknown[], options: Partial<PrometheusOptions> = {}) {
  await using server = await loopback(() => ({ body: vector(rows) }));
  const usage = await prometheus({ url: server.url, ...options }).usage?.({ at, serving }, contextOf());
  return { usage, queries: server.received.map(({ form }) => form.get('query') ?? '') };
}

test('of all pods in one query; what the kubelet says of a pod goes before what its process says', async () => {
  const { usage, queries } = await usageOf([
    row('cpu-container', { pod: 'web-1' }, 0.25),
    row('cpu-container', { pod: 'web-2' }, 0.5),
    row('cpu-process', { pod: 'web-1' }, 9),
    row('memory-container', { pod: 'web-1' }, 300),
    row('memory-process', { pod: 'web-1' }, 900),
    row('memory-process', { pod: 'web-2' }, 900),
    row('memory-limit', { pod: 'web-1' }, 1_000),
    row('memory-container', { pod: 'another' }, 7),
    row('connections-1', { pod: 'web-1' }, 3),
    row('connections-1', { pod: 'web-2' }, 4),
    row('connections-3', { pod: 'web-2' }, 50),
  ]);
  expect(usage).toEqual({ cpu: 0.75, memory: { 'web-1': { used: 300, limit: 1_000 } }, databaseConnections: 7 });
  expect(queries).toHaveLength(1);
  expect(queries[0]).toContain('db_client_connection_count{namespace="shop",pod=~"web-1|web-2",state="used"}');
});

test('no series and no number are not measured, which is not zero; a zero is one', async () => {
  expect((await usageOf([])).usage).toEqual({});
  expect((await usageOf([row('cpu-process', { pod: 'web-1' }, 'NaN'), row('connections-0', { pod: 'web-1' }, 0)])).usage).toEqual({ databaseConnections: 0 });
});

test('by queries of one’s own, which leave no other name asked for', async () => {
  const own = { cpu: 'sum(cores{$where})', memory: 'sum by (pod) (heap{$where})', databaseConnections: 'pool_busy{$where}' };
  const rows = [row('cpu-own', {}, 2), row('memory-own', { pod: 'web-2' }, 50), row('connections-own', { db: 'a' }, 1), row('connections-own', { db: 'b' }, 2)];
  const { usage, queries } = await usageOf(rows, { usage: own });
  expect(usage).toEqual({ cpu: 2, memory: { 'web-2': { used: 50 } }, databaseConnections: 3 });
  expect(queries[0]).toContain('(sum(cores{namespace="shop",pod=~"web-1|web-2"}))');
  expect(queries[0]).not.toMatch(/container_cpu|process_|db_client/);
});
