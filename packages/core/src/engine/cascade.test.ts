import { describe, expect, test } from 'vitest';
import { standard } from '../checks/index.js';
import { defineCheck, exitCodeOf, formatOutcome, inconclusive, type Outcome, pass, type Rollout, type RolloutEvent, Shepherd } from '../index.js';
import { createMemoryPlatform, type MemoryPlatform, type MemoryPlatformOptions, type MemoryVersion } from '../testing/index.js';

const doomed: MemoryVersion = { doomed: 'CrashLoopBackOff' };
const sick: MemoryVersion = { reply: () => ({ status: 503 }) };
/** Runs and answers at first. */
const crashes: MemoryVersion = { crashesAfterMs: 20_000 };
const versions = ['5', '4', '3', '2', '1'] as const;
const hash = (version: string): string => `hash-${version}`;

/** An app that ran 1 to 5, all verified; 5 serves. */
function world(behaviour: Readonly<Record<string, MemoryVersion>> = {}, options: MemoryPlatformOptions = {}): MemoryPlatform {
  const platform = createMemoryPlatform({ replicas: 3, version: '5', versions: behaviour, ...options });
  const app = platform.app();
  app.history.splice(0, app.history.length, ...versions);
  for (const version of versions) app.marks.set(hash(version), { verified: true });
  return platform;
}

interface Ran {
  readonly platform: MemoryPlatform;
  readonly outcome: Outcome;
  readonly events: readonly RolloutEvent[];
  /** Hashes that were written to stable, in order. */
  readonly written: readonly string[];
}

const writtenIn = (platform: MemoryPlatform): readonly string[] =>
  platform.calls.filter(({ name }) => name === 'releases.restore').map(({ args }) => String(args[0]));

async function ended(platform: MemoryPlatform, rollout: Rollout): Promise<Ran> {
  const events: RolloutEvent[] = [];
  for await (const event of rollout) if (!event.transient) events.push(event);
  return { platform, outcome: await rollout.outcome, events, written: writtenIn(platform) };
}

const back = (platform: MemoryPlatform, request: object = {}): Promise<Ran> => ended(platform, new Shepherd({ platform }).rollback({ app: 'web', ...request }));

const attemptsOf = ({ events }: Ran): readonly string[] =>
  events.flatMap((event) =>
    event.type === 'attempt-start'
      ? [`${event.number}/${event.of} ${event.revision.hash}`]
      : event.type === 'attempt-end'
        ? [`${event.number}/${event.of} failed`]
        : [],
  );

