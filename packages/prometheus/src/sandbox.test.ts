import type { MetricsReading, MetricsRequest, PortContext } from '@shepherd/core';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prometheus } from './index.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  sandbox.image('registry/web:1', {});
  sandbox.image('registry/web:2', { errorRate: 0.25, latencyMs: 300 });
});
afterEach(async () => sandbox[Symbol.asyncDispose]());

const podsOf = (name: string): readonly string[] =>
  sandbox.objects
    .list('pods', 'shop')
    .filter(({ metadata }) => metadata.labels?.['app'] === name)
    .map(({ metadata }) => metadata.name);

const contextOf = (): PortContext => ({
  app: { cluster: 'test', namespace: 'shop', name: 'web' },
  rolloutId: undefined,
  signal: new AbortController().signal,
  clock: sandbox.connection.clock,
});

const requestOf = (atMs: number): MetricsRequest => ({
  at: new Date(atMs).toISOString(),
  since: new Date(atMs - 15_000).toISOString(),
  bounds: [0.25],
  tracks: { stable: { revision: 'one', pods: podsOf('web'), labels: {} }, candidate: { revision: 'two', pods: podsOf('web-candidate'), labels: {} } },
});

type Counters = Extract<MetricsReading, { kind: 'counters' }>;
function sumOf(reading: MetricsReading, track: string): { readonly requests: number; readonly errors: number; readonly slow: number } {
  expect(reading).toMatchObject({ kind: 'counters' });
  const targets = (reading as Counters).targets.filter((target) => target.track === track);
  const add = (of: (target: Counters['targets'][number]) => number): number => targets.reduce((sum, target) => sum + of(target), 0);
  return { requests: add(({ requests }) => requests), errors: add(({ errors }) => errors), slow: add(({ slow }) => slow[0] ?? 0) };
}

describe('the sandbox through the real adapter, in virtual time', () => {
  test('raw counters of both tracks, found without naming a vocabulary', async () => {
    const provider = prometheus(sandbox.prometheus);
    const { clock } = sandbox.connection;
    await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1', replicas: 3 });
    await sandbox.install({ name: 'web-candidate', namespace: 'shop', image: 'registry/web:2', replicas: 1 });
    const loads = ['web', 'web-candidate'].map((name) => sandbox.load(`shop/${name}`, { rate: 40 }));
    await clock.sleep(100_000);
    const reading = await provider.read(requestOf(clock.now().getTime() - 5_000), contextOf());
    const [stable, candidate] = [sumOf(reading, 'stable'), sumOf(reading, 'candidate')];
    expect(stable.requests).toBeGreaterThan(40 * 75);
    expect(stable).toMatchObject({ errors: 0, slow: 0 });
    expect(candidate.slow).toBe(candidate.requests);
    expect(candidate.errors / candidate.requests).toBeCloseTo(0.25, 1);
    for (const { startedAt, sampledAt } of (reading as Counters).targets) expect(Date.parse(startedAt ?? '')).toBeLessThan(Date.parse(sampledAt));
    await Promise.all(loads.map((load) => load.stop()));
  });

  test.each([
    ['found', undefined],
    ['named', 'opentelemetry'],
  ] as const)('dotted names of OpenTelemetry, %s; a poll makes three requests at most', async (_, vocabulary) => {
    const asked: string[] = [];
    const { transport: send, ...rest } = sandbox.prometheus;
    const transport: typeof send =
      send &&
      (async (request) => {
        asked.push(new URL(request.url).pathname);
        return await send(request);
      });
    const provider = prometheus({ ...rest, transport, vocabulary, labels: { namespace: 'namespace', pod: 'pod' } });
    const { clock } = sandbox.connection;
    const name = 'http.server.request.duration_seconds';
    const series = (suffix: string, labels: string, value: number): string => `{"${name}${suffix}","http.response.status_code"=${labels}} ${value}`;
    const lines = ['_bucket', '_count'].flatMap((suffix) =>
      (suffix === '_count' ? [''] : [',le="0.25"', ',le="+Inf"']).flatMap((le) => [series(suffix, `"200"${le}`, 90), series(suffix, `"503"${le}`, 10)]),
    );
    sandbox.image('registry/dots:1', { handle: ({ path }) => (path === '/metrics' ? { status: 200, body: `${lines.join('\n')}\n` } : { status: 200 }) });
    await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/dots:1', replicas: 2 });
    await sandbox.install({ name: 'web-candidate', namespace: 'shop', image: 'registry/dots:1', replicas: 1 });
    await clock.sleep(100_000);
    expect(await provider.preflight?.(contextOf(), requestOf(clock.now().getTime()).tracks.stable)).toEqual([]);
    asked.length = 0;
    const reading = await provider.read(requestOf(clock.now().getTime() - 5_000), contextOf());
    expect(sumOf(reading, 'stable')).toEqual({ requests: 200, errors: 20, slow: 0 });
    expect(sumOf(reading, 'candidate')).toEqual({ requests: 100, errors: 10, slow: 0 });
    expect(asked.length).toBeLessThanOrEqual(3);
    // A process that takes over knows nothing yet.
    asked.length = 0;
    const other = prometheus({ ...rest, transport, vocabulary, labels: { namespace: 'namespace', pod: 'pod' } });
    expect(await other.read(requestOf(clock.now().getTime() - 5_000), contextOf())).toMatchObject({ kind: 'unavailable', reason: 'no-data' });
    expect(asked.length).toBeLessThanOrEqual(3);
    expect(sumOf(await other.read(requestOf(clock.now().getTime() - 5_000), contextOf()), 'stable')).toEqual({ requests: 200, errors: 20, slow: 0 });
  });
});
