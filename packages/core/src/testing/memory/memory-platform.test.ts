import { expect, test } from 'vitest';
import { Shepherd } from '../../shepherd.js';
import { BlueGreen } from '../../strategies/blue-green.js';
import { Canary } from '../../strategies/canary.js';
import { createMemoryPlatform, type MemoryPlatform, type MemoryPlatformOptions } from './memory-platform.js';
import type { MemoryVersion } from './pods.js';

interface Scenario extends MemoryPlatformOptions {
  readonly strategy?: Canary | BlueGreen;
}

const scenarios: Readonly<Record<string, Scenario>> = {
  rolling: {},
  'canary by pods': { strategy: new Canary({ stages: [25, 50, 100], interval: '1m', analysis: false }) },
  'canary by percent': { strategy: new Canary({ stages: [10, 50, 100], interval: '1m', analysis: false }), granularity: 'percent' },
  'blue/green': { strategy: new BlueGreen({ soak: '1m' }) },
  'blue/green of a pair': { strategy: new BlueGreen({ soak: '1m' }), roles: 'swap' },
};

const versions: Readonly<Record<string, MemoryVersion>> = {
  good: {},
  doomed: { doomed: 'ImagePullBackOff' },
  sick: { reply: () => ({ status: 503 }) },
  slow: { startupMs: 60_000 },
};

/** Requests always find a pod: looked at after every call of every port. */
function guarded(options: MemoryPlatformOptions): { platform: MemoryPlatform; lows: string[] } {
  const lows: string[] = [];
  const platform: MemoryPlatform = createMemoryPlatform({
    replicas: 4,
    versions,
    ...options,
    onCall: ({ name }, when) => {
      const ready = platform.app().serving.length;
      if (ready < 4) lows.push(`${when} ${name}: ${ready}`);
    },
  });
  return { platform, lows };
}

for (const [name, { strategy, ...options }] of Object.entries(scenarios)) {
  test.each(Object.keys(versions))(`${name}: the model carries a real rollout of a version that is %s`, async (version) => {
    const { platform, lows } = guarded(options);
    await using shepherd = new Shepherd({ platform });
    const outcome = await shepherd.deploy({ app: 'web', release: { version }, strategy }).outcome;
    const well = version === 'good' || version === 'slow';
    expect(outcome.kind, JSON.stringify(outcome)).toBe(well ? 'succeeded' : 'rolled-back');
    const app = platform.app();
    expect(app.stable?.version).toBe(well ? version : '1.0.0');
    expect(app.stable?.pods.map((pod) => pod.version)).toEqual(Array(4).fill(app.stable?.version));
    expect(app.candidate?.pods ?? []).toEqual([]);
    expect(app.weight).toBe(0);
    expect(
      await platform.lock.read({
        app: { cluster: '', namespace: 'default', name: 'web' },
        rolloutId: undefined,
        signal: new AbortController().signal,
        clock: platform.clock,
      }),
    ).toBeUndefined();
    expect(lows).toEqual([]);
  });
}

test('the same run twice makes the same calls at the same times', async () => {
  const run = async (): Promise<unknown> => {
    const platform = createMemoryPlatform();
    await using shepherd = new Shepherd({ platform });
    await shepherd.deploy({ app: 'web', release: { version: '2.0.0' } }).outcome;
    return platform.calls.map(({ name, atMs }) => `${atMs} ${name}`);
  };
  expect(await run()).toEqual(await run());
});

test('the guard of these tests sees an outage', async () => {
  const { platform, lows } = guarded({ versions: {} });
  const context = {
    app: { cluster: 'c', namespace: 'default', name: 'web' },
    rolloutId: 'r1',
    fence: 1,
    signal: new AbortController().signal,
    clock: platform.clock,
  };
  await platform.tracks.scale(context, 'stable', 3);
  expect(lows).toEqual(['after tracks.scale: 3']);
});
