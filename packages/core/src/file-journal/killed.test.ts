import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../internal/system-clock.js';
import type { Counted, Landed } from './__fixtures__/saver.js';
import { fileJournal } from './index.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shepherd-journal-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const app = { cluster: 'here', namespace: 'shop', name: 'web' };

/** A child that saves, and what it told of it. */
class Saver {
  readonly landed: Landed[] = [];
  readonly #child: ChildProcess;
  readonly #closed: Promise<string>;
  #wake: () => void = () => undefined;
  #errors = '';

  constructor(name: string) {
    const program = fileURLToPath(new URL('./__fixtures__/saver.ts', import.meta.url));
    const { stdout, stderr } = (this.#child = spawn(process.execPath, ['--conditions=@shepherd/source', '--import', 'tsx', program, directory, name], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }));
    stderr?.on('data', (text) => (this.#errors += text));
    if (stdout === null) throw new Error('no output');
    const lines = createInterface({ input: stdout });
    lines.on('line', (line) => {
      this.landed.push(JSON.parse(line) as Landed);
      this.#wake();
    });
    const closed = new Promise<void>((resolve) => lines.on('close', resolve));
    this.#closed = new Promise((resolve) => this.#child.on('close', (code, signal) => void closed.then(() => resolve(signal ?? `${code} ${this.#errors}`))));
  }

  /** It has told of this many more. */
  async more(count: number): Promise<void> {
    const until = this.landed.length + count;
    const dead = this.#closed.then((how) => {
      throw new Error(`the saver ended: ${how}`);
    });
    dead.catch(() => undefined);
    while (this.landed.length < until) await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), dead]);
  }

  kill(): Promise<string> {
    this.#child.kill('SIGKILL');
    return this.#closed;
  }
}

test('processes that save in turn and are killed in the middle tear nothing and lose nothing, and the others go on', async () => {
  const journal = fileJournal({ directory });
  const stop = new AbortController();
  const context = { app, rolloutId: 'r1', fence: 1, signal: stop.signal, clock: systemClock };
  const [survivor, ...victims] = ['s', 'a', 'b'].map((name) => new Saver(name)) as [Saver, Saver, Saver];
  const savers = [survivor, ...victims];
  const seen: number[] = [];
  const taken: unknown[] = [];
  const watching = (async () => {
    for await (const { record } of journal.watch(context)) {
      const { count, by, bulk } = record as Counted;
      seen.push(count);
      expect(bulk).toBe(by.repeat(20_000));
      taken.push(...(await journal.take(context)));
    }
  })();
  try {
    await Promise.all(savers.map((saver) => saver.more(5)));
    for (const victim of victims) {
      await victim.more(3);
      await systemClock.sleep(Math.random() * 20);
      expect(await victim.kill()).toBe('SIGKILL');
      await survivor.more(10);
    }
  } finally {
    await Promise.all(savers.map((saver) => saver.kill()));
    stop.abort();
    await watching;
  }
  const later = { ...context, signal: new AbortController().signal, fence: 2 };
  // Done with what it was given last.
  taken.push(...(await journal.take({ ...later, fence: 1 })));
  await journal.take({ ...later, fence: 1 });
  await journal.fence?.(later);
  taken.push(...(await journal.take(later)));

  const landed = savers.flatMap((saver) => saver.landed);
  const counts = landed.flatMap((each) => ('saved' in each ? [each.saved] : []));
  const last = await journal.load(later);
  const count = (last?.record as Counted | undefined)?.count ?? 0;
  expect(new Set(counts).size, 'of all who saved over one version one landed').toBe(counts.length);
  const untold = count - counts.length;
  expect(untold, 'each of the dead may have stored one that it did not live to tell of').toBeLessThanOrEqual(savers.length);
  expect(untold).toBeGreaterThanOrEqual(0);
  expect(Math.max(...counts)).toBeLessThanOrEqual(count);
  expect(seen, 'a watch never goes back').toEqual([...seen].sort((a, b) => a - b));

  const told = landed.flatMap((each) => ('posted' in each ? [each.posted] : []));
  const got = (taken as readonly { readonly posted: string }[]).map(({ posted }) => posted);
  expect(new Set(got).size, 'no command came twice').toBe(got.length);
  expect(
    told.filter((each) => !got.includes(each)),
    'no command was lost',
  ).toEqual([]);

  await journal.save(later, { count: count + 1, by: 'p', bulk: '' }, last?.version);
  expect((await journal.load(later))?.record).toMatchObject({ count: count + 1 });
});
