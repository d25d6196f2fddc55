import { describe, expect, test } from 'vitest';
import { BlueGreen, exitCodeOf, formatOutcome, type RolloutEvent, Shepherd, ShepherdError } from '../index.js';
import { createMemoryPlatform, type MemoryPlatform, VirtualClock } from '../testing/index.js';
import { type Window, windowState, windows } from './index.js';

const app = { cluster: 'eu', namespace: 'shop', name: 'web' };
/** The guide's window. */
const night: Window = { name: 'night', kind: 'allow', schedule: '0 2 * * *', duration: '2h', timeZone: 'Europe/Berlin' };
const freeze: Window = { name: 'freeze', kind: 'deny', schedule: '0 0 20 12 *', duration: '336h', timeZone: 'Europe/Berlin', reason: 'Christmas' };
const at = (time: string, all: readonly Window[] = [night], environment?: string) => windowState(all, new Date(time), { app, environment });

describe('02:00–04:00 in Berlin', () => {
  test.each([
    ['an ordinary night', '2026-11-26T00:59:59Z', '2026-11-26T01:00:00Z', '2026-11-26T03:00:00Z'],
    // 02:00 does not exist: the clock goes from 01:59 to 03:00.
    ['the night that lacks an hour', '2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z', '2026-03-29T02:00:00Z'],
    // 02:00 to 03:00 comes twice.
    ['the night that has one more', '2026-10-24T23:59:59Z', '2026-10-25T00:00:00Z', '2026-10-25T03:00:00Z'],
  ])('%s', (_, before, opens, closes) => {
    expect(at(before)).toMatchObject({ state: 'closed', nextOpen: opens });
    expect(at(opens)).toMatchObject({ state: 'open', nextClose: closes });
    const last = new Date(Date.parse(closes) - 1).toISOString();
    expect(at(last)).toMatchObject({ state: 'open', nextClose: closes });
    expect(at(closes)).toMatchObject({ state: 'closed' });
  });
});

test('over midnight, a denial beats an allowance, and what is said', () => {
  const weekend: Window = { name: 'weekend', kind: 'deny', schedule: '0 18 * * fri', duration: '62h', timeZone: 'Europe/Berlin' };
  expect(at('2026-11-28T01:30:00Z', [night, weekend])).toEqual({
    state: 'closed',
    by: [weekend],
    reason: 'no release during "weekend"; opens 2026-12-01T01:00:00Z (2026-12-01 02:00 Europe/Berlin)',
    nextOpen: '2026-12-01T01:00:00Z',
  });
  expect(at('2026-11-26T12:00:00Z')).toMatchObject({ reason: 'releases only during "night"; opens 2026-11-27T01:00:00Z (2026-11-27 02:00 Europe/Berlin)' });
  expect(at('2026-12-24T12:00:00Z', [freeze])).toMatchObject({
    reason: 'no release during "freeze" (Christmas); opens 2027-01-02T23:00:00Z (2027-01-03 00:00 Europe/Berlin)',
  });
});

test('none that applies is open; selectors by app and environment', () => {
  expect(at('2026-11-26T12:00:00Z', [])).toEqual({ state: 'open', by: [] });
  const elsewhere = { ...night, apps: ['api', 'other/web'] };
  expect(at('2026-11-26T12:00:00Z', [elsewhere]).state).toBe('open');
  expect(at('2026-11-26T12:00:00Z', [{ ...night, apps: ['shop/web'] }]).state).toBe('closed');
  const production = { ...night, environments: ['production'] };
  expect(at('2026-11-26T12:00:00Z', [production]).state).toBe('open');
  expect(at('2026-11-26T12:00:00Z', [production], 'production').state).toBe('closed');
});

const release = { app: 'web', release: { version: '1.1.0' }, timeout: '300h' } as const;
const writesOf = (platform: MemoryPlatform): readonly string[] =>
  platform.calls.filter(({ writes, name }) => writes && !/^(journal|lock)\.|^platform\.fence$/.test(name)).map(({ name }) => name);

async function deployAt(time: string, all: readonly Window[], strategy: BlueGreen) {
  using clock = new VirtualClock({ auto: true, start: new Date(time) });
  const platform = createMemoryPlatform({ replicas: 3, clock });
  await using shepherd = new Shepherd({ platform });
  const outcome = await shepherd.deploy({ ...release, strategy, gates: [windows({ windows: all })] }).outcome;
  return { outcome, now: clock.now() };
}

