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

test('a hook can lose a call before its work, and the answer after it; another connection is not concerned', async () => {
  const faults = new Map([
    ['tracks.scale', 'before'],
    ['releases.apply', 'after'],
  ]);
  const platform = createMemoryPlatform();
  const faulty = platform.connect(({ name }, when) => {
    if (faults.get(name) === when) throw new Error(`lost ${when} ${name}`);
  });
  const context = {
    app: { cluster: 'c', namespace: 'default', name: 'web' },
    rolloutId: 'r1',
    fence: 1,
    signal: new AbortController().signal,
    clock: platform.clock,
  };
  await expect(faulty.tracks.scale(context, 'stable', 9)).rejects.toThrow('lost before tracks.scale');
  expect(platform.app().stable?.wanted).toBe(3);
  await expect(faulty.releases.apply(context, { version: '2.0.0' }, { track: 'candidate', replicas: 2 })).rejects.toThrow('lost after releases.apply');
  expect(platform.app().candidate?.wanted).toBe(2);
  await platform.tracks.scale(context, 'stable', 4);
  expect(faulty.calls.map(({ name, args, writes }) => ({ name, args, writes }))).toEqual([
    { name: 'tracks.scale', args: ['stable', 9], writes: true },
    { name: 'releases.apply', args: [{ version: '2.0.0' }, { track: 'candidate', replicas: 2 }], writes: true },
  ]);
  expect(platform.calls.map(({ name, atMs, rolloutId }) => ({ name, atMs, rolloutId }))).toEqual([{ name: 'tracks.scale', atMs: 0, rolloutId: 'r1' }]);
});

test('a version that crashes later is ready first, then doomed', async () => {
  const platform = createMemoryPlatform({ startupMs: 1_000, versions: { frail: { crashesAfterMs: 10_000 } } });
  const context = {
    app: { cluster: 'c', namespace: 'default', name: 'web' },
    rolloutId: 'r1',
    fence: 1,
    signal: new AbortController().signal,
    clock: platform.clock,
  };
  await platform.releases.apply(context, { version: 'frail' }, { track: 'candidate', replicas: 1 });
  const seen: string[] = [];
  for await (const { ready, doomed } of platform.tracks.watch(context, 'candidate')) {
    seen.push(`${platform.clock.monotonicMs()}: ${ready} ready, ${doomed?.code ?? 'well'}`);
    if (doomed !== undefined) break;
  }
  expect(seen).toEqual(['0: 0 ready, well', '1000: 1 ready, well', '11000: 0 ready, ERR_POD_DOOMED']);
});

test('a pair of colours changes roles when the side without traffic is put to rest', async () => {
  const platform = createMemoryPlatform({ roles: 'swap' });
  const context = {
    app: { cluster: 'c', namespace: 'default', name: 'web' },
    rolloutId: 'r1',
    fence: 1,
    signal: new AbortController().signal,
    clock: platform.clock,
  };
  await platform.releases.apply(context, { version: '2.0.0' }, { track: 'candidate', replicas: 3 });
  await platform.clock.sleep(5_000);
  expect(await platform.router.set(context, 100)).toBe(100);
  await platform.tracks.remove(context, 'stable');
  const { stable, candidate } = await platform.tracks.inspect(context);
  expect([stable?.revision.images, stable?.ready, candidate?.revision.images, candidate?.replicas]).toEqual([['web:2.0.0'], 3, ['web:1.0.0'], 0]);
  expect((await platform.releases.list(context)).map(({ hash }) => hash)).toEqual(['hash-2.0.0', 'hash-1.0.0']);
  expect((await platform.http(context)('service', '/api/health'))[0]?.text).toContain('"version":"2.0.0"');
});

test('the Service spreads its replies by weight', async () => {
  const platform = createMemoryPlatform({ granularity: 'percent' });
  const context = {
    app: { cluster: 'c', namespace: 'default', name: 'web' },
    rolloutId: 'r1',
    fence: 1,
    signal: new AbortController().signal,
    clock: platform.clock,
  };
  await platform.releases.apply(context, { version: '2.0.0' }, { track: 'candidate', replicas: 1 });
  await platform.clock.sleep(5_000);
  await platform.router.set(context, 30);
  const replies = await Promise.all(Array.from({ length: 200 }, () => platform.http(context)('service', '/')));
  expect(replies.filter(([reply]) => reply?.text.includes('2.0.0'))).toHaveLength(60);
});
