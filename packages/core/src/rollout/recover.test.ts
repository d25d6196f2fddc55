import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { AppRecord } from '../engine/record.js';
import {
  type Actor,
  BlueGreen,
  Canary,
  defineStep,
  formatOutcome,
  type Outcome,
  pass,
  type Rollout,
  type RolloutEvent,
  Shepherd,
  type ShepherdOptions,
} from '../index.js';
import { createMemoryPlatform, type MemoryPlatform, type MemoryPlatformOptions, VirtualClock } from '../testing/index.js';

const ada: Actor = { name: 'ada', kind: 'human' };
const never = new AbortController().signal;
const strategy = new Canary({ stages: [50, 100], interval: '10m', analysis: false });
const request = { app: 'web', release: { version: '1.1.0' }, strategy } as const;

const clocks: VirtualClock[] = [];
afterEach(() => {
  // Those who look for rollouts for good stop with their clock.
  for (const clock of clocks.splice(0)) clock[Symbol.dispose]();
});

function world(options: MemoryPlatformOptions): MemoryPlatform {
  const clock = new VirtualClock({ auto: true });
  clocks.push(clock);
  return createMemoryPlatform({ ...options, clock });
}

interface Runner {
  readonly shepherd: Shepherd<{ version: string }>;
  /** As `kill -9`: none of its calls comes back from here on. */
  kill(): void;
  readonly isDead: () => boolean;
}

function runner(platform: MemoryPlatform, name: string, extensions: ShepherdOptions<never>['extensions'] = [], onSave: () => void = () => undefined): Runner {
  let dead = false;
  const connection = platform.connect((call, when) => {
    if (dead) return new Promise<void>(() => undefined);
    if (call.name === 'journal.save' && when === 'after') onSave();
  });
  const shepherd = new Shepherd<{ version: string }>({ platform: connection, actor: { name, kind: 'service' }, extensions });
  return { shepherd, kill: () => void (dead = true), isDead: () => dead };
}

const recordOf = async (platform: MemoryPlatform, name = 'web') => {
  const app = { cluster: 'memory', namespace: 'default', name };
  const saved = await platform.journal.load({ app, rolloutId: undefined, signal: never, clock: platform.clock });
  return (saved?.record as AppRecord).current;
};

const until = async (platform: MemoryPlatform, holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await platform.clock.sleep(500);
};

/** A rollout whose runner died when a step began. */
async function dead(platform: MemoryPlatform, { at = 3, with: more = {}, extensions = [] as ShepherdOptions<never>['extensions'] } = {}): Promise<string> {
  const first = runner(platform, 'first', extensions);
  const rollout = first.shepherd.deploy({ ...request, ...more });
  rollout.on('step-start', ({ index }) => (index === at ? first.kill() : undefined));
  await rollout.started;
  await until(platform, first.isDead);
  return rollout.id;
}

async function eventsOf(rollout: Rollout): Promise<readonly RolloutEvent[]> {
  const events: RolloutEvent[] = [];
  for await (const event of rollout) if (!event.transient) events.push(event);
  return events;
}

/** Takes up for good what nobody drives. */
function follow({ shepherd }: Runner, options: Parameters<Shepherd['recover']>[0] = {}): { readonly taken: Rollout[]; readonly errors: string[] } {
  const found = { taken: [] as Rollout[], errors: [] as string[] };
  const run = async (): Promise<void> => {
    const onError = (error: unknown): void => void found.errors.push(String(error));
    for await (const rollout of shepherd.recover({ follow: true, onError, ...options })) found.taken.push(rollout);
  };
  void run();
  return found;
}

