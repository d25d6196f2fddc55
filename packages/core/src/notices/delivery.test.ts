import { afterEach, describe, expect, test } from 'vitest';
import { BlueGreen, Canary, type Delivery, type Notice, type Notifier, type NotifyContext, type RolloutEvent, Shepherd } from '../index.js';
import { createMemoryPlatform, type MemoryPlatform, VirtualClock } from '../testing/index.js';

const clocks: VirtualClock[] = [];
afterEach(() => {
  for (const clock of clocks.splice(0)) clock[Symbol.dispose]();
});

const world = (): MemoryPlatform => {
  const clock = new VirtualClock({ auto: true });
  clocks.push(clock);
  return createMemoryPlatform({ clock });
};

const strategy = new Canary({ stages: [50, 100], interval: '1m', analysis: false });
const request = { app: 'web', release: { version: '1.1.0' }, strategy } as const;

interface Sent {
  readonly notice: Notice;
  readonly attempt: number;
  readonly ref: string | undefined;
  readonly atMs: number;
}

function channel(answer: (notice: Notice, context: NotifyContext) => Delivery | Promise<Delivery>, more: Partial<Notifier> = {}) {
  const tried: Sent[] = [];
  const accepted: Notice[] = [];
  const notifier: Notifier = {
    specificationVersion: 'v1',
    name: 'chat',
    async send(notice, context) {
      tried.push({ notice, attempt: context.attempt, ref: context.ref, atMs: context.clock.monotonicMs() });
      const delivery = await answer(notice, context);
      if (delivery?.kind === 'sent') accepted.push(notice);
      return delivery;
    },
    ...more,
  };
  return { notifier, tried, accepted };
}

const ok = (): Delivery => ({ kind: 'sent' });
const typesOf = (notices: readonly Notice[]): readonly string[] => notices.map(({ type }) => type);