test('outside its window a release ends untouched, says when it opens, and a rollback passes', async () => {
  using clock = new VirtualClock({ auto: true, start: new Date('2026-11-26T01:30:00Z') });
  const platform = createMemoryPlatform({ replicas: 3, clock });
  await using shepherd = new Shepherd({ platform, defaults: { gates: [windows({ windows: [night] })] } });
  expect((await shepherd.deploy(release).outcome).kind).toBe('succeeded');
  await clock.sleep(6 * 3_600_000);
  const before = writesOf(platform).length;
  const outcome = await shepherd.deploy({ ...release, release: { version: '1.2.0' } }).outcome;
  expect(outcome, formatOutcome(outcome)).toMatchObject({
    kind: 'failed-untouched',
    error: { code: 'ERR_GATE_CLOSED', facts: { gate: 'shepherd/windows', nextOpen: '2026-11-27T01:00:00Z' } },
  });
  expect(outcome.kind === 'failed-untouched' && outcome.error.message).toContain('opens 2026-11-27T01:00:00Z (2026-11-27 02:00 Europe/Berlin)');
  expect(exitCodeOf(outcome)).toBe(5);
  expect(writesOf(platform).length).toBe(before);
  const back = await shepherd.rollback({ app: 'web' }).outcome;
  expect(back.kind, formatOutcome(back)).toBe('succeeded');
});

describe('a window that ends while a rollout is under way', () => {
  // The switch comes after 20 minutes of soak on a candidate of its own.
  const closesSoon = (onOpenRun: Window['onOpenRun']): Window => ({ ...night, onOpenRun });
  const slow = new BlueGreen({ soak: '30m' });

  test.each([
    ['finish', 'succeeded', undefined],
    ['rollback', 'rolled-back', { kind: 'gate', gate: 'shepherd/windows', nextOpen: '2026-11-27T01:00:00Z' }],
  ] as const)('%s', async (onOpenRun, kind, cause) => {
    const { outcome } = await deployAt('2026-11-26T02:45:00Z', [closesSoon(onOpenRun)], slow);
    expect(outcome.kind, formatOutcome(outcome)).toBe(kind);
    if (cause !== undefined) expect(outcome).toMatchObject({ cause });
  });

  test('pause: it holds where it stands, and goes on when the next one opens', async () => {
    const { outcome, now } = await deployAt('2026-11-26T02:45:00Z', [closesSoon('pause')], slow);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(now.getTime()).toBeGreaterThanOrEqual(Date.parse('2026-11-27T01:00:00Z'));
  });
});

test('an override lets it go on, and stands in the journal once', async () => {
  using clock = new VirtualClock({ auto: true, start: new Date('2026-11-26T12:00:00Z') });
  const platform = createMemoryPlatform({ replicas: 3, clock });
  await using shepherd = new Shepherd({ platform });
  const rollout = shepherd.deploy({ ...release, strategy: new BlueGreen(), gates: [windows({ windows: [night], override: 'CVE-2026-1' })] });
  const outcome = await rollout.outcome;
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  const ends: RolloutEvent[] = [];
  for await (const event of (await shepherd.get('web')).events()) if (event.type === 'gate-end') ends.push(event);
  expect(ends).toEqual([
    expect.objectContaining({
      gate: 'shepherd/windows',
      decision: { kind: 'proceed', overridden: expect.stringMatching(/^CVE-2026-1; releases only during "night"/) },
    }),
  ]);
});

describe('is refused before anything is written', () => {
  test.each([
    ['a zone that does not exist', [{ ...night, timeZone: 'Europe/Berlln' }], 'IANA time zone'],
    ['an offset, which knows no summer', [{ ...night, timeZone: '+02:00' }], 'IANA time zone'],
    ['a day that never comes', [{ ...night, schedule: '0 2 30 2 *' }], 'never opens'],
    ['a denial that covers it', [night, { ...night, name: 'no', kind: 'deny', schedule: '0 1 * * *', duration: '4h' }], 'together they never are'],
    ['a denial for ever', [{ ...night, kind: 'deny', schedule: '* * * * *', duration: '1m' }], 'together they never are'],
    ['half a minute', [{ ...night, duration: '90s' }], 'whole minutes'],
    ['too long', [{ ...night, duration: '9000h' }], 'whole minutes, at most 366 days'],
    ['a schedule of six fields', [{ ...night, schedule: '0 0 2 * * *' }], 'five fields'],
    ['an unknown field', [{ ...night, timezone: 'UTC' }], 'timeZone'],
    ['two of one name', [night, night], 'a name of its own'],
    ['none', [], 'a list of windows'],
  ])('%s', async (_, all, said) => {
    const platform = createMemoryPlatform({ replicas: 3 });
    await using shepherd = new Shepherd({ platform });
    const request = { ...release, gates: [windows({ windows: all as readonly Window[] })] };
    const outcome = await shepherd.deploy(request).outcome;
    expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_INVALID_OPTIONS' } });
    expect(JSON.stringify(outcome)).toContain(said);
    expect(exitCodeOf(outcome)).toBe(2);
    expect(platform.calls.filter(({ writes }) => writes)).toEqual([]);
    const planned = await shepherd.plan(request).catch((error: unknown) => error);
    expect(ShepherdError.is(planned, 'ERR_INVALID_OPTIONS')).toBe(true);
  });
});