describe('recover', () => {
  test('goes on within three seconds after the lock of a dead runner may be taken', async () => {
    const platform = world({ replicas: 6 });
    const second = follow(runner(platform, 'second'));
    const id = await dead(platform);
    const diedAt = platform.clock.now().getTime();
    await until(platform, () => second.taken.length > 0);
    expect(second.taken[0]?.id).toBe(id);
    const tookAt = platform.clock.now().getTime() - diedAt;
    expect(tookAt).toBeGreaterThan(15_000 - 2_000);
    expect(tookAt).toBeLessThanOrEqual(15_000 + 3_000);
    const outcome = await second.taken[0]?.outcome;
    expect(outcome?.kind, formatOutcome(outcome as Outcome)).toBe('succeeded');
  });

  test('two replicas: never two drivers, and what one leaves the other takes up, however often that happens', async () => {
    const quick = { ...request, strategy: new Canary({ stages: [50, 100], interval: '1m', analysis: false }) };
    const rounds = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(rounds, fc.integer({ min: 0, max: 9 }), async (pauses, at) => {
        const platform = world({ replicas: 4 });
        const id = await dead(platform, { at, with: quick });
        const writers: string[] = [];
        const start = (name: string) => {
          const one = runner(platform, name, [], () => void (writers.at(-1) === name ? undefined : writers.push(name)));
          return { name, ...one, found: follow(one) };
        };
        const replicas = [start('r1'), start('r2')];
        for (const seconds of pauses) {
          await platform.clock.sleep(15_000 + seconds * 1_000);
          const { driver, phase } = await recordOf(platform);
          const driving = replicas.find(({ name, isDead }) => !isDead() && driver?.startsWith(`${name}#`));
          if (phase === 'ended' || driving === undefined) break;
          driving.kill();
          replicas.push(start(`r${replicas.length + 1}`));
        }
        await until(platform, async () => (await recordOf(platform)).phase === 'ended');
        const { outcome, events } = await recordOf(platform);
        expect(outcome).toMatchObject({ rolloutId: id, kind: 'succeeded' });
        // One writer at a time: whoever has been followed by another never writes again.
        expect(writers).toEqual([...new Set(writers)]);
        expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
        expect(replicas.flatMap(({ found }) => found.errors)).toEqual([]);
        expect(platform.app()).toMatchObject({ stable: { version: '1.1.0' }, candidate: undefined });
        clocks.splice(0).forEach((clock) => clock[Symbol.dispose]());
      }),
      { numRuns: 12 },
    );
  }, 30_000);

  test('an app that cannot be looked after is reported once and holds nobody up', async () => {
    const platform = world({ replicas: 4, apps: { web: {}, broken: {}, shut: {} } });
    const id = await dead(platform);
    await dead(platform, { with: { app: 'broken' } });
    await dead(platform, { with: { app: 'shut' } });
    const app = { cluster: 'memory', namespace: 'default', name: 'broken' };
    const context = { app, rolloutId: 'x', signal: never, clock: platform.clock };
    const saved = await platform.journal.load(context);
    await platform.journal.save({ ...context, fence: 99 }, { schema: 1, current: 'cut off' }, saved?.version);
    const connection = platform.connect(({ name, args }) => {
      if (name === 'lock.read' && JSON.stringify(args).includes('shut')) throw new Error('unused');
    });
    const journal = {
      ...connection.journal,
      load: async (each: Parameters<typeof connection.journal.load>[0]) => {
        if (each.app.name === 'shut') throw new Error('no right to read it');
        return connection.journal.load(each);
      },
    };
    const shepherd = new Shepherd<{ version: string }>({ platform: { ...connection, journal } as never });
    const found = follow({ shepherd, kill: () => undefined, isDead: () => false });
    await until(platform, () => found.taken.length > 0);
    await platform.clock.sleep(60_000);
    expect(found.taken.map((each) => each.id)).toEqual([id]);
    expect(found.errors.toSorted()).toEqual([expect.stringContaining('no right to read it'), expect.stringContaining('journal of memory/default/broken')]);
  });

  test('without anybody to tell, a single run goes through all and then rejects', async () => {
    const platform = world({ replicas: 4, apps: { broken: {}, web: {} } });
    await dead(platform, { with: { app: 'broken' } });
    const id = await dead(platform);
    await platform.clock.sleep(20_000);
    const context = { app: { cluster: 'memory', namespace: 'default', name: 'broken' }, rolloutId: 'x', signal: never, clock: platform.clock };
    await platform.journal.save({ ...context, fence: 99 }, 'nothing', (await platform.journal.load(context))?.version);
    const taken: string[] = [];
    const run = async (): Promise<void> => {
      for await (const each of new Shepherd({ platform: platform.connect() }).recover()) taken.push(each.id);
    };
    await expect(run()).rejects.toMatchObject({ code: 'ERR_JOURNAL' });
    expect(taken).toEqual([id]);
  });

  test('a pause of a person stays one, with its deadline, and resume ends it from anywhere', async () => {
    const platform = world({ replicas: 6 });
    const first = runner(platform, 'first');
    const rollout = first.shepherd.deploy(request);
    rollout.on('step-start', ({ index }) => (index === 2 ? rollout.pause({ timeout: '2h', onTimeout: 'rollback', reason: 'lunch', by: ada }) : undefined));
    rollout.on('pause-start', () => first.kill());
    await until(platform, first.isDead);
    const second = follow(runner(platform, 'second'));
    await until(platform, () => second.taken.length > 0);
    await platform.clock.sleep(60 * 60_000);
    expect(await (await runner(platform, 'third').shepherd.get('web')).state()).toMatchObject({ now: { kind: 'waiting', on: 'pause', reason: 'lunch' } });
    await (await runner(platform, 'third').shepherd.get('web')).resume({ by: ada });
    const outcome = await second.taken[0]?.outcome;
    // Its hour of its own was not used up by the hour in the pause.
    expect(outcome?.kind, formatOutcome(outcome as Outcome)).toBe('succeeded');
  });
});

