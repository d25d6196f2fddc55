import { describe, expect, test } from 'vitest';
import { diagnose } from '../diagnosis/diagnose.js';
import { BlueGreen, Canary, type Diagnosis, formatOutcome, type Outcome, RollingUpdate, Shepherd, type Strategy } from '../index.js';
import { createMemoryPlatform, type MemoryPlatform, type MemoryVersion } from '../testing/index.js';

const strategies: readonly (readonly [string, () => Strategy])[] = [
  ['rolling', () => new RollingUpdate()],
  ['canary', () => new Canary({ stages: [50, 100], interval: '10s', analysis: false })],
  ['blue-green', () => new BlueGreen({ soak: '5s' })],
];
const world = (version: MemoryVersion): MemoryPlatform => createMemoryPlatform({ replicas: 2, version: '1.0.0', versions: { '1.1.0': version } });
const deploy = (platform: Omit<MemoryPlatform, never>, strategy: Strategy = new RollingUpdate(), request: object = {}): Promise<Outcome> =>
  new Shepherd({ platform }).deploy({ app: 'web', release: { version: '1.1.0' }, strategy, ...request }).outcome;

const foundIn = (outcome: Outcome): unknown => (outcome.kind === 'rolled-back' && 'found' in outcome.cause ? outcome.cause.found : undefined);

describe.each(strategies)('%s', (_, strategy) => {
  test('a release that fails names what diagnose names, and what mends it', async () => {
    const outcome = await deploy(world({ doomed: 'CrashLoopBackOff' }), strategy());
    expect(foundIn(outcome)).toMatchObject({ code: 'crash', class: 'app', object: expect.stringMatching(/^Pod web/), confidence: 'certain' });
    expect(formatOutcome(outcome)).toMatch(
      /cause: Pod web\S+: container app ends with exit code 1 \(CrashLoopBackOff\)[\s\S]*fix: read the last lines of the log/,
    );
  });
});

test('in the same words as diagnose has for the same pods', async () => {
  const platform = world({ doomed: 'CrashLoopBackOff' });
  await using shepherd = new Shepherd({ platform });
  const rollout = shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: new RollingUpdate(), onFailure: 'pause' });
  let said: unknown;
  // The engine has stopped and not yet gone back: what it saw is still there.
  rollout.on('rollback-start', async () => {
    said = (await diagnose(shepherd, 'web')).causes[0];
  });
  const found = foundIn(await rollout.outcome);
  expect(said).toMatchObject({ code: 'crash' });
  expect(found).toEqual(said);
});

test.each([
  ['never answers', () => new Promise<never>(() => undefined)],
  ['fails', () => Promise.reject(new Error('no'))],
] as const)('a platform whose look %s keeps no release from going back', async (_, answer) => {
  const platform = world({ doomed: 'CrashLoopBackOff' });
  const diagnosis: Diagnosis = { ...platform.diagnosis, read: () => ({ [Symbol.asyncIterator]: () => ({ next: answer }) }) } as Diagnosis;
  const outcome = await deploy({ ...platform, diagnosis });
  expect(outcome).toMatchObject({ kind: 'rolled-back', cause: { kind: 'step', error: { code: 'ERR_POD_DOOMED' } } });
  expect(foundIn(outcome)).toBeUndefined();
  expect(formatOutcome(outcome)).toContain('CrashLoopBackOff');
});

const silent: Partial<Diagnosis> = { read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }) };

test('what has requests waits no longer than a third of a second for it', async () => {
  const startOfBack = async (change: Partial<Diagnosis>): Promise<number> => {
    const platform = world({ crashesAfterMs: 15_000 });
    const strategy = new Canary({ stages: [50, 100], interval: '60s', analysis: false });
    const shepherd = new Shepherd({ platform: { ...platform, diagnosis: { ...platform.diagnosis, ...change } as Diagnosis } });
    const rollout = shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy });
    let at = Number.NaN;
    rollout.on('rollback-start', (event) => void (at = Date.parse(event.at)));
    expect((await rollout.outcome).kind).toBe('rolled-back');
    return at;
  };
  const late = (await startOfBack(silent)) - (await startOfBack({}));
  expect([late > 0, late <= 300]).toEqual([true, true]);
});

test.each([
  ['pods that merely start', { timeout: '20s' }, { startupMs: 120_000 }],
  ['an app that runs and does not answer well', {}, { reply: () => ({ status: 503 }) }],
] as const)('%s: nothing is blamed on pods', async (_, request, version) => {
  const outcome = await deploy(world(version), new RollingUpdate(), request);
  expect(outcome.kind).toBe('rolled-back');
  expect(foundIn(outcome)).toBeUndefined();
});
