import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AppRecord, PastRollout, RolloutRecord } from '../engine/record.js';
import type { RolloutEvent } from '../events/event.js';
import { EventHub } from '../events/event-hub.js';
import { Canary, defineGate, defineStep, type Outcome, Shepherd } from '../index.js';
import { createMemoryPlatform } from '../testing/index.js';
import { bytesOf } from './bytes.js';
import { compact, defaultMaxBytes } from './compact.js';
import { encode } from './stored.js';

const app = { cluster: 'memory', namespace: 'default', name: 'web' };
const by = { name: 'ann', kind: 'human' } as const;
const at = '2026-01-01T00:00:00.000Z';
const context = (platform: ReturnType<typeof createMemoryPlatform>) => ({
  app,
  rolloutId: undefined,
  signal: new AbortController().signal,
  clock: platform.clock,
});

const event = (sequence: number, text: string): RolloutEvent => ({
  type: 'step-end',
  index: 0,
  ms: 1,
  verdict: { kind: 'fail', reason: text.slice(0, 20), evidence: { summary: 'seen', data: text } },
  rolloutId: 'r',
  app,
  sequence,
  transient: false,
  at,
});
const past = (id: string, text: string): PastRollout => ({
  id,
  startedAt: at,
  by,
  outcome: {
    kind: 'rolled-back',
    final: true,
    serving: 'stable',
    rolloutId: id,
    targets: [app],
    from: undefined,
    to: undefined,
    startedAt: at,
    ms: 1,
    trafficBackMs: 1,
    cause: {
      kind: 'verdict',
      index: 0,
      step: { kind: 'ready', target: app, track: 'candidate' },
      verdict: { kind: 'fail', reason: text, evidence: { summary: 's', data: text } },
    },
  },
});
const record = (events: readonly RolloutEvent[], pasts: readonly PastRollout[]): AppRecord => ({
  write: { by: 'w', count: 1 },
  past: pasts,
  current: { id: 'r', apps: [app], step: 3, phase: 'forward', saved: { key: 'kept' }, events } as unknown as RolloutRecord,
});

const texts = fc.string({ maxLength: 4_000 });
const records = fc.tuple(fc.array(texts, { minLength: 1, maxLength: 120 }), fc.array(texts, { maxLength: 20 })).map(([events, pasts]) =>
  record(
    events.map((text, index) => event(index + 1, text)),
    pasts.map((text, index) => past(`p${index}`, text)),
  ),
);

/** Every number from 1 to the last is there, or in the range of one event that stands for it. */
function covered(events: readonly RolloutEvent[]): number {
  let last = 0;
  for (const each of events) {
    expect(each.type === 'events-compacted' ? each.from : each.sequence).toBe(last + 1);
    last = each.sequence;
  }
  return last;
}

