// A process that dies before any of its calls of the file system, or half way through writing: what others find is the state before or the one after.

import { mkdtempSync, rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../internal/system-clock.js';
import type { WriteContext } from '../ports/context.js';
import type { Journal } from '../ports/journal.js';

const life = vi.hoisted(() => ({ callsLeft: Number.POSITIVE_INFINITY, died: (): void => undefined, open: new Set<FileHandle>() }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  /** Nothing comes back to a dead process. */
  const die = (): Promise<never> => {
    life.died();
    return new Promise(() => undefined);
  };
  const mortal =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> => {
      life.callsLeft -= 1;
      return life.callsLeft < 0 ? die() : call(...args);
    };
  const open = mortal(async (...args: Parameters<typeof real.open>) => {
    const handle = await real.open(...args);
    life.open.add(handle);
    return {
      sync: mortal(() => handle.sync()),
      stat: mortal(() => handle.stat()),
      async close() {
        life.open.delete(handle);
        await handle.close();
      },
      async writeFile(text: string) {
        life.callsLeft -= 1;
        if (life.callsLeft >= 0) return handle.writeFile(text);
        await handle.writeFile(text.slice(0, text.length / 2));
        return die();
      },
    } as unknown as FileHandle;
  });
  const { link, mkdir, readdir, readFile, rename, rm, stat } = real;
  const calls = { link, mkdir, readdir, readFile, rename, rm, stat } as Record<string, (...args: unknown[]) => Promise<unknown>>;
  return { ...real, open, ...Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, mortal(call)])) };
});

// Files share their modules: one before this may have loaded the journal with a file system that nobody dies of, and those after it want such a one.
vi.resetModules();
const { fileJournal } = await import('./index.js');
afterAll(() => void vi.resetModules());

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shepherd-journal-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const context = (fence = 1): WriteContext => ({
  app: { cluster: 'here', namespace: 'shop', name: 'web' },
  rolloutId: `r${fence}`,
  fence,
  signal: new AbortController().signal,
  clock: systemClock,
});

/** Lets `work` die at each of its calls in turn, each time after `before` in a directory of its own; returns how many deaths that were. */
async function atEachCall(
  before: (journal: Journal) => Promise<void>,
  work: (journal: Journal) => Promise<unknown>,
  check: (journal: Journal) => Promise<void>,
): Promise<number> {
  for (let calls = 0; ; calls += 1) {
    const journal = fileJournal({ directory: join(directory, String(calls)) });
    await before(journal);
    const death = new Promise<'died'>((resolve) => (life.died = () => resolve('died')));
    life.callsLeft = calls;
    const end = await Promise.race([work(journal).then(() => 'lived'), death]);
    life.callsLeft = Number.POSITIVE_INFINITY;
    await check(fileJournal({ directory: join(directory, String(calls)) }));
    // What the kernel does for the dead.
    for (const handle of life.open) await handle.close();
    life.open.clear();
    if (end === 'lived') return calls;
  }
}

const save = async (journal: Journal, step: number, fence = 1): Promise<void> => {
  await journal.save(context(fence), { step }, (await journal.load(context(fence)))?.version);
};
const stepOf = async (journal: Journal): Promise<number | undefined> =>
  ((await journal.load(context()))?.record as { readonly step: number } | undefined)?.step;

test.each([0, 1, 9])('a save after %i others is whole or not at all, and the next one goes on from there', async (others) => {
  const found = new Set<number>();
  const deaths = await atEachCall(
    async (journal) => {
      for (let step = 1; step <= others; step += 1) await save(journal, step);
    },
    (journal) => save(journal, others + 1),
    async (journal) => {
      const step = (await stepOf(journal)) ?? 0;
      found.add(step);
      await save(journal, step + 1);
      expect(await stepOf(journal)).toBe(step + 1);
    },
  );
  expect(deaths).toBeGreaterThan(10);
  expect([...found]).toEqual([others, others + 1]);
});

test('a post is there or not, and those before it stay', async () => {
  const found = new Set<string>();
  await atEachCall(
    (journal) => journal.post(context(), { n: 1 }),
    (journal) => journal.post(context(), { n: 2 }),
    async (journal) => {
      found.add(JSON.stringify(await journal.take(context())));
      expect(await journal.take(context())).toEqual([]);
    },
  );
  expect([...found]).toEqual(['[{"n":1}]', '[{"n":1},{"n":2}]']);
});

test('what was given is there until it was taken again after, then all or none of it is gone, and what comes later is taken', async () => {
  const found = new Set<string>();
  await atEachCall(
    async (journal) => {
      for (const n of [1, 2, 3]) await journal.post(context(), { n });
    },
    async (journal) => {
      await journal.take(context());
      await journal.take(context());
    },
    async (journal) => {
      await journal.post(context(), { n: 4 });
      found.add(JSON.stringify(await journal.take(context())));
      expect(await journal.take(context())).toEqual([]);
    },
  );
  expect([...found]).toEqual(['[{"n":1},{"n":2},{"n":3},{"n":4}]', '[{"n":4}]']);
});

test('a fence that was half written can be written again, and leaves the record', async () => {
  await atEachCall(
    async (journal) => {
      await save(journal, 1);
      await journal.post(context(), { n: 1 });
    },
    async (journal) => journal.fence?.(context(2)),
    async (journal) => {
      expect(await stepOf(journal)).toBe(1);
      await journal.fence?.(context(2));
      await expect(save(journal, 2, 1)).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });
      await expect(journal.take(context(1))).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });
      await save(journal, 3, 2);
      expect(await journal.take(context(2))).toEqual([{ n: 1 }]);
    },
  );
});