describe('a cascade', () => {
  test('goes no further than it has to', async () => {
    const ran = await back(world());
    expect(ran.outcome.kind, formatOutcome(ran.outcome)).toBe('succeeded');
    expect(ran.outcome.attempts).toBeUndefined();
    expect([ran.written, attemptsOf(ran)]).toEqual([[hash('4')], ['1/3 hash-4']]);
  });

  test('goes on to the newest revision that verifies, by hash, and says why each of those before did not', async () => {
    const ran = await back(world({ '4': doomed, '3': sick }), { reason: 'too blue' });
    expect(ran.outcome).toMatchObject({ kind: 'succeeded', from: { hash: hash('5') }, to: { hash: hash('2') } });
    expect(ran.outcome.attempts?.map(({ revision, cause }) => [revision.hash, cause.kind])).toEqual([
      [hash('4'), 'step'],
      [hash('3'), 'verdict'],
    ]);
    expect(ran.events[0]).toMatchObject({ type: 'rollout-start', reason: 'too blue' });
    expect(attemptsOf(ran)).toEqual(['1/3 hash-4', '1/3 failed', '2/3 hash-3', '2/3 failed', '3/3 hash-2']);
    expect(ran.written).toEqual([hash('4'), hash('3'), hash('2')]);
    expect(ran.platform.app()).toMatchObject({ stable: { version: '2', wanted: 3 }, candidate: undefined });
    expect(formatOutcome(ran.outcome)).toMatch(
      /succeeded: .*hash-2.*\n {2}tried: web:4 \(hash-4\): .*exit code 1 \(CrashLoopBackOff\)\n {2}tried: web:3 \(hash-3\): .*503/,
    );
  });

  test('remembers what it left and what did not verify, so that the next rollback goes to neither', async () => {
    const platform = world({ '4': sick });
    await back(platform, { reason: 'too blue' });
    const { marks } = platform.app();
    expect(marks.get(hash('5'))).toMatchObject({ bad: expect.stringMatching(/^rolled back from by .*: too blue$/) });
    expect(marks.get(hash('4'))).toMatchObject({ bad: expect.stringContaining('503') });
    expect(marks.get(hash('3'))).toMatchObject({ verified: true });
    expect((await back(platform)).outcome).toMatchObject({ kind: 'succeeded', to: { hash: hash('2') } });
  });

  test('a rollback to a revision that was left before undoes that, and says nothing bad of the one between', async () => {
    const platform = world();
    await back(platform);
    expect((await back(platform, { to: hash('5') })).outcome).toMatchObject({ kind: 'succeeded', to: { hash: hash('5') } });
    expect([platform.app().marks.get(hash('5')), platform.app().marks.get(hash('4'))]).toMatchObject([{ verified: true }, { verified: true }]);
  });

  test('skips what is bad, what nobody verified and what serves', async () => {
    const platform = world();
    platform.app().marks.set(hash('4'), { bad: 'it leaked' });
    platform.app().marks.delete(hash('3'));
    expect((await back(platform)).written).toEqual([hash('2')]);
  });

  test('ends with all evidence where none verifies, three deep, and never comes back to what it left', async () => {
    const ran = await back(world({ '4': doomed, '3': sick, '2': crashes, '1': {} }));
    expect(ran.outcome).toMatchObject({
      kind: 'rollback-failed',
      error: { code: 'ERR_ROLLBACK_FAILED', facts: { why: 'exhausted', attempts: [{ hash: hash('4') }, { hash: hash('3') }, { hash: hash('2') }] } },
    });
    expect(ran.written).toEqual([hash('4'), hash('3'), hash('2')]);
    expect(ran.events.some(({ type }) => type === 'rollback-start')).toBe(false);
    expect(ran.events.at(-1)?.type).toBe('rollout-end');
    expect(exitCodeOf(ran.outcome)).toBe(4);
    expect(formatOutcome(ran.outcome).match(/tried:/g)).toHaveLength(3);
  });

  test.each([
    ['unschedulable', { doomed: 'Unschedulable: 0/3 nodes are available: 3 Insufficient cpu' }],
    ['quota', { doomed: 'FailedCreate: exceeded quota: pods' }],
    ['registry', { doomed: 'ErrImagePull: dial tcp: lookup registry: no such host' }],
    ['registry', { doomed: 'ErrImagePull: pull access denied, repository does not exist or may require authorization' }],
  ] as const)('stops where the cause is the environment: %s', async (environment, behaviour) => {
    const ran = await back(world({ '4': behaviour }));
    expect(ran.outcome).toMatchObject({
      kind: 'rollback-failed',
      attempts: [{ environment }],
      error: { code: 'ERR_ROLLBACK_FAILED', facts: { why: 'environment', environment } },
    });
    expect(ran.written).toEqual([hash('4')]);
    // It says nothing of the version: asked again once that is mended, it goes there.
    const { marks, options } = ran.platform.app();
    expect([marks.get(hash('4')), marks.get(hash('5'))]).toMatchObject([{ verified: true }, { bad: expect.stringContaining('rolled back from') }]);
    (options.versions as Record<string, MemoryVersion>)['4'] = {};
    ran.platform.app().write(() => ran.platform.app().stable && Object.assign(ran.platform.app().stable as object, { pods: [] }));
    expect((await back(ran.platform)).outcome).toMatchObject({ kind: 'succeeded', to: { hash: hash('4') } });
  });

  test('an image that is gone is that revision’s own trouble', async () => {
    const ran = await back(world({ '4': { doomed: 'ErrImagePull: registry/web:4: not found' } }));
    expect(ran.outcome).toMatchObject({ kind: 'succeeded', to: { hash: hash('3') } });
  });

  test('ends at its deadline, which is one for all attempts', async () => {
    const platform = world({ '4': { crashesAfterMs: 50_000 }, '3': { startupMs: 3_600_000 } });
    const started = platform.clock.monotonicMs();
    const ran = await back(platform, { timeout: '3m' });
    expect(ran.outcome).toMatchObject({ kind: 'rollback-failed', cause: { kind: 'deadline' }, error: { facts: { why: 'deadline' } }, ms: expect.any(Number) });
    expect(platform.clock.monotonicMs() - started).toBeLessThan(185_000);
    expect(ran.written).toEqual([hash('4'), hash('3')]);
  });

  test('what is not known to be good is not good: nobody is waited for', async () => {
    const unsure = defineCheck<Record<string, never>>({
      use: 'test/unsure',
      run: async (_, { inspect }) => ((await inspect())?.revision.hash === hash('3') ? pass() : inconclusive('too little is known')),
    });
    const platform = world();
    const shepherd = new Shepherd({ platform, extensions: [unsure], defaults: { checks: [...standard(), unsure({})] } });
    const ran = await ended(platform, shepherd.rollback({ app: 'web' }));
    expect(ran.outcome).toMatchObject({ kind: 'succeeded', to: { hash: hash('3') } });
    expect(ran.events.some(({ type }) => type === 'pause-start')).toBe(false);
  });

  test('an abort goes back to what it left', async () => {
    const platform = world({ '4': sick });
    const rollout = new Shepherd({ platform }).rollback({ app: 'web' });
    rollout.on('attempt-start', ({ number }) => (number === 2 ? rollout.abort({ reason: 'no, stay' }) : undefined));
    const { outcome } = await ended(platform, rollout);
    expect(outcome).toMatchObject({ kind: 'rolled-back', cause: { kind: 'abort' } });
    expect(platform.app().stable?.version).toBe('5');
    expect(platform.app().marks.get(hash('5'))).toMatchObject({ verified: true });
  });

  test('a revision that is pruned meanwhile is passed over', async () => {
    const platform = world();
    const other = platform.connect((call, when) => {
      if (call.name === 'releases.restore' && call.args[0] === hash('4') && when === 'before') platform.app().history.splice(1, 1);
    });
    const { outcome } = await ended(platform, new Shepherd({ platform: other }).rollback({ app: 'web' }));
    expect(outcome.attempts?.[0]?.cause).toMatchObject({ kind: 'step', error: { code: 'ERR_REVISION_NOT_FOUND' } });
    expect(outcome).toMatchObject({ kind: 'succeeded', to: { hash: hash('3') } });
  });

  test('a pair of colours goes on from the other colour to an older revision', async () => {
    const platform = world({ '4': sick }, { roles: 'swap', granularity: 'binary' });
    platform.app().candidate = { version: '4', wanted: 0, pods: [], isolated: true, rolloutId: undefined };
    const ran = await back(platform);
    expect(ran.outcome, formatOutcome(ran.outcome)).toMatchObject({ kind: 'succeeded', to: { hash: hash('3') } });
    expect(platform.app()).toMatchObject({ stable: { version: '3' }, candidate: { wanted: 0 }, weight: 0 });
  });
});

