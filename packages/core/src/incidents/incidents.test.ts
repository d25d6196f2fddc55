// The escalation rules of the guide, each at its time on a virtual clock: once, also with two watches, and also after a restart.
import { afterEach, describe, expect, test } from 'vitest';
import { Canary, type Delivery, type Notice, type Notifier, Shepherd, ShepherdError } from '../index.js';
import { createMemoryPlatform, type MemoryPlatform, type MemoryPlatformOptions, type MemoryRelease, VirtualClock } from '../testing/index.js';
import { listIncidents, openIncident, recordCause, resolveIncident, type WatchOverEvent, type WatchOverOptions, watchOver } from './index.js';

const clocks: VirtualClock[] = [];
afterEach(() => {
  for (const clock of clocks.splice(0)) clock[Symbol.dispose]();
});

/** What a channel got, in every process. */
class Channel {
  readonly got: { readonly notice: Notice; readonly atMs: number }[] = [];
  answer: () => Delivery | Promise<Delivery> = () => ({ kind: 'sent' });
  readonly notifier: Notifier = {
    specificationVersion: 'v1',
    name: 'pager',
    send: async (notice, { clock }) => {
      const delivery = await this.answer();
      if (delivery.kind === 'sent') this.got.push({ notice, atMs: clock.monotonicMs() });
      return delivery;
    },
  };

  /** `type` or `type rule`, with the minute. */
  get said(): readonly string[] {
    return this.got.map(({ notice: { type, facts }, atMs }) => {
      const rule = facts.find(({ key }) => key === 'rule')?.value.split(':')[0];
      return `${type}${rule === undefined ? '' : ` ${rule}`} at ${clockTime(atMs)}`;
    });
  }

  get ids(): ReadonlySet<string> {
    return new Set(this.got.map(({ notice }) => notice.id));
  }
}

