// A check that is tagged with what its failure may mean: its incident opens and escalates at once, and nothing goes back by itself (EC 3, E3 and E4).
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { listIncidents, openIncident, resolveIncident } from '../incidents/index.js';
import {
  BlueGreen,
  Canary,
  defineCheck,
  type Notice,
  type Notifier,
  type Outcome,
  RollingUpdate,
  type RolloutEvent,
  Shepherd,
  type Strategy,
} from '../index.js';
import { createMemoryPlatform, type MemoryPlatform, type MemoryPlatformOptions, type MemoryRelease, VirtualClock } from '../testing/index.js';
import { fail, pass } from '../words/verdict.js';

const clocks: VirtualClock[] = [];
afterEach(() => {
  for (const clock of clocks.splice(0)) clock[Symbol.dispose]();
});

const strategies: readonly (readonly [string, () => Strategy])[] = [
  ['rolling', () => new RollingUpdate()],
  ['blue-green', () => new BlueGreen({ soak: '1m' })],
  ['canary', () => new Canary({ stages: [50, 100], interval: '1m', analysis: false })],
];
const kinds = ['data-corruption', 'security'] as const;

/** One cluster whose ledger is checked by every process. */
function world(options: Omit<MemoryPlatformOptions, 'clock'> = {}) {
  const clock = new VirtualClock({ auto: true });
  clocks.push(clock);
  const platform = createMemoryPlatform({ clock, replicas: 3, ...options });
  const ledger = { says: () => pass() as ReturnType<typeof pass> };
  const check = defineCheck<Record<string, never>>({ use: 'acme/ledger', run: async () => ledger.says() });
  const told: { readonly notice: Notice; readonly atMs: number }[] = [];
  const pager: Notifier = {
    specificationVersion: 'v1',
    name: 'pager',
    send: async (notice) => {
      told.push({ notice, atMs: clock.monotonicMs() });
      return { kind: 'sent' };
    },
  };
  const process = (connection: MemoryPlatform = platform.connect()) =>
    new Shepherd<MemoryRelease>({ platform: connection, extensions: [check], notifiers: [pager], actor: { name: 'ada', kind: 'human' } });
  const tagged = (incident: (typeof kinds)[number]) => ({ ...check({}), incident });
  const ofIncidents = (): readonly string[] => told.filter(({ notice }) => notice.type.startsWith('incident.')).map(({ notice }) => notice.type);
  return { clock, platform, ledger, check, tagged, told, ofIncidents, process };
}

const isLost = () => fail('two entries are missing');
const release = { version: '1.1.0' };

describe.each(strategies)('%s: a tagged check that fails', (_name, strategy) => {
  test.each(kinds)('opens %s and escalates at once; the rollout is held, however long, and taken back by a person alone', async (kind) => {
    const { clock, platform, ledger, tagged, told, ofIncidents, process } = world();
    await using shepherd = process();
    ledger.says = isLost;
    const events: RolloutEvent[] = [];
    const rollout = shepherd.deploy({ app: 'web', release, strategy: strategy(), checks: [tagged(kind)], timeout: '20m', onFailure: 'pause' });
    rollout.on('pause-start', (event) => void events.push(event));
    rollout.on('rollback-start', (event) => void events.push(event));
    await clock.sleep(12 * 3_600_000);
    const [incident] = await listIncidents(shepherd, 'web');
    expect(incident).toMatchObject({ kind, reason: expect.stringContaining('two entries are missing'), fired: [{ rule: kind === 'security' ? 'E4' : 'E3' }] });
    expect(ofIncidents()).toEqual(['incident.opened', 'incident.escalated']);
    const opened = told.find(({ notice }) => notice.type === 'incident.opened');
    expect(told.find(({ notice }) => notice.type === 'incident.escalated')?.atMs).toBe(opened?.atMs);
    expect(opened?.notice.at).toBe(incident?.openedAt);
    expect((await rollout.state()).now).toMatchObject({
      kind: 'waiting',
      on: 'pause',
      reason: expect.stringMatching(new RegExp(`${incident?.id}.*shepherd resume`)),
    });
    expect(events.map(({ type }) => type)).toEqual(['pause-start']);
    await rollout.abort({ reason: 'the migration was taken back' });
    expect(await rollout.outcome).toMatchObject({ kind: 'rolled-back', cause: { kind: 'abort' } });
    expect(platform.app('web').stable?.version).toBe('1.0.0');
  });

  test('goes on once a person has it tried again; where it fails again nobody is called twice', async () => {
    const { clock, ledger, tagged, ofIncidents, process } = world();
    await using shepherd = process();
    ledger.says = isLost;
    const rollout = shepherd.deploy({ app: 'web', release, strategy: strategy(), checks: [tagged('data-corruption')], timeout: '20m' });
    let pauses = 0;
    rollout.on('pause-start', async () => {
      pauses += 1;
      await clock.sleep(60_000);
      if (pauses === 2) ledger.says = () => pass();
      await rollout.resume();
    });
    expect((await rollout.outcome).kind).toBe('succeeded');
    expect(pauses).toBe(2);
    expect(ofIncidents()).toEqual(['incident.opened', 'incident.escalated']);
  });
});

