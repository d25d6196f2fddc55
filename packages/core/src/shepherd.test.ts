import { describe, expect, test, vi } from 'vitest';
import { standard } from './checks/index.js';
import { defineGate } from './extend/define-gate.js';
import { defineStep } from './extend/define-step.js';
import {
  BlueGreen,
  Canary,
  exitCodeOf,
  formatEvent,
  formatOutcome,
  formatPlan,
  pass,
  RollingUpdate,
  type RolloutEvent,
  Shepherd,
  type Strategy,
} from './index.js';
import { createMemoryPlatform, type MemoryPlatform, type MemoryPlatformOptions } from './testing/index.js';

// Some play dozens of rollouts; how long that takes is the machine's affair.
vi.setConfig({ testTimeout: 60_000 });

const strategies: readonly (readonly [string, () => Strategy])[] = [
  ['rolling', () => new RollingUpdate()],
  ['blue-green', () => new BlueGreen({ soak: '2m' })],
  ['canary', () => new Canary({ stages: [10, 25, 50, 75, 100], interval: '1m', analysis: false })],
];

const sick = { reply: (path: string) => (path === '/api/health' ? { status: 503, text: '{"status":"unhealthy"}' } : {}) };
const doomed = { doomed: 'CrashLoopBackOff' };

function setUp(
  options: MemoryPlatformOptions = {},
  extensions: ConstructorParameters<typeof Shepherd>[0]['extensions'] = [],
): { platform: MemoryPlatform; shepherd: Shepherd<{ version: string }> } {
  const platform = createMemoryPlatform({ replicas: 6, ...options });
  return { platform, shepherd: new Shepherd({ platform, extensions, actor: { name: 'test', kind: 'human' } }) };
}

async function eventsOf(rollout: AsyncIterable<RolloutEvent>): Promise<RolloutEvent[]> {
  const events: RolloutEvent[] = [];
  for await (const event of rollout) events.push(event);
  return events;
}

const clean = ({ platform }: { platform: MemoryPlatform }, version: string): void => {
  const app = platform.app();
  expect({ version: app.stable?.version, wanted: app.stable?.wanted, candidate: app.candidate }).toEqual({ version, wanted: 6, candidate: undefined });
};

describe.each(strategies)('%s', (_name, strategy) => {
  test('a good release takes all traffic and leaves only stable', async () => {
    const world = setUp();
    const outcome = await world.shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: strategy() }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    clean(world, '1.1.0');
    expect(
      await world.platform.lock.read({
        app: outcome.targets[0] as never,
        rolloutId: undefined,
        signal: new AbortController().signal,
        clock: world.platform.clock,
      }),
    ).toBeUndefined();
  });

  test('a release whose pods are doomed is taken back, with the pod in the cause', async () => {
    const world = setUp({ versions: { '1.1.0': doomed } });
    const outcome = await world.shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: strategy() }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
    expect(outcome).toMatchObject({ cause: { kind: 'step', error: { code: 'ERR_POD_DOOMED' } }, serving: 'stable' });
    expect(exitCodeOf(outcome)).toBe(3);
    clean(world, '1.0.0');
  });

  test('a release that is ready but not well is taken back', async () => {
    const world = setUp({ versions: { '1.1.0': sick } });
    const outcome = await world.shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: strategy() }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
    expect(outcome).toMatchObject({ cause: { kind: 'verdict', verdict: { kind: 'fail' } } });
    clean(world, '1.0.0');
  });

  test('an aborted signal takes it back, in whatever step it is', async () => {
    for (const atStep of [0, 1, 2, 4, 7, 11]) {
      const world = setUp();
      const stop = new AbortController();
      const rollout = world.shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: strategy() }, { signal: stop.signal });
      rollout.on('step-start', ({ index }) => (index === atStep ? stop.abort('SIGINT') : undefined));
      const outcome = await rollout.outcome;
      if (outcome.kind === 'succeeded') continue; // fewer steps than that
      expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'rolled-back', cause: { kind: 'abort', reason: 'SIGINT' } });
      expect(exitCodeOf(outcome)).toBe(130);
      clean(world, '1.0.0');
    }
  });

  test('the deadline takes it back with its own exit code', async () => {
    const world = setUp({ startupMs: 120_000 });
    const outcome = await world.shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: strategy(), timeout: '30s' }).outcome;
    expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'rolled-back', cause: { kind: 'deadline', after: '30s' } });
    expect(exitCodeOf(outcome)).toBe(6);
    clean(world, '1.0.0');
  });

  test('plan, preflight and status write nothing, and the plan that was seen is the plan that runs', async () => {
    const { platform, shepherd } = setUp();
    const request = { app: 'web', release: { version: '1.1.0' }, strategy: strategy() };
    const plan = await shepherd.plan(request);
    await shepherd.preflight(request);
    await shepherd.status('web');
    expect(platform.calls.filter(({ writes }) => writes)).toEqual([]);
    expect(formatPlan(JSON.parse(JSON.stringify(plan)))).toContain(plan.hash);
    const rollout = shepherd.deploy(request, { expect: plan.hash });
    expect((await rollout.started).hash).toBe(plan.hash);
    expect((await rollout.outcome).kind).toBe('succeeded');
    const other = await shepherd.deploy({ ...request, release: { version: '1.2.0' } }, { expect: plan.hash }).outcome;
    expect(other).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_PLAN_CHANGED' } });
  });

  test('events are numbered without gaps and the journal holds each of them', async () => {
    const { platform, shepherd } = setUp();
    const rollout = shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: strategy() });
    const events = await eventsOf(rollout);
    const lasting = events.filter(({ transient }) => !transient);
    expect(lasting.map(({ sequence }) => sequence)).toEqual(lasting.map((_, index) => index + 1));
    expect(lasting.at(-1)?.type).toBe('rollout-end');
    const again = await eventsOf(await new Shepherd({ platform: platform.connect() }).get(rollout.id));
    expect(again).toEqual(lasting);
    expect(lasting.map(formatEvent).every((line) => !line.includes('undefined'))).toBe(true);
  });
});

