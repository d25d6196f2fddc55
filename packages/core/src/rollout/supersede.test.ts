import { expect, test, vi } from 'vitest';
import { BlueGreen, Canary, formatOutcome, type Rollout, Shepherd, type Step, type Strategy } from '../index.js';
import { createMemoryPlatform, type MemoryPlatform } from '../testing/index.js';

vi.setConfig({ testTimeout: 60_000 });

const canary = (stages: readonly number[] = [25, 50, 100]): Strategy => new Canary({ stages, interval: '2m', analysis: false });

/** 1.4 is under way from 1.3; in a step of this kind somebody else deploys and takes its place. */
async function supersededAt(
  kind: Step['kind'],
  next: { readonly version: string; readonly strategy?: Strategy },
  strategy: Strategy = canary(),
): Promise<{ platform: MemoryPlatform; first: Rollout; second: Rollout; versions: readonly string[] }> {
  const versions = new Set<string>();
  const onCall = (): void => {
    const { serving } = platform.app();
    versions.add([...new Set(serving.map(({ version }) => version))].toSorted().join('+'));
    if (serving.length < 4) versions.add(`only ${serving.length} serve`);
  };
  const platform: MemoryPlatform = createMemoryPlatform({ version: '1.3', replicas: 4, onCall });
  const other = new Shepherd({ platform: platform.connect(onCall) });
  const first = new Shepherd({ platform }).deploy({ app: 'web', release: { version: '1.4' }, strategy });
  const second = await new Promise<Rollout>((resolve) => {
    first.on('step-start', ({ step }) => {
      if (step.kind !== kind) return;
      resolve(other.deploy({ app: 'web', release: { version: next.version }, strategy: next.strategy ?? canary() }, { ifRunning: 'supersede' }));
    });
  });
  await Promise.all([first.outcome, second.outcome]);
  return { platform, first, second, versions: [...versions] };
}

test('a new release in the middle: stable stays, the old candidate goes first, never three versions (RR SM-7)', async () => {
  const { platform, first, second, versions } = await supersededAt('analyse', { version: '1.5' });
  expect(await first.outcome).toMatchObject({ kind: 'superseded', by: second.id });
  const outcome = await second.outcome;
  expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'succeeded', from: { hash: 'hash-1.3' } });
  expect(platform.app().stable?.version).toBe('1.5');
  expect(versions.toSorted()).toEqual(['1.3', '1.3+1.4', '1.3+1.5', '1.5']);
});

test('one that promotes already ends first', async () => {
  const { platform, first, second } = await supersededAt('promote', { version: '1.5' });
  expect((await first.outcome).kind).toBe('succeeded');
  expect(await second.outcome).toMatchObject({ kind: 'succeeded', from: { hash: 'hash-1.4' } });
  expect(platform.app().stable?.version).toBe('1.5');
});

test('the same release by other stages starts from the beginning, and says so (RR SM-8)', async () => {
  const { first, second } = await supersededAt('analyse', { version: '1.4', strategy: canary([75, 100]) });
  expect((await first.outcome).kind).toBe('superseded');
  const why = await new Promise((resolve) => first.on('rollback-start', ({ cause }) => resolve(cause), { after: 0 }));
  expect(why).toMatchObject({ kind: 'abort', reason: expect.stringMatching(/superseded by .*: the same release by another plan/) });
  expect((await second.started).steps.flatMap(({ step }) => (step.kind === 'shift' ? [step.weight] : []))).toEqual([75, 100, 0]);
  expect((await second.outcome).kind).toBe('succeeded');
});

test.each([
  ['canary', canary()],
  ['blue-green', new BlueGreen({ soak: '5m' })],
])('%s: the version that serves, deployed in the middle: taken back, no step of its own, no analysis (RR SM-8, SM-14)', async (_name, strategy) => {
  const { platform, first, second } = await supersededAt('analyse', { version: '1.3', strategy }, strategy);
  expect((await first.outcome).kind).toBe('superseded');
  const outcome = await second.outcome;
  expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'succeeded', changed: false });
  expect(formatOutcome(outcome)).toContain('already');
  expect((await second.started).steps).toEqual([]);
  expect(platform.app()).toMatchObject({ candidate: undefined, stable: { version: '1.3', wanted: 4 } });
});

test('the plan of a deploy of what serves, in the middle of another, has no step', async () => {
  const platform = createMemoryPlatform({ version: '1.3', replicas: 4 });
  const shepherd = new Shepherd({ platform });
  const first = shepherd.deploy({ app: 'web', release: { version: '1.4' }, strategy: canary() });
  await first.started;
  expect((await shepherd.plan({ app: 'web', release: { version: '1.3' }, strategy: canary() })).steps).toEqual([]);
  await first.abort();
  await first.outcome;
});
