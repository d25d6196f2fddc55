import { describe, expect, test } from 'vitest';
import {
  BlueGreen,
  defineGate,
  defineStep,
  exitCodeOf,
  formatOutcome,
  type GateDecision,
  type Moment,
  type Rollout,
  type RolloutEvent,
  Shepherd,
} from '../index.js';
import { createMemoryPlatform, type MemoryPlatform, VirtualClock } from '../testing/index.js';

const minute = 60_000;

/** A gate that answers as the test says, and counts. */
function gateThat(at: readonly Moment[], answer: (atMs: number) => GateDecision) {
  const asked: Moment[] = [];
  const gate = defineGate<Record<string, never>>({
    use: 'test/gate',
    at,
    every: '1m',
    timeout: '1h',
    onTimeout: 'veto',
    run: async (_, { moment, clock }) => {
      asked.push(moment);
      return answer(clock.monotonicMs());
    },
  });
  return { gate, asked };
}

const release = { app: 'web', release: { version: '1.1.0' }, timeout: '30m' } as const;
/** Besides the journal, the lock, and the fence that goes before everything. */
const writesOf = (platform: MemoryPlatform): readonly string[] =>
  platform.calls.filter(({ writes, name }) => writes && !/^(journal|lock)\.|^platform\.fence$/.test(name)).map(({ name }) => name);

describe.each([
  ['at once', { kind: 'veto', reason: 'Friday' }, 'Friday'],
  ['at the end of its time', { kind: 'hold', reason: 'frozen' }, 'not open within 1h: frozen'],
] as const)('a gate that is closed at the start, %s', (_, decision, reason) => {
  test('ends the rollout before anything of the app was written', async () => {
    const platform = createMemoryPlatform({ replicas: 3 });
    const { gate } = gateThat(['start'], () => decision);
    await using shepherd = new Shepherd({ platform, extensions: [gate] });
    const rollout = shepherd.deploy({ ...release, strategy: new BlueGreen(), gates: [gate({})] });
    const outcome = await rollout.outcome;
    expect(outcome, formatOutcome(outcome)).toMatchObject({
      kind: 'failed-untouched',
      error: { code: 'ERR_GATE_CLOSED', message: `test/gate: ${reason}`, facts: { gate: 'test/gate', reason } },
    });
    expect(exitCodeOf(outcome)).toBe(5);
    expect(writesOf(platform)).toEqual([]);
    expect((await shepherd.status('web')).rollout?.now).toMatchObject({ kind: 'ended', outcome: { kind: 'failed-untouched' } });
    // The app is free for the next one.
    expect((await shepherd.deploy(release).outcome).kind).toBe('succeeded');
  });
});

test('a gate that closes before traffic has the rollout taken back', async () => {
  const platform = createMemoryPlatform({ replicas: 3 });
  const { gate, asked } = gateThat(['start', 'weight-increase'], () => (asked.length === 1 ? { kind: 'proceed' } : { kind: 'veto', reason: 'incident' }));
  await using shepherd = new Shepherd({ platform, extensions: [gate] });
  const outcome = await shepherd.deploy({ ...release, strategy: new BlueGreen(), gates: [gate({})] }).outcome;
  expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'rolled-back', cause: { kind: 'gate', gate: 'test/gate', reason: 'incident' } });
  expect(exitCodeOf(outcome)).toBe(3);
  expect(asked).toEqual(['start', 'weight-increase']);
});

test('a gate that never answers is closed at the end of its time', async () => {
  const platform = createMemoryPlatform({ replicas: 3 });
  const gate = defineGate<Record<string, never>>({
    use: 'test/dead',
    at: ['start'],
    every: '1m',
    timeout: '5m',
    onTimeout: 'veto',
    run: () => new Promise(() => undefined),
  });
  await using shepherd = new Shepherd({ platform, extensions: [gate] });
  const outcome = await shepherd.deploy({ ...release, gates: [gate({})] }).outcome;
  expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_GATE_CLOSED', facts: { reason: 'not open within 5m: it does not answer' } } });
});

