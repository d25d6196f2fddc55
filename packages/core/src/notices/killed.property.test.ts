import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AppRecord } from '../engine/record.js';
import { Canary, type Delivery, type Notice, type Notifier, Shepherd, type ShepherdOptions } from '../index.js';
import { createMemoryPlatform, type MemoryPlatform, VirtualClock } from '../testing/index.js';

/** The other side, which outlives every process: what it took, in order, each once, and how often it came. */
class Backend {
  readonly took: { readonly channel: string; readonly notice: Notice }[] = [];
  readonly text = new Map<string, string>();
  #seed: number;
  failing: number;

  constructor(seed: number, failing: number) {
    this.#seed = seed;
    this.failing = failing;
  }

  random(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#seed / 2 ** 32;
  }

  #take(channel: string, notice: Notice): void {
    const text = JSON.stringify(notice);
    const before = this.text.get(notice.id);
    if (before === undefined) this.took.push({ channel, notice });
    // What comes twice is the same, to the letter.
    else expect(text).toBe(before);
    this.text.set(notice.id, text);
  }

  notifier(name: string, isDead: () => boolean): Notifier {
    return {
      specificationVersion: 'v1',
      name,
      send: async (notice, { clock, signal }): Promise<Delivery> => {
        await clock.sleep(this.random() * 2_000, signal);
        if (isDead()) return new Promise(() => undefined);
        // A failure may come after the message was taken: the answer was lost.
        const fails = this.random() < this.failing;
        if (!fails || this.random() < 0.3) this.#take(name, notice);
        return fails ? { kind: 'retry', why: 'answered 503' } : { kind: 'sent', ref: notice.id };
      },
    };
  }

  sequences(channel: string): readonly number[] {
    return this.took.filter((each) => each.channel === channel).map(({ notice }) => notice.sequence);
  }
}

const channels = ['chat', 'pager'] as const;
/** Events that are a notice, always. */
const telling = new Set(['rollout-start', 'weight-change', 'rollback-start', 'rollout-end']);
const strategy = new Canary({ stages: [25, 50, 100], interval: '30s', analysis: false });

interface Life {
  readonly shepherd: Shepherd<{ version: string }>;
  readonly isDead: () => boolean;
}

/** A process that dies at its n-th call of a port, before or after what that does. */
function life(platform: MemoryPlatform, backend: Backend, at: number, after: boolean, options: Partial<ShepherdOptions<{ version: string }>> = {}): Life {
  let [calls, dead] = [0, false];
  const connection = platform.connect((call, when) => {
    if (call.name === 'journal.save' && when === (after ? 'after' : 'before')) dead ||= ++calls === at;
    return dead ? new Promise<void>(() => undefined) : undefined;
  });
  const isDead = (): boolean => dead;
  const notifiers = channels.map((name) => backend.notifier(name, isDead));
  return { shepherd: new Shepherd({ platform: connection, notifiers, ...options }), isDead };
}

const until = async (platform: MemoryPlatform, holds: () => boolean): Promise<void> => {
  while (!holds()) await platform.clock.sleep(500);
};

test('whenever a process dies, every notice arrives or is listed and goes out by one flush; what comes twice has the same id', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.boolean()), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 2 ** 31 }),
      fc.constantFrom(0, 0.3, 0.8),
      async (kills, seed, failing) => {
        const clock = new VirtualClock({ auto: true });
        const platform = createMemoryPlatform({ clock });
        const backend = new Backend(seed, failing);
        const [first, ...more] = kills.map(([at, after]) => life(platform, backend, at, after));
        const rollout = (first as Life).shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy });
        let ended = false;
        void rollout.outcome.then(() => (ended = true));
        await until(platform, () => ended || (first as Life).isDead());
        for (const { shepherd, isDead } of more) {
          let done = false;
          void (async () => {
            for await (const taken of shepherd.recover()) await taken.outcome;
            await shepherd.close();
            done = true;
          })().catch(() => (done = true));
          await until(platform, () => done || isDead());
          await clock.sleep(30_000);
        }
        // The last one lives.
        await clock.sleep(30_000);
        const last = life(platform, backend, -1, false);
        for await (const taken of last.shepherd.recover()) await taken.outcome;
        const app = { cluster: 'memory', namespace: 'default', name: 'web' };
        const context = { app, rolloutId: undefined, signal: new AbortController().signal, clock };
        const { undelivered } = await last.shepherd.close({ timeout: '20s' });
        const early = new Set(backend.took.map(({ notice }) => notice.id));

        backend.failing = 0;
        const flusher = life(platform, backend, -1, false);
        expect(await flusher.shepherd.flush()).toMatchObject({ undelivered: [], failed: [] });
        await flusher.shepherd.close();

        const stored = (await platform.journal.load(context))?.record as AppRecord | undefined;
        const told = (stored?.current.events ?? []).filter(({ type }) => telling.has(type)).map(({ sequence }) => sequence);
        for (const name of channels) expect(backend.sequences(name).toSorted((a, b) => a - b)).toEqual(expect.arrayContaining(told));
        // Nothing that the flush brought was not listed before.
        const listed = new Set(undelivered.map(({ id }) => id));
        for (const { notice } of backend.took) expect(early.has(notice.id) || listed.has(notice.id)).toBe(true);
        clock[Symbol.dispose]();
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);

test('without failures each channel gets its notices in order, also over deaths', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 30 }), fc.boolean(), fc.integer({ min: 1, max: 2 ** 31 }), async (at, after, seed) => {
      const clock = new VirtualClock({ auto: true });
      const platform = createMemoryPlatform({ clock });
      const backend = new Backend(seed, 0);
      const first = life(platform, backend, at, after);
      let ended = false;
      void first.shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy }).outcome.then(() => (ended = true));
      await until(platform, () => ended || first.isDead());
      await clock.sleep(30_000);
      const last = life(platform, backend, -1, false);
      for await (const taken of last.shepherd.recover()) await taken.outcome;
      expect((await last.shepherd.close({ timeout: '10m' })).undelivered).toEqual([]);
      for (const name of channels) expect(backend.sequences(name)).toEqual(backend.sequences(name).toSorted((a, b) => a - b));
      clock[Symbol.dispose]();
    }),
    { numRuns: 25 },
  );
}, 120_000);