describe('what nobody watches', () => {
  test('is taken back by whoever recovers after its deadline, and not before', async () => {
    const platform = world({ replicas: 6 });
    await dead(platform, { with: { unwatched: '4m' } });
    const { unwatchedDeadline } = await recordOf(platform);
    await platform.clock.sleep(Date.parse(unwatchedDeadline ?? '') - platform.clock.now().getTime());
    let outcome: Outcome | undefined;
    for await (const taken of runner(platform, 'late').shepherd.recover()) outcome = await taken.outcome;
    expect(outcome, formatOutcome(outcome as Outcome)).toMatchObject({
      kind: 'rolled-back',
      cause: { kind: 'abort', by: { name: 'late' }, reason: `nobody drove it until ${unwatchedDeadline}, with traffic on the new version` },
    });
  });

  test("a watchdog takes back what is overdue, drives nothing forward, and leaves alone what may stand or is somebody's", async () => {
    const platform = world({ replicas: 4, apps: { overdue: {}, resting: {}, driven: {} } });
    await dead(platform, { with: { app: 'overdue' } });
    await dead(platform, { with: { app: 'resting', strategy: new BlueGreen({ soak: '1m' }) }, at: 1 });
    const driven = runner(platform, 'driver').shepherd.deploy({
      ...request,
      app: 'driven',
      strategy: new Canary({ stages: [50, 100], interval: '30m', analysis: false }),
      timeout: '3h',
    });
    const found = follow(runner(platform, 'watchdog'), { only: 'overdue' });
    await platform.clock.sleep(20 * 60_000);
    expect(found.taken.map(({ id }) => id.split('_')[2])).toEqual(['overdue']);
    expect(await found.taken[0]?.outcome).toMatchObject({ kind: 'rolled-back', cause: { kind: 'abort', by: { name: 'watchdog' } } });
    expect((await recordOf(platform, 'resting')).phase).toBe('forward');
    expect(platform.app('resting').candidate?.version).toBe('1.1.0');
    expect(platform.app('overdue')).toMatchObject({ stable: { version: '1.0.0' }, candidate: undefined });
    expect((await driven.outcome).kind).toBe('succeeded');
    expect(found.errors).toEqual([]);
  });

  test('a rollback that a person asked for is never taken back to the bad version', async () => {
    const platform = world({ replicas: 4 });
    expect((await runner(platform, 'x').shepherd.deploy({ app: 'web', release: { version: '1.1.0' } }).outcome).kind).toBe('succeeded');
    const first = runner(platform, 'first');
    const rollback = first.shepherd.rollback({ app: 'web' });
    rollback.on('step-start', ({ index }) => (index === 1 ? first.kill() : undefined));
    await until(platform, first.isDead);
    expect((await recordOf(platform)).unwatchedDeadline).toBeUndefined();
    await platform.clock.sleep(20 * 60_000);
    for await (const taken of runner(platform, 'second').shepherd.recover()) expect((await taken.outcome).kind).toBe('succeeded');
    expect(platform.app().stable?.version).toBe('1.0.0');
  });
});