const clockTime = (ms: number): string => `${String(Math.floor(ms / 60_000)).padStart(2, '0')}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;

function world(options: Omit<MemoryPlatformOptions, 'clock'> = {}) {
  const clock = new VirtualClock({ auto: true });
  clocks.push(clock);
  const platform = createMemoryPlatform({ clock, replicas: 2, ...options });
  const channel = new Channel();
  const process = (made: MemoryPlatform = platform.connect()) =>
    new Shepherd<MemoryRelease>({ platform: made, notifiers: [channel.notifier], actor: { name: 'ada', kind: 'human' } });
  return { clock, platform, channel, process };
}

async function watched(shepherd: Shepherd<MemoryRelease>, options: WatchOverOptions = {}): Promise<readonly WatchOverEvent[]> {
  const events: WatchOverEvent[] = [];
  for await (const event of watchOver(shepherd, 'web', options)) events.push(event);
  return events;
}

const open = (shepherd: Shepherd<MemoryRelease>, kind: Parameters<typeof openIncident>[2]['kind']) =>
  openIncident(shepherd, 'web', { kind, reason: 'as it was seen' });

describe('an incident that a person opens', () => {
  test('is told once, by its reason; opened again it is the same', async () => {
    const { channel, process } = world();
    await using shepherd = process();
    const first = await openIncident(shepherd, 'web', { kind: 'outage', reason: 'CRITICAL: web outage detected. Emergency rollback initiated.' });
    const second = await open(shepherd, 'outage');
    expect([first.changed, second.changed, second.incident.id]).toEqual([true, false, first.incident.id]);
    expect(first.undelivered).toEqual([]);
    expect(channel.said).toEqual(['incident.opened at 00:00']);
    expect(channel.got[0]?.notice).toMatchObject({
      severity: 'error',
      text: 'CRITICAL: web outage detected. Emergency rollback initiated.',
      metadata: { openIncidents: '1' },
    });
    expect(await listIncidents(shepherd, 'web')).toMatchObject([{ kind: 'outage', by: { name: 'ada' }, clocks: [{ rule: 'E1' }, { rule: 'E6' }] }]);
  });

  test.each([
    ['data-corruption', 'E3'],
    ['security', 'E4'],
    ['cluster', 'E5'],
  ] as const)('%s is escalated at once (%s)', async (kind, rule) => {
    const { channel, process } = world();
    await using shepherd = process();
    await open(shepherd, kind);
    expect(channel.said).toEqual(['incident.opened at 00:00', `incident.escalated ${rule} at 00:00`]);
    expect(channel.got[1]?.notice).toMatchObject({ severity: 'critical', title: expect.stringContaining(rule) });
  });

  test('is over when somebody says so: the alert may go, and no clock of it fires any more', async () => {
    const { channel, process } = world();
    await using shepherd = process();
    const { incident } = await open(shepherd, 'security');
    expect((await resolveIncident(shepherd, incident.id, { reason: 'the key was changed' })).changed).toBe(true);
    expect(channel.got.at(-1)?.notice).toMatchObject({
      type: 'incident.resolved',
      severity: 'info',
      terminal: true,
      text: 'the key was changed',
      metadata: { openIncidents: '0' },
    });
    const events = await watched(shepherd, { for: '40m' });
    expect(events.at(-1)).toMatchObject({ type: 'watch-end', open: [] });
    expect(channel.got).toHaveLength(3);
    await expect(resolveIncident(shepherd, incident.id)).rejects.toThrow(/expected an incident that is open/);
  });

  test('what cannot be delivered is listed, stays, and goes out by flush under the same ids', async () => {
    const { channel, process } = world();
    await using shepherd = process();
    channel.answer = () => ({ kind: 'refused', why: 'channel_not_found' });
    const { undelivered } = await open(shepherd, 'security');
    expect(undelivered.map(({ type, why }) => [type, why])).toEqual([
      ['incident.opened', 'channel_not_found'],
      ['incident.escalated', 'channel_not_found'],
    ]);
    channel.answer = () => ({ kind: 'sent' });
    await using later = process();
    expect(await later.flush()).toEqual({ delivered: 2, undelivered: [], failed: [] });
    expect(channel.said.map((each) => each.split(' at')[0])).toEqual(['incident.opened', 'incident.escalated E4']);
    expect(await later.flush()).toEqual({ delivered: 0, undelivered: [], failed: [] });
  });

  test.each(['data-corruption', 'security'] as const)('%s holds the rollout that runs: nothing goes on and nothing goes back', async (kind) => {
    const { platform, clock, process } = world();
    await using shepherd = process();
    const strategy = new Canary({ stages: [50, 100], interval: '10m', analysis: false });
    const rollout = shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy });
    await new Promise<void>((resolve) => void rollout.on('weight-change', () => resolve()));
    const { held } = await open(shepherd, kind);
    expect(held).toBe(rollout.id);
    await clock.sleep(8 * 3_600_000);
    expect((await rollout.state()).now).toMatchObject({ kind: 'waiting', on: 'pause', reason: expect.stringContaining(kind) });
    expect(platform.app('web').stable?.version).toBe('1.0.0');
    await rollout.abort();
    expect((await rollout.outcome).kind).toBe('rolled-back');
  });

  test.each([
    [
      'a kind that is none',
      (by: Shepherd<MemoryRelease>) => openIncident(by, 'web', { kind: 'fire' as never, reason: 'x' }),
      /incident\.kind: got "?fire"?, expected one of outage/,
    ],
    ['no reason', (by: Shepherd<MemoryRelease>) => openIncident(by, 'web', { kind: 'outage', reason: ' ' }), /incident\.reason/],
    ['a time that is none', (by: Shepherd<MemoryRelease>) => openIncident(by, 'web', { kind: 'outage', reason: 'x', since: 'soon' }), /incident\.since/],
    ['no cause', (by: Shepherd<MemoryRelease>) => recordCause(by, 'web', { cause: '' }), /incident\.cause/],
    ['no incident', (by: Shepherd<MemoryRelease>) => recordCause(by, 'web', { cause: 'the disk' }), /expected an incident that is open/],
    ['a watch of no time', (by: Shepherd<MemoryRelease>) => watched(by, { for: 'long' as never }), /watch\.for/],
  ])('%s is refused', async (_, ask, says) => {
    const { process } = world();
    await using shepherd = process();
    await expect(ask(shepherd)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTIONS', message: expect.stringMatching(says) });
    expect(await listIncidents(shepherd, 'web')).toEqual([]);
  });

  test('of several that are open one must be named', async () => {
    const { process } = world();
    await using shepherd = process();
    await open(shepherd, 'outage');
    await open(shepherd, 'degradation');
    await expect(recordCause(shepherd, 'web', { cause: 'the disk' })).rejects.toThrow(/several that are open/);
    expect((await recordCause(shepherd, 'web', { cause: 'the disk', kind: 'outage' })).incident.cause?.text).toBe('the disk');
  });
});

describe('clocks', () => {
  test('E6: the cause is unknown after exactly 30 minutes; a cause that is recorded stops it', async () => {
    const { channel, process, clock } = world();
    await using shepherd = process();
    await clock.sleep(123_456);
    await open(shepherd, 'security');
    await watched(shepherd, { for: '1m' });
    expect(channel.said.at(-1)).toBe('incident.escalated E6 at 32:03');
    expect(channel.got.at(-1)?.atMs).toBe(123_456 + 30 * 60_000);

    const other = world();
    await using by = other.process();
    await open(by, 'security');
    await recordCause(by, 'web', { cause: 'a leaked key' });
    const events = await watched(by, { for: '40m' });
    expect(other.channel.said.filter((each) => each.includes('E6'))).toEqual([]);
    expect(events.at(-1)).toMatchObject({ open: [{ cause: { text: 'a leaked key' } }] });
  });

  test('E1: an outage over 15 minutes; one that is over by then is none', async () => {
    const { channel, process } = world({ versions: { '1.0.0': { reply: () => ({ status: 503 }) } } });
    await using shepherd = process();
    await watched(shepherd, { for: '16m' });
    expect(channel.said.slice(0, 2)).toEqual(['incident.opened at 00:10', 'incident.escalated E1 at 15:00']);
    expect(channel.got[1]?.notice).toMatchObject({
      severity: 'critical',
      facts: expect.arrayContaining([{ key: 'rule', value: 'E1: outage for over 15 minutes' }]),
    });

    const well = world();
    await using by = well.process();
    await open(by, 'outage');
    await watched(by, { for: '16m' });
    expect(well.channel.said.filter((each) => each.includes('E1'))).toEqual([]);
  });

  test('an outage that passes is opened, closed once the app was well for a minute, and calls nobody', async () => {
    let sick = true;
    const { channel, process, clock } = world({ versions: { '1.0.0': { reply: () => ({ status: sick ? 503 : 200 }) } } });
    await using shepherd = process();
    void clock.sleep(5 * 60_000).then(() => (sick = false));
    const events = await watched(shepherd, { for: '20m' });
    expect(channel.said).toEqual(['incident.opened at 00:10', 'incident.resolved at 06:00']);
    expect(events.filter(({ type }) => type === 'look').map((event) => (event.type === 'look' ? event.says : ''))).toEqual([
      expect.stringMatching(/every pod fails its health check: 503/),
      'well',
    ]);
  });

  test('one bad look is a moment, not an outage', async () => {
    let asked = 0;
    const { channel, process } = world({ versions: { '1.0.0': { reply: () => ({ status: asked++ < 2 ? 503 : 200 }) } } });
    await using shepherd = process();
    await watched(shepherd, { for: '5m' });
    expect(channel.said).toEqual([]);
  });

  test('D1: no better after 15 minutes, going back is recommended and nothing more', async () => {
    const { channel, process, platform } = world();
    await using shepherd = process();
    await shepherd.deploy({ app: 'web', release: { version: '1.1.0' } }).outcome;
    const before = channel.got.length;
    await open(shepherd, 'degradation');
    await recordCause(shepherd, 'web', { cause: 'a slow query' });
    await watched(shepherd, { for: '1m' });
    const said = channel.got.slice(before).map(({ notice }) => notice.type);
    expect(said).toEqual(['incident.opened', 'incident.cause_known', 'rollback.recommended']);
    expect(platform.app('web').stable?.version).toBe('1.1.0');
  });

  test('D1 with auto: it goes back, and the incident is over', async () => {
    const { process, platform } = world();
    await using shepherd = process();
    await shepherd.deploy({ app: 'web', release: { version: '1.1.0' } }).outcome;
    const { incident } = await open(shepherd, 'degradation');
    const events = await watched(shepherd, { for: '1m', auto: true });
    expect(events.find(({ type }) => type === 'rollback-end')).toMatchObject({ incident: incident.id, outcome: { kind: 'succeeded' } });
    expect(platform.app('web').stable?.version).toBe('1.0.0');
    expect(await listIncidents(shepherd, 'web')).toMatchObject([{ resolved: { reason: 'gone back to the version before' }, fired: [{ rule: 'D1' }] }]);
  });

  test.each(['data-corruption', 'security'] as const)('D1 with auto goes nowhere while %s is open', async (kind) => {
    const { process, platform } = world();
    await using shepherd = process();
    await shepherd.deploy({ app: 'web', release: { version: '1.1.0' } }).outcome;
    await open(shepherd, 'degradation');
    await open(shepherd, kind);
    await watched(shepherd, { for: '20m', auto: true });
    expect(platform.app('web').stable?.version).toBe('1.1.0');
  });

  test('E5: too many nodes are not ready', async () => {
    const { platform, clock, channel } = world();
    const nodes = { ready: 9, of: 10 };
    const diagnosis = { ...platform.diagnosis, nodes: async () => nodes };
    await using shepherd = new Shepherd<MemoryRelease>({ platform: { ...platform, diagnosis: diagnosis as never }, notifiers: [channel.notifier] });
    void clock.sleep(60_000).then(() => (nodes.ready = 8));
    const watch = watched(shepherd, { for: '2m' });
    void clock.sleep(90_000).then(() => (nodes.ready = 10));
    await watch;
    expect(channel.said).toEqual(['incident.opened at 01:00', 'incident.escalated E5 at 01:00', 'incident.resolved at 02:30']);
    expect(channel.got[0]?.notice.text).toBe('2 of 10 nodes are not ready');
  });

  test('E5: the cluster does not answer for exactly 60 s: people are called though nothing can be stored, and it is stored once it answers', async () => {
    const { platform, clock, channel } = world();
    let down = false;
    const lost = (): never => {
      throw new ShepherdError('ERR_UNREACHABLE', 'no route', { facts: { what: 'the cluster', reason: 'no route' }, remedy: 'wait', retryable: true });
    };
    const connect = () =>
      new Shepherd<MemoryRelease>({
        platform: platform.connect(() => (down ? lost() : undefined)),
        notifiers: [channel.notifier],
        actor: { name: 'ada', kind: 'human' },
      });
    await using shepherd = connect();
    await using other = connect();
    void clock.sleep(95_000).then(() => (down = true));
    const watches = [watched(shepherd, { for: '10m' }), watched(other, { for: '10m' })];
    void clock.sleep(300_000).then(() => (down = false));
    await Promise.all(watches);
    expect([...new Set(channel.said)]).toEqual(['incident.opened at 02:40', 'incident.escalated E5 at 02:40', 'incident.resolved at 06:00']);
    expect(channel.ids.size).toBe(3);
    expect(await listIncidents(shepherd, 'web')).toMatchObject([{ kind: 'cluster', since: '2026-01-01T00:01:40.000Z', fired: [{ rule: 'E5' }], resolved: {} }]);
  });
});

describe('many processes', () => {
  test('two watches fire each rule once, under one id', async () => {
    const { channel, process } = world({ versions: { '1.0.0': { reply: () => ({ status: 503 }) } } });
    await using one = process();
    await using two = process();
    await Promise.all([watched(one, { for: '31m' }), watched(two, { for: '31m' })]);
    expect(channel.said).toEqual(['incident.opened at 00:10', 'incident.escalated E1 at 15:00', 'incident.escalated E6 at 30:10']);
    expect(channel.ids.size).toBe(3);
  });

  test('a watch that dies is followed by another: each clock fires once, at its time; one that passed meanwhile fires at once', async () => {
    const { channel, process, clock } = world({ versions: { '1.0.0': { reply: () => ({ status: 503 }) } } });
    const run = async (fromMs: number, toMs: number): Promise<void> => {
      await clock.sleep(fromMs - clock.monotonicMs());
      await using shepherd = process();
      const gone = new AbortController();
      void clock.sleep(toMs - fromMs).then(() => gone.abort());
      await watched(shepherd, { for: '2h', signal: gone.signal });
    };
    await run(0, 5 * 60_000);
    await run(8 * 60_000, 16 * 60_000);
    await run(40 * 60_000, 50 * 60_000);
    await run(50 * 60_000, 55 * 60_000);
    expect(channel.said).toEqual(['incident.opened at 00:10', 'incident.escalated E1 at 15:00', 'incident.escalated E6 at 40:00']);
    expect(channel.ids.size).toBe(3);
  });

  test('a process that dies while it tells is followed by one that tells the same, under the same ids', async () => {
    const { channel, process, clock } = world();
    const dead = process();
    channel.answer = () => new Promise(() => undefined);
    const opening = open(dead, 'security');
    await clock.sleep(10_000);
    channel.answer = () => ({ kind: 'sent' });
    await using alive = process();
    await clock.sleep(120_000);
    await watched(alive, { for: '1m' });
    expect([...new Set(channel.got.map(({ notice }) => notice.type))]).toEqual(['incident.opened', 'incident.escalated']);
    expect(new Set(channel.got.filter(({ notice }) => notice.type === 'incident.opened').map(({ notice }) => notice.id)).size).toBe(1);
    await opening;
    await dead.close();
  });

  test('twenty processes that write at once lose nothing', async () => {
    const { process } = world();
    const kinds = ['outage', 'degradation', 'data-corruption', 'security', 'cluster'] as const;
    const all = Array.from({ length: 20 }, () => process());
    const changes = await Promise.all(all.map((each, i) => open(each, kinds[i % 5] as (typeof kinds)[number])));
    expect(changes.filter(({ changed }) => changed)).toHaveLength(5);
    expect((await listIncidents(all[0] as Shepherd<MemoryRelease>, 'web')).map(({ kind }) => kind).toSorted()).toEqual(kinds.toSorted());
    await Promise.all(all.map((each) => each.close()));
  });

  test('a channel that hangs keeps no clock from firing', async () => {
    const { channel, clock } = world();
    const slow: Notifier = { ...channel.notifier, name: 'slow', send: () => new Promise(() => undefined) };
    const platform = createMemoryPlatform({ clock, versions: { '1.0.0': { reply: () => ({ status: 503 }) } } });
    await using shepherd = new Shepherd<MemoryRelease>({ platform, notifiers: [slow, channel.notifier] });
    await watched(shepherd, { for: '16m' });
    expect(await listIncidents(shepherd, 'web')).toMatchObject([{ fired: [{ rule: 'E1', at: '2026-01-01T00:15:00.000Z' }, { rule: 'E6' }] }]);
  });
});