describe('a record that grows', () => {
  test('fits, keeps what the engine decides by, and accounts for every event', () => {
    fc.assert(
      fc.property(records, fc.integer({ min: 6_000, max: 60_000 }), (before, maxBytes) => {
        const after = compact(before, maxBytes);
        expect(bytesOf(encode(after))).toBeLessThanOrEqual(maxBytes);
        if (bytesOf(encode(before)) <= maxBytes) {
          expect(after).toBe(before);
          return;
        }
        const { events: _, ...state } = before.current;
        expect(after.current).toMatchObject(state);
        expect(covered(after.current.events)).toBe(before.current.events.length);
        expect(after.current.events.at(-1)?.sequence).toBe(before.current.events.at(-1)?.sequence);
        // The newest of the past stay longest.
        expect(after.past.map(({ id }) => id)).toEqual(before.past.slice(0, after.past.length).map(({ id }) => id));
        expect(compact(after, maxBytes)).toBe(after);
      }),
      { numRuns: 200 },
    );
  });

  test('loses details of old rollouts first, then of this one, then old rollouts, then events', () => {
    const of = (events: number, text: string, pasts: number): AppRecord =>
      record(
        Array.from({ length: events }, (_, index) => event(index + 1, text)),
        Array.from({ length: pasts }, (_, index) => past(`p${index}`, text)),
      );
    const detailed = (each: RolloutEvent): boolean => JSON.stringify(each).includes('"data"');
    const first = compact(of(20, 'x'.repeat(1_000), 20), 60_000);
    expect([first.past.length, first.current.events.every(detailed), JSON.stringify(first.past).includes('"data"')]).toEqual([20, true, false]);
    const second = compact(of(60, 'x'.repeat(1_000), 20), 60_000);
    expect([second.past.length, second.current.events.length, second.current.events.filter(detailed).length]).toEqual([20, 60, 0]);
    const third = compact(of(140, 'x'.repeat(1_000), 20), 60_000);
    expect([third.past.length < 20, third.past.length >= 5, third.current.events.length]).toEqual([true, true, 140]);
    const fourth = compact(of(400, 'x'.repeat(100), 20), 60_000);
    expect([fourth.past.length, fourth.current.events[1]?.type]).toEqual([5, 'events-compacted']);
  });

  test('compacted again, one event still stands for all that are gone', () => {
    let now = record([event(1, 'first')], []);
    for (let sequence = 2; sequence <= 900; sequence += 1) {
      now = compact({ ...now, current: { ...now.current, events: [...now.current.events, event(sequence, 'y'.repeat(40))] } }, 20_000);
      expect(covered(now.current.events)).toBe(sequence);
    }
    expect(now.current.events.filter(({ type }) => type === 'events-compacted')).toHaveLength(1);
  });

  test('a reader that has some of what is gone goes on after what it has', async () => {
    const hub = new EventHub();
    for (let sequence = 1; sequence <= 40; sequence += 1) hub.publish(event(sequence, ''));
    const all = Array.from({ length: 100 }, (_, index) => event(index + 1, 'z'.repeat(300)));
    const after = compact(record(all, []), 8_000);
    after.current.events.forEach((each) => hub.publish(each));
    hub.end();
    const seen: RolloutEvent[] = [];
    for await (const each of hub.events({ after: 30 })) seen.push(each);
    expect(seen.slice(0, 10).map(({ sequence }) => sequence)).toEqual([31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
    expect(seen[10]).toMatchObject({ type: 'events-compacted', from: 2, sequence: (seen[11]?.sequence ?? 0) - 1 });
    expect(hub.last).toBe(100);
  });
});

test('a rollout that says more than a journal holds ends as any other, and each event reached its listeners', async () => {
  const platform = createMemoryPlatform();
  let asked = 0;
  const slow = defineGate({
    use: 'acme/slow',
    at: ['start'],
    every: '10s',
    timeout: '24h',
    onTimeout: 'veto',
    run: async (_input: object) => {
      asked += 1;
      return asked > 300 ? { kind: 'proceed' } : { kind: 'hold', reason: `${asked}: ${'the queue is long '.repeat(50)}` };
    },
  });
  const shepherd = new Shepherd({ platform, extensions: [slow] });
  const rollout = shepherd.deploy({ app: 'web', release: { version: '2.0.0' }, gates: [slow({})], timeout: '30h' });
  const live: number[] = [];
  for (const type of ['rollout-start', 'driver-change', 'gate-hold', 'gate-end', 'step-start', 'step-end', 'weight-change', 'rollout-end'] as const)
    rollout.on(type, ({ sequence }) => void live.push(sequence));
  const outcome: Outcome = await rollout.outcome;
  expect(outcome.kind).toBe('succeeded');
  expect(asked).toBe(301);
  expect(live).toEqual(live.map((_, index) => index + 1));
  const saved = await platform.journal.load(context(platform));
  expect(bytesOf(saved?.record)).toBeLessThanOrEqual(defaultMaxBytes);
  const later = new Shepherd({ platform: platform.connect() });
  const replayed: RolloutEvent[] = [];
  for await (const each of (await later.get(rollout.id)).events()) replayed.push(each);
  expect(covered(replayed)).toBe(live.length);
  expect(replayed.at(-1)).toMatchObject({ type: 'rollout-end', sequence: live.length });
}, 60_000);

describe('what cannot fit is refused before the first write', () => {
  test('a request', async () => {
    const platform = createMemoryPlatform();
    const outcome = await new Shepherd({ platform }).deploy({ app: 'web', release: { version: '2.0.0' }, metadata: { text: 'x'.repeat(200_000) } }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_JOURNAL', message: expect.stringContaining('200') } });
    expect(platform.calls.filter(({ writes }) => writes)).toEqual([]);
  });

  test('a request with a credential, which is not shown', async () => {
    const platform = createMemoryPlatform();
    const token = ['ghp', '_abcdefghijklmnopqrstuvwxyz0123456789'].join('');
    const outcome = await new Shepherd({ platform }).deploy({ app: 'web', release: { version: '2.0.0' }, metadata: { deployKey: token } }).outcome;
    expect(outcome).toMatchObject({
      kind: 'failed-untouched',
      error: { code: 'ERR_INVALID_OPTIONS', facts: { issues: [{ path: 'metadata.deployKey', got: 'what looks like a GitHub token' }] } },
    });
    expect(JSON.stringify(outcome)).not.toContain(token);
    expect(platform.calls.filter(({ writes }) => writes)).toEqual([]);
  });

  test.each([
    ['more than there is room for', 'x'.repeat(40_000), 'saves too much'],
    ['a credential', ['AKIA', 'ABCDEFGHIJKLMNOP'].join(''), 'what looks like an AWS key'],
  ])('what a step saves: %s', async (_name, state, says) => {
    const platform = createMemoryPlatform();
    const greedy = defineStep<object, { state: string }>({ use: 'acme/greedy', timeout: '1m', run: async (_input, { save }) => save({ state }) });
    const outcome = await new Shepherd({ platform, extensions: [greedy] }).deploy({
      app: 'web',
      release: { version: '2.0.0' },
      strategy: new Canary({ stages: [100], interval: '1m', analysis: false }),
      hooks: { beforeTraffic: [greedy({})] },
    }).outcome;
    expect(outcome).toMatchObject({ kind: 'rolled-back' });
    expect(JSON.stringify(outcome)).toContain(says);
    expect(JSON.stringify(await platform.journal.load(context(platform)))).not.toContain(state);
  });
});

test('what checks and steps say of credentials is hidden in events, journal and outcome', async () => {
  const platform = createMemoryPlatform();
  const token = ['xoxb', '-1234567890-abcdefghij'].join('');
  const chatty = defineStep({
    use: 'acme/chatty',
    timeout: '1m',
    run: async (_input: object) =>
      ({ kind: 'fail', reason: `posted with ${token}`, evidence: { summary: `postgres://shop:hunter2@db`, data: [token] } }) as const,
  });
  const rollout = new Shepherd({ platform, extensions: [chatty] }).deploy({
    app: 'web',
    release: { version: '2.0.0' },
    strategy: new Canary({ stages: [100], interval: '1m', analysis: false }),
    hooks: { beforeTraffic: [chatty({})] },
  });
  const events: RolloutEvent[] = [];
  for await (const each of rollout.events()) events.push(each);
  const all = JSON.stringify([events, await rollout.outcome, (await platform.journal.load(context(platform)))?.record]);
  expect(all).toContain('posted with ***');
  expect(all).not.toMatch(/xoxb|hunter2/);
});