test('while it watches, too: and what else goes wrong meanwhile does not take it back', async () => {
  const { clock, ledger, tagged, process } = world();
  await using shepherd = process();
  const strategy = new Canary({ stages: [50, 100], interval: '10m', analysis: false });
  const rollout = shepherd.deploy({ app: 'web', release, strategy, checks: [tagged('security')], timeout: '20m' });
  rollout.on('weight-change', () => void (ledger.says = isLost));
  await clock.sleep(6 * 3_600_000);
  expect((await rollout.state()).now).toMatchObject({ kind: 'waiting', reason: expect.stringContaining('(security) is open') });
  await rollout.abort();
  expect((await rollout.outcome).kind).toBe('rolled-back');
});

test('what a tagged check suspects is waited for where another one failed first', async () => {
  const { ledger, check, clock, platform } = world();
  const quick = defineCheck<Record<string, never>>({ use: 'acme/quick', run: async () => fail('not well') });
  await using shepherd = new Shepherd<MemoryRelease>({ platform, extensions: [check, quick], actor: { name: 'ada', kind: 'human' } });
  ledger.says = (async () => {
    await clock.sleep(3_000);
    return isLost();
  }) as never;
  const rollout = shepherd.deploy({ app: 'web', release, checks: [quick({}), { ...check({}), incident: 'data-corruption' }] });
  await clock.sleep(3_600_000);
  expect((await rollout.state()).now).toMatchObject({ kind: 'waiting', reason: expect.stringContaining('acme/ledger: two entries are missing') });
  await rollout.abort();
  await rollout.outcome;
});

test('that could not be asked, or does not know, suspects nothing', async () => {
  const { ledger, tagged, ofIncidents, process } = world();
  await using shepherd = process();
  ledger.says = () => {
    throw new Error('no route');
  };
  expect((await shepherd.deploy({ app: 'web', release, checks: [tagged('security')] }).outcome).kind).toBe('rolled-back');
  expect(ofIncidents()).toEqual([]);
});

test('a pipeline leaves it held, and neither who recovers nor the watchdog takes it back', async () => {
  const { clock, platform, ledger, tagged, ofIncidents, process } = world();
  const ci = process();
  ledger.says = isLost;
  const strategy = new BlueGreen({ soak: '1m' });
  const outcome = await ci.deploy({ app: 'web', release, strategy, checks: [tagged('data-corruption')] }, { whenPaused: 'leave' }).outcome;
  expect(outcome).toMatchObject({ kind: 'paused', reason: expect.stringContaining('data-corruption') });
  expect(outcome).not.toHaveProperty('unwatchedDeadline');
  await ci.close();
  expect(ofIncidents()).toEqual(['incident.opened', 'incident.escalated']);
  await clock.sleep(24 * 3_600_000);
  await using other = process();
  for await (const taken of other.recover({ only: 'overdue' })) throw new Error(`${taken.id} was taken back`);
  expect(platform.app('web').stable?.version).toBe('1.0.0');
});