describe('a revision that is named', () => {
  test('and does not verify is taken back, since somebody meant no other', async () => {
    const ran = await back(world({ '3': sick }), { to: hash('3') });
    expect(ran.outcome).toMatchObject({ kind: 'rolled-back', from: { hash: hash('5') } });
    expect(ran.platform.app().stable?.version).toBe('5');
  });
});

describe('bad input writes nothing', () => {
  const refused = async (platform: MemoryPlatform, request: object, code: string): Promise<void> => {
    const { outcome } = await back(platform, request);
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code } });
    expect(platform.calls.filter(({ writes, name }) => writes && !name.startsWith('lock.'))).toEqual([]);
  };

  test('a revision that does not exist, or was pruned', () => refused(world(), { to: 'hash-0' }, 'ERR_REVISION_NOT_FOUND'));
  test('the revision that serves', () => refused(world(), { to: hash('5') }, 'ERR_REVISION_SERVES'));
  test('a timeout that is none', () => refused(world(), { timeout: '5' }, 'ERR_INVALID_OPTIONS'));
  test('a check that nobody knows', () => refused(world(), { checks: [{ extension: 'check', use: 'acme/none', input: {} }] }, 'ERR_NOT_REGISTERED'));

  test('no good revision', async () => {
    const platform = world();
    for (const version of ['4', '3', '2', '1']) platform.app().marks.set(hash(version), { bad: 'bad' });
    await refused(platform, {}, 'ERR_REVISION_NOT_FOUND');
  });

  test('while a deploy runs', async () => {
    const platform = world();
    const deploy = new Shepherd({ platform }).deploy({ app: 'web', release: { version: '6' } });
    await deploy.started;
    await refused(platform.connect(), {}, 'ERR_LOCK_HELD');
    expect((await deploy.outcome).kind).toBe('succeeded');
  });
});

describe('what was under way', () => {
  /** A rollout that its process left at a step. */
  async function left(platform: MemoryPlatform, start: (by: Shepherd<{ version: string }>) => Rollout, at: number): Promise<void> {
    const shepherd = new Shepherd<{ version: string }>({ platform: platform.connect() });
    const rollout = start(shepherd);
    rollout.on('step-start', ({ index }) => (index === at ? void shepherd.close() : undefined));
    expect((await rollout.outcome).kind).toBe('detached');
  }

  test('a release: a rollback goes to what served before it', async () => {
    const platform = world({ '6': { startupMs: 30_000 } });
    await left(platform, (by) => by.deploy({ app: 'web', release: { version: '6' } }), 0);
    const ran = await back(platform);
    expect(ran.outcome, formatOutcome(ran.outcome)).toMatchObject({ kind: 'succeeded', to: { hash: hash('5') } });
    expect(platform.app().stable?.version).toBe('5');
    expect(platform.app().marks.get(hash('5'))).toMatchObject({ verified: true });
  });

  test.each([0, 1])('a rollback, left at step %i: another one means the same and never brings the version back that was left', async (at) => {
    const platform = world({ '4': sick });
    await left(platform, (by) => by.rollback({ app: 'web' }), at);
    const other = platform.connect();
    const ran = await ended(other, new Shepherd({ platform: other }).rollback({ app: 'web' }));
    expect(ran.outcome, formatOutcome(ran.outcome)).toMatchObject({ kind: 'succeeded', to: { hash: hash('3') } });
    expect(ran.written).not.toContain(hash('5'));
  });

  test('a rollback: a fix that takes its place starts from where it got', async () => {
    const platform = world();
    await left(platform, (by) => by.rollback({ app: 'web' }), 1);
    const other = platform.connect();
    const ran = await ended(other, new Shepherd<{ version: string }>({ platform: other }).deploy({ app: 'web', release: { version: '6' } }));
    expect(ran.outcome).toMatchObject({ kind: 'succeeded', from: { hash: hash('4') } });
    expect(ran.written).toEqual([]);
  });
});
