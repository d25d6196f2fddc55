// After a release, on the sandbox with its Prometheus, in virtual time: the five signals, live and at the end, and what of them is a finding.
import { type Duration, RollingUpdate, Shepherd } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { listIncidents } from '@shepherd/core/incidents';
import { kubernetes } from '@shepherd/kube';
import { type OwnUsage, prometheus } from '@shepherd/prometheus';
import { type Behaviour, createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { watchOver } from './watch-over.js';

vi.setConfig({ testTimeout: 60_000 });

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const minute = 60_000;
const mib = 2 ** 20;

/** An app whose process says so much memory of its age, and serves its requests in 80 ms but for a share that fails or is slow. */
function app(memory: (ageMs: number) => number, { failing = 0, slow = 0, more = '' } = {}): Behaviour {
  const { clock } = sandbox.connection;
  const born = clock.monotonicMs();
  return {
    handle: ({ path }) => {
      if (path !== '/metrics') return undefined;
      const ageMs = clock.monotonicMs() - born;
      // Counts of twenty requests a second.
      const all = Math.floor(ageMs / 50);
      const failed = Math.floor(all * failing);
      const quick = Math.floor(all * (1 - slow));
      return {
        status: 200,
        body: `${[
          '# TYPE http_requests_total counter',
          `http_requests_total{code="200"} ${all - failed}`,
          `http_requests_total{code="500"} ${failed}`,
          '# TYPE http_request_duration_seconds histogram',
          `http_request_duration_seconds_bucket{le="0.1"} ${quick}`,
          `http_request_duration_seconds_bucket{le="0.5"} ${quick}`,
          `http_request_duration_seconds_bucket{le="1"} ${all}`,
          `http_request_duration_seconds_bucket{le="+Inf"} ${all}`,
          `http_request_duration_seconds_sum ${all * 0.08}`,
          `http_request_duration_seconds_count ${all}`,
          '# TYPE process_resident_memory_bytes gauge',
          `process_resident_memory_bytes ${Math.round(memory(ageMs))}`,
          '# TYPE process_cpu_seconds_total counter',
          `process_cpu_seconds_total ${(ageMs / 1_000) * 0.2}`,
          more,
        ].join('\n')}\n`,
      };
    },
  };
}

const connect = (usage?: OwnUsage) =>
  new Shepherd({ platform: kubernetes(sandbox.connection), metrics: prometheus({ ...sandbox.prometheus, ...(usage === undefined ? {} : { usage }) }) });

async function watched(shepherd: Shepherd<never>, forTime: Duration, { auto = false, json = false } = {}) {
  const io = new FakeIo();
  const interrupt = { abortSignal: new AbortController().signal, signal: undefined };
  const code = await watchOver('shop/web', { forTime, auto, json }, { shepherd, interrupt } as never, { io, clock: sandbox.connection.clock } as never);
  return { code, out: io.out };
}

const flat = (): number => 100 * mib;

test('shown live and at the end; what no series says is not measured, which is not zero', async () => {
  sandbox.image('registry/web:1', app(flat));
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1', replicas: 2 });
  await using shepherd = connect();
  const { code, out } = await watched(shepherd, '10m');
  expect(code).toBe(0);
  expect(out).toMatch(/\d\d:\d\d:\d\d CPU 0\.40 cores · memory 100\.0 MiB · errors 0 % · P99 \d+ ms · database connections not measured\n/);
  expect(out).toMatch(/CPU: .* at first, 0\.40 cores at last/);
  expect(out).toMatch(/errors: 0 % at first[^\n]*\n[^\n]*P99: \d+ ms at first[^\n]*\n[^\n]*database connections: not measured\n[^\n]*nothing is wrong\n$/);
});

test('database connections by the names of drivers, or by a query of one’s own', async () => {
  sandbox.image('registry/web:1', app(flat, { more: 'db_client_connection_count{state="used"} 7\ndb_client_connection_count{state="idle"} 3\npool_busy 5' }));
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1', replicas: 2 });
  await using shepherd = connect();
  const lines = (await watched(shepherd, '3m', { json: true })).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  expect(lines.filter(({ type }) => type === 'signals').at(-1)).toMatchObject({ signals: { databaseConnections: 14, memory: 100 * mib } });
  expect(lines.at(-1)).toMatchObject({ type: 'result', signals: { databaseConnections: { first: 14, last: 14 } } });
  await using own = connect({ databaseConnections: 'sum(pool_busy{$where})' });
  const others = (await watched(own, '3m', { json: true })).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  expect(others.at(-1)).toMatchObject({ signals: { databaseConnections: { last: 10 } } });
});

test('memory that leaks is degradation within half an hour, with how fast it grows; nothing goes back by itself', async () => {
  sandbox.image(
    'registry/web:1',
    app((ageMs) => (100 + ageMs / minute) * mib),
  );
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1', replicas: 2 });
  await using shepherd = connect();
  const { code, out } = await watched(shepherd, '30m');
  expect(code).toBe(1);
  const [incident] = await listIncidents(shepherd, 'shop/web');
  expect(incident).toMatchObject({
    kind: 'degradation',
    reason: expect.stringMatching(/^the memory of web-\S+ grows by 5\d\.\d MiB an hour or more, \d+ % of its level, and so does that of 1 more$/),
  });
  expect(out).toContain('D1      fired');
  expect(out).not.toContain('going back');
});

test.each<[string, (ageMs: number) => number]>([
  ['a collector', (ageMs) => (100 + 60 * ((ageMs / 97_000) % 1)) * mib],
  ['a warm-up', (ageMs) => (60 + 140 * (1 - Math.exp(-ageMs / (4 * minute)))) * mib],
])('%s is no leak', async (_, memory) => {
  sandbox.image('registry/web:1', app(memory));
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1', replicas: 2 });
  await using shepherd = connect();
  expect(await watched(shepherd, '40m')).toMatchObject({ code: 0, out: expect.stringMatching(/nothing is wrong\n$/) });
  expect(await listIncidents(shepherd, 'shop/web')).toEqual([]);
});

test.each<[string, { failing?: number; slow?: number }, RegExp]>([
  ['errors', { failing: 0.03 }, /3 % of its requests fail; before the release 0 % did/],
  ['P99', { slow: 0.05 }, /P99 rose: 5 % of its requests take over 100 ms; before the release at most 1 % did/],
])('%s that are worse than before the release are degradation, and with auto it goes back after 15 minutes', async (_, bad, says) => {
  sandbox.image('registry/web:1', app(flat));
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1', replicas: 2 });
  await using shepherd = connect();
  await sandbox.connection.clock.sleep(20 * minute);
  sandbox.image('registry/web:2', app(flat, bad));
  const request = {
    app: 'shop/web',
    release: { image: 'registry/web:2', preStopSleep: '5s' as const },
    strategy: new RollingUpdate(),
    checks: standard({ quiet: '0s' }),
  };
  expect((await shepherd.deploy(request).outcome).kind).toBe('succeeded');
  const { code, out } = await watched(shepherd, '30m', { auto: true });
  expect(out).toMatch(says);
  expect(code).toBe(3);
});