describe('canary by pods', () => {
  test('ready pods never fall below R, pods never exceed the plan, and both tracks serve at every stage', async () => {
    const { platform, shepherd } = setUp({ replicas: 10 });
    const request = { app: 'web', release: { version: '1.1.0' }, strategy: new Canary({ stages: [10, 50, 100], interval: '30s', analysis: false }) };
    const plan = await shepherd.plan(request);
    const rollout = shepherd.deploy(request);
    let [least, most] = [Infinity, 0];
    const watching = (async () => {
      for await (const _ of rollout.events()) {
        const { stable, candidate } = await platform.tracks.inspect({
          app: plan.targets[0],
          rolloutId: rollout.id,
          signal: new AbortController().signal,
          clock: platform.clock,
        });
        least = Math.min(least, (stable?.ready ?? 0) + (candidate?.ready ?? 0));
        most = Math.max(most, (stable?.replicas ?? 0) + (candidate?.replicas ?? 0));
      }
    })();
    expect((await rollout.outcome).kind).toBe('succeeded');
    await watching;
    expect(least).toBeGreaterThanOrEqual(10);
    expect(most).toBeLessThanOrEqual(plan.estimate.peakPods);
  });

  test('a weight is said as it is: 10 % of six pods is one in seven', async () => {
    const { shepherd } = setUp();
    const rollout = shepherd.deploy({
      app: 'web',
      release: { version: '1.1.0' },
      strategy: new Canary({ stages: [10, 100], interval: '30s', analysis: false }),
    });
    const changes = (await eventsOf(rollout)).flatMap((event) => (event.type === 'weight-change' ? [[event.from, event.to, event.asked]] : []));
    expect(changes).toEqual([
      [0, 14, 10],
      [14, 100, 100],
      [100, 0, 0],
    ]);
  });

  test('without saying analysis: false it is refused', async () => {
    const { shepherd, platform } = setUp();
    const outcome = await shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: new Canary({ stages: [100] }) }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_INVALID_OPTIONS', facts: { issues: [{ path: 'strategy.analysis' }] } } });
    expect(exitCodeOf(outcome)).toBe(2);
    expect(platform.calls.some(({ writes }) => writes)).toBe(false);
  });
});

