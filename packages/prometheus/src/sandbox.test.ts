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
});