describe('while such an incident is open', () => {
  test('a rollout whose process died is not taken back by the watchdog; once it is resolved it is', async () => {
    const { clock, process, platform } = world();
    const first = process();
    const strategy = new Canary({ stages: [50, 100], interval: '10m', analysis: false });
    const rollout = first.deploy({ app: 'web', release, strategy });
    await new Promise<void>((resolve) => void rollout.on('weight-change', () => resolve()));
    await first.close();
    await using other = process();
    const { incident } = await openIncident(other, 'web', { kind: 'security', reason: 'a leaked key' });
    await clock.sleep(3_600_000);
    for await (const taken of other.recover({ only: 'overdue' })) throw new Error(`${taken.id} was taken back`);
    expect(platform.app('web').weight).toBe(50);
    await resolveIncident(other, incident.id);
    for await (const taken of other.recover({ only: 'overdue' })) expect((await taken.outcome).kind).toBe('rolled-back');
  });

  test('no deadline and no check takes back what runs', async () => {
    const { clock, process, ledger, check } = world();
    await using shepherd = process();
    const strategy = new Canary({ stages: [50, 100], interval: '30m', analysis: false });
    const rollout = shepherd.deploy({ app: 'web', release, strategy, checks: [check({})], timeout: '20m' });
    await new Promise<void>((resolve) => void rollout.on('step-start', ({ step }) => (step.kind === 'analyse' ? resolve() : undefined)));
    await openIncident(shepherd, 'web', { kind: 'security', reason: 'a leaked key' });
    await clock.sleep(25 * 60_000);
    expect((await rollout.state()).now.kind).toBe('progressing');
    ledger.says = isLost;
    await clock.sleep(6 * 3_600_000);
    expect((await rollout.state()).now).toMatchObject({ kind: 'waiting' });
    await rollout.abort();
    expect((await rollout.outcome).kind).toBe('rolled-back');
  });

  test.each(kinds)('%s: no release begins, in place of another neither; a rollback does, and so does a release with a reason', async (kind) => {
    const { process, platform, clock } = world();
    await using shepherd = process();
    expect((await shepherd.deploy({ app: 'web', release }).outcome).kind).toBe('succeeded');
    const { incident } = await openIncident(shepherd, 'web', { kind, reason: 'as it was seen' });
    const refused = { kind: 'failed-untouched', error: { code: 'ERR_PREFLIGHT', facts: { findings: [{ id: 'incident-open', object: incident.id }] } } };
    expect(await shepherd.deploy({ app: 'web', release: { version: '1.2.0' } }).outcome).toMatchObject(refused);
    expect(await shepherd.preflight({ app: 'web', release: { version: '1.2.0' } })).toMatchObject([{ id: 'incident-open', level: 'error' }, { level: 'note' }]);
    expect((await shepherd.rollback({ app: 'web' }).outcome).kind).toBe('succeeded');
    expect(platform.app('web').stable?.version).toBe('1.0.0');

    const slow = shepherd.deploy({
      app: 'web',
      release,
      strategy: new Canary({ stages: [50, 100], interval: '1h', analysis: false }),
      overrideIncident: 'it mends the ledger',
    });
    await new Promise<void>((resolve) => void slow.on('weight-change', () => resolve()));
    expect((await slow.started).warnings).toMatchObject([{ id: 'incident-open', message: expect.stringContaining('it mends the ledger') }]);
    expect(await process().deploy({ app: 'web', release: { version: '1.2.0' } }, { ifRunning: 'supersede' }).outcome).toMatchObject(refused);
    await clock.sleep(60_000);
    expect(platform.app('web').weight).toBe(50);
    expect((await slow.outcome).kind).toBe('succeeded');

    await resolveIncident(shepherd, incident.id);
    expect((await shepherd.deploy({ app: 'web', release: { version: '1.2.0' } }).outcome).kind).toBe('succeeded');
  });

  test('one that opens while a release begins holds it too', async () => {
    const { process, platform } = world();
    let opening: Promise<unknown> | undefined;
    await using other = process();
    // After the last look before the record: the release is stored, and looks again.
    await using shepherd = process(
      platform.connect(async ({ name }, when) => {
        if (name !== 'lock.acquire' || when !== 'after' || opening !== undefined) return;
        opening = openIncident(other, 'web', { kind: 'security', reason: 'a leaked key' });
        await opening;
      }),
    );
    expect(await shepherd.deploy({ app: 'web', release }).outcome).toMatchObject({
      kind: 'failed-untouched',
      error: { code: 'ERR_GATE_CLOSED', facts: { gate: 'incident', reason: expect.stringContaining('a leaked key') } },
    });
    expect(platform.app('web').stable?.version).toBe('1.0.0');
  });
});

test.each([
  ['a tag that is none', (check: object) => ({ checks: [{ ...check, incident: 'fire' }] }), /incident/],
  ['a tag on a gate', (check: object) => ({ gates: [{ ...check, extension: 'gate', use: 'shepherd/flag', incident: 'security' }] }), /checks alone/],
  ['an override without a reason', () => ({ overrideIncident: ' ' }), /overrideIncident/],
])('%s is refused', async (_, part, says) => {
  const { check, process } = world();
  await using shepherd = process();
  const outcome = await shepherd.deploy({ app: 'web', release, ...(part(check({})) as object) }).outcome;
  expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_INVALID_OPTIONS', message: expect.stringMatching(says) } });
});

test('JSON may tag a check', async () => {
  const { tagged, process } = world();
  await using shepherd = process();
  const request = { app: 'web', release, checks: [tagged('security')] };
  expect(await shepherd.parseRequest(JSON.parse(JSON.stringify(request)))).toMatchObject({ checks: [{ incident: 'security' }] });
  await expect(shepherd.parseRequest({ ...request, checks: [{ ...tagged('security'), incident: 'fire' }] })).rejects.toThrow(/checks\.0\.incident/);
});