describe('notices of a rollout', () => {
  test('each says what happened, in order, with an id of its own; the last one is the end', async () => {
    const { notifier, accepted } = channel(ok);
    const platform = world();
    await using shepherd = new Shepherd({ platform, notifiers: [notifier], actor: { name: 'ada', kind: 'human' } });
    const outcome = await shepherd.deploy({ ...request, metadata: { team: 'shop' } }).outcome;
    expect(outcome.kind).toBe('succeeded');
    expect((await shepherd.close()).undelivered).toEqual([]);
    const sequences = accepted.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(accepted.length);
    expect(typesOf(accepted).at(0)).toBe('deploy.started');
    expect(typesOf(accepted)).toContain('deploy.traffic_shifted');
    expect(accepted.at(-1)).toMatchObject({ type: 'deploy.succeeded', severity: 'info', terminal: true, by: { name: 'ada' }, metadata: { team: 'shop' } });
    expect(accepted.filter(({ terminal }) => terminal)).toHaveLength(1);
    expect(accepted.every(({ id }) => /^msg_[a-z2-7]{26}$/.test(id))).toBe(true);
  });

  test('a bad release is told as going back, then as taken back, by the severity that wakes people', async () => {
    const { notifier, accepted } = channel(ok, { wants: { minSeverity: 'warning' } });
    const platform = createMemoryPlatform({ versions: { '1.1.0': { doomed: 'CrashLoopBackOff' } } });
    await using shepherd = new Shepherd({ platform, notifiers: [notifier] });
    const outcome = await shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: new BlueGreen(), timeout: '5m' }).outcome;
    await shepherd.close();
    expect(outcome.kind).toBe('rolled-back');
    expect(typesOf(accepted)).toEqual(['rollback.started', 'rollback.succeeded']);
  });

  test('a rollback whose attempts fail names the rule by which people are called (E2): first an error, then what is critical', async () => {
    const { notifier, accepted } = channel(ok, { wants: { types: ['rollback.attempt_failed', 'rollback.failed'] } });
    const sick = { reply: () => ({ status: 503 }) };
    const platform = createMemoryPlatform({ versions: { '1.1.0': sick } });
    await using shepherd = new Shepherd<{ version: string }>({ platform, notifiers: [notifier] });
    await shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, checks: [] }).outcome;
    (platform.app('web').options.versions as Record<string, object>)['1.0.0'] = sick;
    const outcome = await shepherd.rollback({ app: 'web', timeout: '20m' }).outcome;
    await shepherd.close();
    expect(outcome.kind).toBe('rollback-failed');
    const rule = { key: 'rule', value: 'E2: rollback attempts fail' };
    expect(accepted.map(({ type, severity, facts }) => [type, severity, facts.some((fact) => fact.value === rule.value)])).toEqual([
      ['rollback.attempt_failed', 'error', true],
      ['rollback.failed', 'critical', true],
    ]);
  });

  test('only what a notifier wants reaches it: by severity and by app', async () => {
    const [all, bad, other] = [
      channel(ok, { name: 'all' }),
      channel(ok, { name: 'bad', wants: { minSeverity: 'error' } }),
      channel(ok, { name: 'other', wants: { apps: ['shop/web'] } }),
    ];
    await using shepherd = new Shepherd({ platform: world(), notifiers: [all.notifier, bad.notifier, other.notifier] });
    await shepherd.deploy(request).outcome;
    await shepherd.close();
    expect(all.accepted.length).toBeGreaterThan(5);
    expect(bad.accepted).toEqual([]);
    expect(other.accepted).toEqual([]);
  });

  test('of several routes any lets through; types by name and by their beginning', async () => {
    const routes = channel(ok, {
      wants: [{ types: ['deploy.started'] }, { types: ['deploy.succeeded'], apps: ['shop/web'] }, { types: ['deploy.traffic_*'] as never }],
    });
    expect(() => new Shepherd({ platform: world(), notifiers: [routes.notifier] })).toThrow(
      /notifiers\[0\]\.wants\[2\]\.types: got .*, expected types such as/,
    );
    const two = channel(ok, { wants: [{ types: ['deploy.started'] }, { types: ['rollback.*'], minSeverity: 'error' }, { minSeverity: 'critical' }] });
    await using shepherd = new Shepherd({ platform: world(), notifiers: [two.notifier] });
    const rollout = shepherd.deploy(request);
    await rollout.started;
    await rollout.abort();
    await rollout.outcome;
    await shepherd.close();
    expect(typesOf(two.accepted)).toEqual(['deploy.started', 'rollback.started']);
  });

  test('the reference of the first delivery comes with all that follow, whatever they answer', async () => {
    let count = 0;
    const { notifier, tried } = channel(() => ({ kind: 'sent', ref: `m${++count}` }));
    await using shepherd = new Shepherd({ platform: world(), notifiers: [notifier] });
    await shepherd.deploy(request).outcome;
    await shepherd.close();
    expect(tried.map(({ ref }) => ref)).toEqual([undefined, ...tried.slice(1).map(() => 'm1')]);
  });

  test('credentials, escape sequences and controls never reach a channel', async () => {
    const { notifier, accepted } = channel(ok);
    await using shepherd = new Shepherd({ platform: world(), notifiers: [notifier] });
    const nasty = '\u001b[31mred\u001b[0m \u001b]8;;https://evil\u0007x\u0007 whsec_AAECAwQFBgcICQoLDA0ODw== token=0123456789abcdef0123456789abcdef\u202e';
    const rollout = shepherd.deploy({ ...request, reason: nasty });
    await rollout.outcome;
    await shepherd.close();
    const said = JSON.stringify(accepted);
    expect(said).toContain('red');
    expect(said).not.toMatch(/whsec_AAEC|0123456789abcdef0123|\\u001b|\\u202e|\[31m/);
  });
});