describe('something of one’s own that is not registered', () => {
  const log: string[] = [];
  const warm = defineStep({
    use: 'acme/warm-up',
    timeout: '1m',
    run: async () => {
      log.push('run');
      return pass();
    },
    undo: async () => void log.push('undo'),
  });
  const hooks = { beforePromote: [warm({})] };

  test('is a hold, said in the journal and once, until a process that has it resumes', async () => {
    log.length = 0;
    const platform = world({ replicas: 4 });
    const id = await dead(platform, { with: { hooks, unwatched: '8h' }, extensions: [warm] });
    const second = runner(platform, 'second');
    const found = follow(second);
    await platform.clock.sleep(120_000);
    expect(found.taken).toEqual([]);
    expect(found.errors).toEqual([expect.stringMatching(/needs the step "acme\/warm-up", which is not registered here/)]);
    const state = await (await second.shepherd.get('web')).state();
    expect(state).toMatchObject({ driver: undefined, now: { kind: 'waiting', on: 'pause', missing: { extension: 'step', use: 'acme/warm-up' } } });
    const before = (await recordOf(platform)).events.length;
    await expect((await second.shepherd.get(id)).resume()).rejects.toMatchObject({ code: 'ERR_NOT_REGISTERED', facts: { use: 'acme/warm-up' } });
    expect((await recordOf(platform)).events).toHaveLength(before);
    expect(platform.app()).toMatchObject({ stable: { version: '1.0.0' }, candidate: { version: '1.1.0' } });
    const able = follow(runner(platform, 'able', [warm]));
    await until(platform, () => able.taken.length > 0);
    const outcome = await able.taken[0]?.outcome;
    expect(outcome?.kind, formatOutcome(outcome as Outcome)).toBe('succeeded');
    expect(log).toEqual(['run']);
  });

  test('does not keep anybody from going back; what only another process can undo waits for it, after the traffic', async () => {
    log.length = 0;
    const platform = world({ replicas: 4 });
    const early = { beforeTraffic: [warm({})] };
    const id = await dead(platform, { at: 4, with: { hooks: early }, extensions: [warm] });
    expect(log).toEqual(['run']);
    const rollout = await runner(platform, 'second').shepherd.get(id);
    await platform.clock.sleep(20_000);
    await rollout.abort({ reason: 'enough' });
    const left = await rollout.outcome;
    expect(left, formatOutcome(left)).toMatchObject({ kind: 'paused', reason: expect.stringContaining('acme/warm-up') });
    expect((await recordOf(platform)).weight).toBe(0);
    expect((await recordOf(platform)).unwatchedDeadline).toBeUndefined();
    await (await runner(platform, 'able', [warm]).shepherd.get(id)).resume();
    const again = await runner(platform, 'third').shepherd.get(id);
    expect(await again.outcome).toMatchObject({ kind: 'rolled-back', cause: { kind: 'abort', reason: 'enough' } });
    expect(log).toEqual(['run', 'undo']);
    expect(platform.app()).toMatchObject({ stable: { version: '1.0.0' }, candidate: undefined });
  });
});

describe('commands from another process', () => {
  const asking = new BlueGreen({ soak: '1m', approval: { timeout: '30m', onTimeout: 'reject', message: 'switch?' } });

  test('each is obeyed by the driver, once, with who and why in the events', async () => {
    const platform = world({ replicas: 4 });
    const rollout = runner(platform, 'driver').shepherd.deploy({ ...request, strategy: asking });
    const other = await (async () => {
      await rollout.started;
      return runner(platform, 'other').shepherd.get('web');
    })();
    await until(platform, async () => (await other.state()).now.kind === 'waiting');
    await other.approve({ by: ada, reason: 'looks fine' });
    expect((await rollout.outcome).kind).toBe('succeeded');
    const events = await eventsOf(other);
    expect(events.filter(({ type }) => type === 'command')).toMatchObject([{ command: 'approve', by: ada, reason: 'looks fine' }]);
    expect(events.find(({ type }) => type === 'approval-answer')).toMatchObject({ approved: true, by: ada, reason: 'looks fine' });
    expect(events).toEqual(await eventsOf(rollout));
  });

  test('an approval reaches a rollout whose driver died while it asked', async () => {
    for (const wait of [0, 60_000]) {
      const platform = world({ replicas: 4 });
      const first = runner(platform, 'first');
      const asked = first.shepherd.deploy({ ...request, strategy: asking });
      asked.on('approval-request', () => first.kill());
      await until(platform, first.isDead);
      await platform.clock.sleep(wait);
      const rollout = await runner(platform, 'other').shepherd.get('web');
      await rollout.approve({ by: ada });
      const outcome = await rollout.outcome;
      expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
      const events = (await recordOf(platform)).events;
      expect(events.filter(({ type }) => type === 'command' || type === 'approval-answer')).toHaveLength(2);
    }
  });

  test('what can come to nothing is refused: a rollout that ended, an answer that nobody waits for', async () => {
    const platform = world({ replicas: 4 });
    const rollout = runner(platform, 'driver').shepherd.deploy(request);
    await rollout.started;
    const other = runner(platform, 'other').shepherd;
    const refused = { code: 'ERR_COMMAND_REFUSED', facts: { command: 'approve', reason: 'it does not wait for approval' } };
    await expect((await other.get('web')).approve()).rejects.toMatchObject(refused);
    await rollout.outcome;
    for (const command of ['resume', 'abort', 'promote', 'approve', 'reject'] as const) {
      await expect((await other.get(rollout.id))[command]()).rejects.toMatchObject({ facts: { command, reason: 'it has ended: succeeded' } });
    }
    await expect(other.get(`${rollout.id.slice(0, -4)}XXXX`)).rejects.toMatchObject({ code: 'ERR_ROLLOUT_NOT_FOUND' });
  });

  test('a process that may not write leaves the rollout free for one that may', async () => {
    const platform = world({ replicas: 4 });
    const id = await dead(platform);
    await platform.clock.sleep(20_000);
    const poor = platform.connect(({ name }) => {
      if (name === 'journal.save') throw new Error('no right to write');
    });
    const refused = (await new Shepherd({ platform: poor }).get(id)).resume();
    await expect(refused).rejects.toThrow('no right to write');
    const rollout = await runner(platform, 'rich').shepherd.get(id);
    await rollout.resume();
    expect((await rollout.outcome).kind).toBe('succeeded');
  });
});

