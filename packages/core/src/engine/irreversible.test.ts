import { describe, expect, test } from 'vitest';
import { BlueGreen, Canary, formatOutcome, formatPlan, RollingUpdate, Shepherd, type Strategy } from '../index.js';
import { createMemoryPlatform, type MemoryPlatform, type MemoryVersion } from '../testing/index.js';

const sick: MemoryVersion = { reply: () => ({ status: 503 }) };
const doomed: MemoryVersion = { doomed: 'CrashLoopBackOff' };
const release = { version: '1.1.0', irreversible: true };
const strategies: readonly (readonly [string, () => Strategy])[] = [
  ['rolling', () => new RollingUpdate()],
  ['blue-green', () => new BlueGreen({ soak: '1m' })],
  ['canary', () => new Canary({ stages: [50, 100], interval: '1m', analysis: false })],
];

function world(behaviour: MemoryVersion): { readonly platform: MemoryPlatform; readonly mend: () => void } {
  const versions: Record<string, MemoryVersion> = { '1.1.0': behaviour };
  const platform = createMemoryPlatform({ replicas: 3, versions });
  return {
    platform,
    mend: () => {
      versions['1.1.0'] = {};
      const app = platform.app();
      app.write(() => {
        for (const track of [app.stable, app.candidate]) if (track?.version === '1.1.0') track.pods = [];
        if (app.stable?.version === '1.1.0') app.stable.pods = [];
      });
    },
  };
}

describe.each(strategies)('%s: an irreversible release', (_name, strategy) => {
  test.each([
    ['is not well', sick],
    ['does not start', doomed],
  ] as const)('that %s is held, however long, and taken back by a person alone', async (_what, behaviour) => {
    const { platform } = world(behaviour);
    const shepherd = new Shepherd<{ version: string }>({ platform });
    const rollout = shepherd.deploy({ app: 'web', release, strategy: strategy(), timeout: '20m' });
    const reasons: string[] = [];
    rollout.on('pause-start', async ({ reason }) => {
      reasons.push(reason);
      if (reasons.length > 1) return;
      await platform.clock.sleep(10 * 3_600_000);
      expect((await shepherd.status('web')).rollout?.now).toMatchObject({ kind: 'waiting', on: 'pause' });
      await rollout.abort({ reason: 'we restored the database' });
    });
    const outcome = await rollout.outcome;
    expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'rolled-back', cause: { kind: 'abort', reason: 'we restored the database' } });
    expect(reasons).toEqual([expect.stringMatching(/irreversible, so it is not taken back by itself: shepherd resume \S+ tries again, shepherd abort/)]);
    expect(platform.app().stable?.version).toBe('1.0.0');
  });

  test('goes on once somebody mended what was wrong', async () => {
    const { platform, mend } = world(sick);
    const rollout = new Shepherd<{ version: string }>({ platform }).deploy({ app: 'web', release, strategy: strategy(), timeout: '20m' });
    rollout.on('pause-start', async () => {
      mend();
      await rollout.resume();
    });
    const outcome = await rollout.outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(platform.app().stable?.version).toBe('1.1.0');
  });
});

test('nothing that is unfinished of it is taken back by whoever recovers, or by the next release', async () => {
  const { platform } = world({ startupMs: 60_000 });
  const first = new Shepherd<{ version: string }>({ platform: platform.connect() });
  const rollout = first.deploy({ app: 'web', release });
  rollout.on('step-start', () => void first.close());
  expect(await rollout.outcome).toMatchObject({ kind: 'detached' });
  await platform.clock.sleep(3_600_000);
  const other = new Shepherd<{ version: string }>({ platform: platform.connect() });
  expect(await other.deploy({ app: 'web', release: { version: '1.2.0' } }).outcome).toMatchObject({
    kind: 'failed-untouched',
    error: { code: 'ERR_STEP_FAILED', facts: { reason: 'irreversible' }, remedy: expect.stringContaining('shepherd resume') },
  });
  for await (const taken of other.recover({ only: 'overdue' })) throw new Error(`${taken.id} was taken back`);
  for await (const taken of other.recover()) expect((await taken.outcome).kind).toBe('succeeded');
});

test('the plan says it, and so does that of a rollback from it', async () => {
  const { platform } = world({});
  const shepherd = new Shepherd<{ version: string }>({ platform });
  expect(formatPlan(await shepherd.plan({ app: 'web', release }))).toContain('irreversible: once it has begun, a failure waits for a person');
  expect((await shepherd.deploy({ app: 'web', release }).outcome).kind).toBe('succeeded');
  expect((await shepherd.plan({ app: 'web' })).warnings).toMatchObject([{ id: 'irreversible', level: 'warning' }]);
  expect((await shepherd.rollback({ app: 'web' }).outcome).kind).toBe('succeeded');
});