test.each(['run', 'undo'] as const)('a step whose %s never ends, and ends at no signal, holds nothing up', async (hangs) => {
  const platform = createMemoryPlatform({ replicas: 3, versions: { '1.1.0': { reply: () => ({ status: 503 }) } } });
  const forEver = (): Promise<void> => new Promise(() => undefined);
  const step = defineStep<Record<string, never>>({
    use: 'test/step',
    timeout: '5m',
    run: hangs === 'run' ? forEver : async () => undefined,
    undo: hangs === 'undo' ? forEver : async () => undefined,
  });
  await using shepherd = new Shepherd({ platform, extensions: [step] });
  const outcome = await shepherd.deploy({ ...release, strategy: new BlueGreen(), hooks: { beforeApply: [step({})] } }).outcome;
  expect(outcome.kind, formatOutcome(outcome)).toBe(hangs === 'run' ? 'rolled-back' : 'rollback-failed');
  expect(JSON.stringify(outcome)).toContain('test/step did not end within 5m');
  expect(platform.app().serving.map(({ version }) => version)).toEqual(['1.0.0', '1.0.0', '1.0.0']);
});

describe('a runner that dies while a gate holds', () => {
  /** The gate as whoever takes over sees it. */
  async function takenOver(openAtMs: number, then: (handle: Rollout) => Promise<void> = async () => undefined) {
    using clock = new VirtualClock({ auto: true });
    const platform = createMemoryPlatform({ replicas: 3, clock });
    const { gate, asked } = gateThat(['start', 'weight-increase'], (atMs) =>
      asked.length > 1 && atMs < openAtMs ? { kind: 'hold', reason: 'busy' } : { kind: 'proceed' },
    );
    const settings = { extensions: [gate] };
    let dead = false;
    const first = new Shepherd({ platform: platform.connect(() => (dead ? new Promise<void>(() => undefined) : undefined)), ...settings });
    const rollout = first.deploy({ ...release, strategy: new BlueGreen({ soak: '1m' }), gates: [gate({})] });
    const held = new Promise<RolloutEvent<'gate-hold'>>((resolve) => void rollout.on('gate-hold', resolve));
    const { until } = await held;
    await clock.sleep(20 * minute);
    dead = true;
    await clock.sleep(10 * minute);
    const second = new Shepherd({ platform, ...settings });
    const handle = await second.get('web');
    await handle.resume();
    await then(handle);
    const outcome = await handle.outcome;
    const events: RolloutEvent[] = [];
    for await (const event of handle.events()) if (!event.transient) events.push(event);
    return { outcome, until, asked, events, now: clock.now().getTime() };
  }

  test('the gate opened meanwhile: the hold ends, and nothing waits any more', async () => {
    const { outcome, events, asked } = await takenOver(25 * minute);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(events.filter(({ type }) => type.startsWith('gate-')).map(({ type }) => type)).toEqual(['gate-hold', 'gate-end']);
    expect(asked.filter((moment) => moment === 'start')).toHaveLength(1);
  });

  test('the word that made a process take it over ends no pause that is asked for later', async () => {
    const { outcome } = await takenOver(40 * minute, (handle) => handle.pause({ timeout: '10m', onTimeout: 'rollback' }));
    expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'rolled-back', cause: { kind: 'gate', gate: 'pause' } });
  });

  test('a pause in place of the hold: the rollout stood still all the time, so its own deadline did too', async () => {
    const { outcome } = await takenOver(45 * minute, (handle) => handle.pause({ timeout: '10m', onTimeout: 'continue' }));
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  });

  test('the gate stays closed: its deadline is the one that it had', async () => {
    const { outcome, until, events } = await takenOver(Number.POSITIVE_INFINITY);
    expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'rolled-back', cause: { kind: 'gate' } });
    const end = events.find(({ type }) => type === 'gate-end');
    expect(Math.abs(Date.parse(end?.at ?? '') - Date.parse(until))).toBeLessThanOrEqual(minute);
  });
});