describe('a channel in trouble', () => {
  const outcomeWith = async (notifiers: readonly Notifier[], heard: RolloutEvent[] = []) => {
    const platform = world();
    const shepherd = new Shepherd({ platform, notifiers });
    shepherd.on('listener-error', (event) => void heard.push(event));
    const rollout = shepherd.deploy(request);
    const outcome = await rollout.outcome;
    return { outcome, closed: await shepherd.close(), platform, ms: outcome.ms };
  };

  test.each([
    ['hangs', () => new Promise<never>(() => undefined)],
    ['throws', () => Promise.reject(new Error('no route'))],
    [
      'throws at once',
      () => {
        throw new Error('bug');
      },
    ],
    ['refuses', () => ({ kind: 'refused', why: 'channel_not_found' }) as const],
    ['answers nothing', () => undefined as never],
    ['wants to be left alone for a year', () => ({ kind: 'retry', why: 'rate limited', after: '8760h' }) as const],
  ] as const)('that %s changes neither the outcome nor its time, and all of it is listed', async (_, answer) => {
    const { notifier } = channel(answer as () => Promise<Delivery>);
    const [without, withIt] = [await outcomeWith([]), await outcomeWith([notifier])];
    expect(withIt.outcome.kind).toBe('succeeded');
    expect(withIt.ms).toBe(without.ms);
    expect(withIt.closed.undelivered.length).toBeGreaterThan(5);
    expect(withIt.closed.undelivered.every(({ why, notifier: name }) => why !== '' && name === 'chat')).toBe(true);
    expect(withIt.closed.undelivered.at(-1)?.type).toBe('deploy.succeeded');
  });

  test('what fails is tried again with the same id, after a while that grows, at most five times in a row', async () => {
    const { notifier, tried } = channel(() => ({ kind: 'retry', why: 'answered 503' }));
    await outcomeWith([notifier]);
    const first = tried.filter(({ notice }) => notice.id === tried[0]?.notice.id);
    expect(first.map(({ attempt }) => attempt).slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    const waits = first.slice(1, 5).map(({ atMs }, i) => atMs - (first[i]?.atMs ?? 0));
    waits.forEach((ms, i) => expect(ms).toBeLessThanOrEqual(1_000 * 2 ** i));
  });

  test('it is asked again no sooner than it says', async () => {
    let calls = 0;
    const { notifier, tried } = channel(() => (++calls === 1 ? { kind: 'retry', why: 'rate limited', after: '40s' } : { kind: 'sent' }));
    const { closed } = await outcomeWith([notifier]);
    expect(closed.undelivered).toEqual([]);
    expect((tried[1]?.atMs ?? 0) - (tried[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(40_000);
    expect(tried[1]?.notice.id).toBe(tried[0]?.notice.id);
  });

  test('a refusal is not tried again, and the next notice goes its way', async () => {
    const { notifier, tried, accepted } = channel(({ type }) => (type === 'deploy.started' ? { kind: 'refused', why: 'invalid_payload' } : { kind: 'sent' }));
    const { closed } = await outcomeWith([notifier]);
    expect(tried.filter(({ notice }) => notice.type === 'deploy.started')).toHaveLength(1);
    expect(closed.undelivered).toMatchObject([{ type: 'deploy.started', why: 'invalid_payload', attempts: 1 }]);
    expect(accepted.at(-1)?.type).toBe('deploy.succeeded');
  });

  test('trouble is an event, and neither it nor the journal shows an address', async () => {
    const heard: RolloutEvent[] = [];
    const { notifier } = channel(() => Promise.reject(new Error('fetch of https://user:pw@hooks.example.com/T0/B0/secret-part failed')));
    const { closed, platform } = await outcomeWith([notifier], heard);
    const app = { cluster: 'memory', namespace: 'default', name: 'web' };
    const saved = await platform.journal.load({ app, rolloutId: undefined, signal: new AbortController().signal, clock: platform.clock });
    const said = JSON.stringify([heard, closed, saved]);
    expect(heard.length).toBeGreaterThan(0);
    expect(said).toContain('https://hooks.example.com');
    expect(said).not.toMatch(/secret-part|user:pw/);
  });

  test('one channel in trouble does not hold up another', async () => {
    const [down, up] = [channel(() => new Promise<never>(() => undefined), { name: 'down' }), channel(ok, { name: 'up' })];
    const { closed } = await outcomeWith([down.notifier, up.notifier]);
    expect(up.accepted.at(-1)?.type).toBe('deploy.succeeded');
    expect(new Set(closed.undelivered.map(({ notifier }) => notifier))).toEqual(new Set(['down']));
  });
});

describe('what nobody got', () => {
  const leftBehind = async () => {
    const platform = world();
    const down = channel(() => ({ kind: 'retry', why: 'answered 503' }));
    const shepherd = new Shepherd({ platform, notifiers: [down.notifier] });
    await shepherd.deploy(request).outcome;
    const { undelivered } = await shepherd.close();
    return { platform, undelivered, tried: down.tried };
  };

  test('goes out by flush, under the ids that were tried before, in order; then nothing is left', async () => {
    const { platform, undelivered } = await leftBehind();
    const up = channel(ok);
    await using shepherd = new Shepherd({ platform: platform.connect(), notifiers: [up.notifier] });
    expect(await shepherd.flush()).toEqual({ delivered: undelivered.length, undelivered: [], failed: [] });
    expect(up.accepted.map(({ id }) => id)).toEqual(undelivered.map(({ id }) => id));
    expect(await shepherd.flush()).toEqual({ delivered: 0, undelivered: [], failed: [] });
    expect(up.accepted).toHaveLength(undelivered.length);
  });

  test('goes out when the app is recovered', async () => {
    const { platform, undelivered } = await leftBehind();
    const up = channel(ok);
    const shepherd = new Shepherd({ platform: platform.connect(), notifiers: [up.notifier] });
    for await (const rollout of shepherd.recover()) await rollout.outcome;
    expect((await shepherd.close()).undelivered).toEqual([]);
    expect(up.accepted.map(({ id }) => id)).toEqual(undelivered.map(({ id }) => id));
  });

  test('goes out with the next rollout, before what that has to say', async () => {
    const { platform, undelivered } = await leftBehind();
    const up = channel(ok);
    const shepherd = new Shepherd<{ version: string }>({ platform: platform.connect(), notifiers: [up.notifier] });
    await shepherd.deploy({ ...request, release: { version: '1.2.0' } }).outcome;
    expect((await shepherd.close()).undelivered).toEqual([]);
    expect(up.accepted.slice(0, undelivered.length).map(({ id }) => id)).toEqual(undelivered.map(({ id }) => id));
    expect(new Set(up.accepted.map(({ rolloutId }) => rolloutId)).size).toBe(2);
  });

  test('a process without that notifier leaves it where it is', async () => {
    const { platform, undelivered } = await leftBehind();
    const shepherd = new Shepherd<{ version: string }>({ platform: platform.connect() });
    await shepherd.deploy({ ...request, release: { version: '1.2.0' } }).outcome;
    await shepherd.close();
    const up = channel(ok);
    await using later = new Shepherd({ platform: platform.connect(), notifiers: [up.notifier] });
    await later.flush();
    expect(up.accepted.map(({ id }) => id)).toEqual(undelivered.map(({ id }) => id));
  });
});

test('two notifiers of one name, and what is none, are refused', () => {
  const { notifier } = channel(ok);
  expect(() => new Shepherd({ platform: world(), notifiers: [notifier, { ...notifier }] })).toThrow(/notifiers\[1\]\.name/);
  expect(() => new Shepherd({ platform: world(), notifiers: [{ name: 'x' } as never] })).toThrow(/specificationVersion/);
  expect(() => new Shepherd({ platform: world(), notifiers: [{ ...notifier, wants: { minSeverity: 'loud' } as never }] })).toThrow(/minSeverity/);
  expect(() => new Shepherd({ platform: world(), notifiers: [{ ...notifier, wants: { severity: 'error' } as never }] })).toThrow(/unknown field/);
});