describe('leaving', () => {
  test('close with hold leaves a pause that says who and why, and until when nobody need come', async () => {
    for (const [at, rests] of [
      [0, true],
      [3, false],
    ] as const) {
      const platform = world({ replicas: 4 });
      const { shepherd } = runner(platform, 'first');
      const rollout = shepherd.deploy(request);
      rollout.on('step-start', ({ index }) => (index === at ? void shepherd.close({ hold: { by: ada, reason: 'SIGTERM' } }) : undefined));
      const outcome = await rollout.outcome;
      expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'paused', by: ada, reason: 'SIGTERM' });
      expect(outcome.kind === 'paused' && outcome.unwatchedDeadline === undefined).toBe(rests);
      expect(formatOutcome(outcome)).toContain(rests ? 'nobody need watch it' : 'unless somebody drives it by');
      const state = await (await runner(platform, 'second').shepherd.get('web')).state();
      expect(state).toMatchObject({ driver: undefined, now: { kind: 'waiting', on: 'pause', reason: 'SIGTERM' } });
      const again = await runner(platform, 'second').shepherd.get('web');
      await again.resume({ by: ada });
      expect((await again.outcome).kind).toBe('succeeded');
      const events = await eventsOf(await runner(platform, 'third').shepherd.get('web'));
      expect(events.filter(({ type }) => type.startsWith('pause'))).toMatchObject([{ by: ada }, { by: ada }]);
    }
  });

  test.each([
    { how: 'left', hold: undefined, tookMs: 2_000, ends: 'detached', finished: true },
    { how: 'held', hold: { reason: 'SIGTERM' }, tookMs: 2_000, ends: 'paused', finished: true },
    { how: 'left, where it hangs', hold: undefined, tookMs: 60_000, ends: 'detached', finished: false },
    { how: 'held, where it hangs', hold: { reason: 'SIGTERM' }, tookMs: 60_000, ends: 'paused', finished: false },
  ] as const)('a write that is under way is brought to its end when the rollout is $how', async ({ hold, tookMs, ends, finished }) => {
    const platform = world({ replicas: 4 });
    const connection = platform.connect();
    const { tracks, clock } = connection;
    const written: string[] = [];
    let closedMs = 0;
    const scale: typeof tracks.scale = async (context, ...rest) => {
      closedMs = clock.monotonicMs();
      void shepherd.close({ hold });
      await clock.sleep(tookMs, context.signal);
      const status = await tracks.scale(context, ...rest);
      written.push('scaled');
      return status;
    };
    const shepherd = new Shepherd<{ version: string }>({ platform: { ...connection, tracks: { ...tracks, scale } } });
    const outcome = await shepherd.deploy(request).outcome;
    expect({ kind: outcome.kind, written }).toEqual({ kind: ends, written: finished ? ['scaled'] : [] });
    // Less than whoever closes waits.
    expect(clock.monotonicMs() - closedMs).toBeLessThan(6_000);
    expect((await runner(platform, 'second').shepherd.status('web')).rollout?.driver).toBeUndefined();
  });

  test('a rollout that goes back goes back to its end', async () => {
    const platform = world({ replicas: 4, versions: { '1.1.0': { reply: () => ({ status: 503 }) } } });
    const { shepherd } = runner(platform, 'first');
    const rollout = shepherd.deploy(request);
    rollout.on('rollback-start', () => void shepherd.close({ hold: { reason: 'SIGTERM' } }));
    expect((await rollout.outcome).kind).toBe('rolled-back');
  });
});