const script = fc.record({
  strategy: fc.integer({ min: 0, max: 2 }),
  /** When the ledger is found wrong, in s after the start. */
  wrongAfter: fc.integer({ min: 0, max: 120 }),
  app: fc.constantFrom('good', 'good', 'good', 'slow', 'sick', 'crashes', 'doomed'),
  onFailure: fc.constantFrom('rollback', 'pause'),
  timeoutMinutes: fc.integer({ min: 2, max: 12 }),
  leaves: fc.boolean(),
  /** The process dies at its so many-th call, then the one that takes over, and so on. */
  deaths: fc.array(fc.integer({ min: 5, max: 200 }), { maxLength: 2 }),
});
const behaviours = {
  good: {},
  slow: { startupMs: 60_000 },
  sick: { reply: () => ({ status: 503 }) },
  crashes: { crashesAfterMs: 25_000 },
  doomed: { doomed: 'CrashLoopBackOff' },
} as const;

test('once such an incident is open no rollback begins by itself: not by a deadline, a check, a doomed pod, a takeover or the watchdog', async () => {
  const seen = { held: 0, wentBackBefore: 0, neverOpened: 0 };
  await fc.assert(
    fc.asyncProperty(script, async ({ strategy, wrongAfter, app, onFailure, timeoutMinutes, leaves, deaths }) => {
      const { clock, platform, ledger, tagged, process } = world({ leaseMs: 15_000, versions: { '1.1.0': behaviours[app] } });
      ledger.says = () => (clock.monotonicMs() >= wrongAfter * 1_000 ? isLost() : pass()) as never;
      const backs: string[] = [];
      const live: Shepherd<MemoryRelease>[] = [];
      const follow = (events: AsyncIterable<RolloutEvent>): void =>
        void (async () => {
          for await (const event of events) if (event.type === 'rollback-start') backs.push(event.at);
        })();
      for (let life = 0; life <= deaths.length; life += 1) {
        let calls = 0;
        let die: (died: 'died') => void = () => undefined;
        const death = new Promise<'died'>((resolve) => (die = resolve));
        const onCall = (): void | Promise<void> => {
          calls += 1;
          if (calls <= (deaths[life] ?? Number.POSITIVE_INFINITY)) return undefined;
          die('died');
          return new Promise<void>(() => undefined);
        };
        const shepherd = process(platform.connect(onCall));
        live.push(shepherd);
        const run = async (): Promise<Outcome | undefined> => {
          if (life === 0) {
            const rollout = shepherd.deploy(
              {
                app: 'web',
                release,
                strategy: (strategies[strategy] as (typeof strategies)[number])[1](),
                checks: [tagged('data-corruption')],
                onFailure: onFailure as 'rollback',
                timeout: `${timeoutMinutes}m`,
              },
              { whenPaused: leaves ? 'leave' : 'wait' },
            );
            follow(rollout.events());
            return rollout.outcome;
          }
          for await (const rollout of shepherd.recover()) {
            follow(rollout.events());
            return rollout.outcome;
          }
          return undefined;
        };
        const ended = await Promise.race([run(), death, clock.sleep(40 * 60_000)]);
        if (ended !== 'died') break;
        await clock.sleep(16_000);
      }
      const looker = process();
      const watchdog = new AbortController();
      const watching = (async () => {
        for await (const rollout of looker.recover({ only: 'overdue', follow: true, signal: watchdog.signal })) follow(rollout.events());
      })();
      await clock.sleep(40 * 60_000);
      watchdog.abort();
      await watching;
      const [incident] = await listIncidents(looker, 'web');
      if (incident === undefined) seen.neverOpened += 1;
      else if (backs.some((at) => at <= incident.openedAt)) seen.wentBackBefore += 1;
      else {
        seen.held += 1;
        expect(backs).toEqual([]);
        expect(incident.fired.filter(({ rule }) => rule === 'E3')).toHaveLength(1);
        const { now } = (await looker.status('web')).rollout ?? {};
        expect(now?.kind === 'waiting' || now?.kind === 'progressing' || now?.kind === 'ended', JSON.stringify(now)).toBe(true);
        if (now?.kind === 'ended') expect(now.outcome.kind).toBe('succeeded');
      }
      for (const each of [...live, looker]) void each.close({ timeout: '1s' });
      clock[Symbol.dispose]();
    }),
    { numRuns: 50 },
  );
  // Scripts that hold nothing would prove nothing.
  expect(seen.held).toBeGreaterThan(8);
}, 120_000);