describe('people', () => {
  test('approval: yes goes on, no goes back, silence is the default', async () => {
    for (const [answer, kind] of [
      ['approve', 'succeeded'],
      ['reject', 'rolled-back'],
      [undefined, 'rolled-back'],
    ] as const) {
      const world = setUp();
      const strategy = new BlueGreen({ soak: '1m', approval: { timeout: '10m', onTimeout: 'reject', message: 'switch?' } });
      const rollout = world.shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy });
      if (answer !== undefined) rollout.on('approval-request', () => rollout[answer]({ by: { name: 'ada', kind: 'human' } }));
      const outcome = await rollout.outcome;
      expect(outcome.kind, formatOutcome(outcome)).toBe(kind);
      clean(world, kind === 'succeeded' ? '1.1.0' : '1.0.0');
    }
  });

  test('pause holds at the next step until resume, and its deadline decides otherwise', async () => {
    for (const resume of [true, false]) {
      const world = setUp();
      const rollout = world.shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: new BlueGreen({ soak: '1m' }) });
      rollout.on('step-start', ({ index }) => (index === 2 ? rollout.pause({ timeout: '20m', onTimeout: 'rollback', reason: 'lunch' }) : undefined));
      if (resume) rollout.on('pause-start', () => rollout.resume());
      const outcome = await rollout.outcome;
      expect(outcome.kind, formatOutcome(outcome)).toBe(resume ? 'succeeded' : 'rolled-back');
    }
  });

  test('a command of another process comes through the mailbox', async () => {
    const world = setUp();
    const rollout = world.shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: new BlueGreen({ soak: '30m' }) });
    await rollout.started;
    const other = await new Shepherd({ platform: world.platform.connect(), actor: { name: 'bob', kind: 'human' } }).get('web');
    expect(other.id).toBe(rollout.id);
    rollout.on('weight-change', ({ to }) => (to === 100 ? other.abort({ reason: 'looks odd' }) : undefined));
    const outcome = await rollout.outcome;
    expect(outcome).toMatchObject({ kind: 'rolled-back', cause: { kind: 'abort', by: { name: 'bob' }, reason: 'looks odd' } });
    expect(outcome.kind === 'rolled-back' && outcome.trafficBackMs).toBeLessThan(500);
    clean(world, '1.0.0');
  });

  test('promote skips the waiting, not the checks', async () => {
    const { shepherd, platform } = setUp();
    const rollout = shepherd.deploy({
      app: 'web',
      release: { version: '1.1.0' },
      strategy: new BlueGreen({ soak: '4h' }),
      timeout: '8h',
      checks: standard({ quiet: '0s' }),
    });
    rollout.on('weight-change', () => rollout.promote());
    expect((await rollout.outcome).kind).toBe('succeeded');
    expect(platform.clock.monotonicMs()).toBeLessThan(10 * 60_000);
  });
});

describe('one writer', () => {
  test('a second rollout of the same app is refused by name before it writes', async () => {
    const { platform, shepherd } = setUp();
    const first = shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: new BlueGreen({ soak: '30m' }) });
    await first.started;
    const connection = platform.connect();
    const second = await new Shepherd({ platform: connection }).deploy({ app: 'web', release: { version: '1.2.0' } }).outcome;
    expect(second).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_LOCK_HELD', facts: { rolloutId: first.id } } });
    expect(connection.calls.filter(({ writes, name }) => writes && name !== 'lock.acquire')).toEqual([]);
    await first.abort();
  });

  test('waiting for the running one, then it runs', async () => {
    const { platform, shepherd } = setUp();
    const first = shepherd.deploy({ app: 'web', release: { version: '1.1.0' } });
    await first.started;
    const second = new Shepherd({ platform: platform.connect() }).deploy({ app: 'web', release: { version: '1.2.0' } }, { ifRunning: 'wait' });
    expect([(await first.outcome).kind, (await second.outcome).kind]).toEqual(['succeeded', 'succeeded']);
    expect(platform.app().stable?.version).toBe('1.2.0');
  });

  test('the same key is the same rollout', async () => {
    const { shepherd } = setUp();
    const request = { app: 'web', release: { version: '1.1.0' } };
    const [first, second] = [shepherd.deploy(request, { key: 'k1' }), shepherd.deploy(request, { key: 'k1' })];
    expect(second.id).toBe(first.id);
    expect((await first.outcome).kind).toBe('succeeded');
    const later = shepherd.deploy(request, { key: 'k1' });
    expect([later.id, (await later.outcome).rolloutId, (await later.outcome).kind]).toEqual([first.id, first.id, 'succeeded']);
  });

  test.each(strategies)('%s: a process that leaves at any step is resumed by another to the same end', async (_name, strategy) => {
    for (let leaveAt = 0; leaveAt < 18; leaveAt += 1) {
      const world = setUp();
      const rollout = world.shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: strategy() });
      rollout.on('step-start', ({ index }) => (index === leaveAt ? void world.shepherd.close() : undefined));
      const left = await rollout.outcome;
      if (left.kind === 'succeeded') break;
      expect(left.kind).toBe('detached');
      const other = new Shepherd({ platform: world.platform.connect() });
      const resumed: string[] = [];
      for await (const each of other.recover()) {
        const outcome = await each.outcome;
        resumed.push(outcome.kind);
        const sequence = (await eventsOf(each)).filter(({ transient }) => !transient).map((event) => event.sequence);
        expect(sequence).toEqual(sequence.map((_, index) => index + 1));
      }
      expect(resumed).toEqual(['succeeded']);
      clean(world, '1.1.0');
    }
  });

  test.each(strategies)('%s: what a dead process left is taken back before the next rollout begins', async (_name, strategy) => {
    for (let dieAt = 0; dieAt < 18; dieAt += 1) {
      const world = setUp();
      const rollout = world.shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: strategy() });
      rollout.on('step-start', ({ index }) => (index === dieAt ? void world.shepherd.close() : undefined));
      if ((await rollout.outcome).kind === 'succeeded') break;
      const next = new Shepherd({ platform: world.platform.connect() }).deploy({ app: 'web', release: { version: '1.2.0' }, strategy: strategy() });
      const outcome = await next.outcome;
      expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
      clean(world, '1.2.0');
    }
  });
});

describe('rollback to an older revision', () => {
  test('goes to the newest verified revision before this one', async () => {
    const world = setUp();
    expect((await world.shepherd.deploy({ app: 'web', release: { version: '1.1.0' } }).outcome).kind).toBe('succeeded');
    const outcome = await world.shepherd.rollback({ app: 'web', reason: 'too blue' }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    clean(world, '1.0.0');
  });

  test('an unknown revision is refused with those that are known', async () => {
    const { shepherd } = setUp();
    const outcome = await shepherd.rollback({ app: 'web', to: 'nope' }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_REVISION_NOT_FOUND', facts: { hash: 'nope' } } });
  });
});

describe("one's own", () => {
  const freeze = defineGate({
    use: 'test/freeze',
    at: ['weight-increase'],
    every: '1m',
    timeout: '1h',
    onTimeout: 'veto',
    run: async ({ forMs }: { forMs: number }, { clock }) => (clock.monotonicMs() < forMs ? { kind: 'hold', reason: 'frozen' } : { kind: 'proceed' }),
  });

  test('a gate holds until it opens, and a veto at its deadline goes back', async () => {
    for (const [forMs, kind] of [
      [20 * 60_000, 'succeeded'],
      [90 * 60_000, 'rolled-back'],
    ] as const) {
      const world = setUp({}, [freeze]);
      const rollout = world.shepherd.deploy({
        app: 'web',
        release: { version: '1.1.0' },
        strategy: new BlueGreen({ soak: '1m' }),
        gates: [freeze({ forMs })],
        timeout: '30m',
      });
      const events = await eventsOf(rollout);
      const outcome = await rollout.outcome;
      expect(outcome.kind, formatOutcome(outcome)).toBe(kind);
      expect(events.filter(({ type }) => type === 'gate-hold')).toHaveLength(1);
      clean(world, kind === 'succeeded' ? '1.1.0' : '1.0.0');
    }
  });

  test('a step that was started is undone on the way back, after the traffic', async () => {
    const log: string[] = [];
    const migrate = defineStep({
      use: 'test/migrate',
      timeout: '1m',
      run: async ({ to }: { to: string }) => {
        log.push(`do ${to}`);
        return pass();
      },
      undo: async ({ to }) => void log.push(`undo ${to}`),
    });
    const world = setUp({ versions: { '1.1.0': sick } }, [migrate]);
    const outcome = await world.shepherd.deploy({
      app: 'web',
      release: { version: '1.1.0' },
      strategy: new BlueGreen(),
      hooks: { beforeApply: [migrate({ to: '42' })] },
    }).outcome;
    expect(outcome.kind).toBe('rolled-back');
    expect(log).toEqual(['do 42', 'undo 42']);
  });

  test('an unknown name is refused before the first write', async () => {
    const { shepherd, platform } = setUp();
    const outcome = await shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, gates: [{ extension: 'gate', use: 'acme/none', input: {} }] }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_NOT_REGISTERED', facts: { extension: 'gate', use: 'acme/none' } } });
    expect(platform.calls.some(({ writes }) => writes)).toBe(false);
  });

  test('a listener that throws is reported and changes nothing', async () => {
    const { shepherd } = setUp();
    const rollout = shepherd.deploy({ app: 'web', release: { version: '1.1.0' } });
    rollout.on('step-start', () => {
      throw new Error('my own mistake');
    });
    const events = await eventsOf(rollout);
    expect((await rollout.outcome).kind).toBe('succeeded');
    expect(events.find((event) => event.type === 'listener-error')).toMatchObject({ listener: 'step-start', message: 'my own mistake' });
  });

  test('a request goes through JSON and comes back as the same plan', async () => {
    const { shepherd } = setUp();
    const request = { app: 'web', release: { version: '1.1.0' }, strategy: new Canary({ stages: [50, 100], analysis: false }), checks: standard() };
    const parsed = await shepherd.parseRequest(JSON.parse(JSON.stringify(request)));
    expect((await shepherd.plan(parsed)).hash).toBe((await shepherd.plan(request)).hash);
    await expect(shepherd.parseRequest({ app: 'web', release: {}, strategy: { kind: 'canarry', options: {} } })).rejects.toMatchObject({
      code: 'ERR_NOT_REGISTERED',
    });
    await expect(shepherd.parseRequest({ app: '', release: {}, timeout: '5', extra: 1 })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTIONS' });
  });
});
