import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../internal/system-clock.js';
import type { WriteContext } from '../ports/context.js';
import { journalCases } from '../testing/conformance/journal-cases.js';
import { createMemoryPlatform } from '../testing/memory/memory-platform.js';
import { fileJournal } from './index.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shepherd-journal-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const context = (name = 'web', namespace = 'shop', fence = 1): WriteContext => ({
  app: { cluster: 'here', namespace, name },
  rolloutId: `r${fence}`,
  fence,
  signal: new AbortController().signal,
  clock: systemClock,
});
const record = (...parts: string[]): string => join(directory, 'shop', 'web', ...parts);

describe('the file journal keeps the contract', () => {
  const cases = journalCases(async () => ({
    platform: { ...createMemoryPlatform(), clock: systemClock, journal: fileJournal({ directory }) },
    app: { cluster: 'memory', namespace: 'default', name: 'web' },
    replicas: 3,
    release: { version: '1.0.0' },
    next: { version: '2.0.0' },
    broken: { version: 'broken' },
  }));
  for (const { name, run } of cases) test(name, run);
});

test('any JSON comes back as it was', async () => {
  const journal = fileJournal({ directory });
  let version: string | undefined;
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }), async (value) => {
      ({ version } = await journal.save(context(), value, version));
      expect(JSON.stringify((await journal.load(context()))?.record)).toBe(JSON.stringify(value));
    }),
    { numRuns: 50 },
  );
});

test('any two names are two apps, and stay within the directory', async () => {
  const journal = fileJournal({ directory });
  const odd = ['web', 'Web', '.', '..', '../web', '/etc/passwd', 'a/b', 'a%2Fb', 'a b', 'ä', '', 'nul\0', 'con.', `${'x'.repeat(253)}a`, `${'x'.repeat(253)}b`];
  for (const name of odd) await journal.save(context(name, name), { name }, undefined);
  for (const name of odd) expect((await journal.load(context(name, name)))?.record).toEqual({ name });
  const listed: string[] = [];
  for await (const { name } of journal.list(undefined, context().signal)) listed.push(name);
  expect(listed.toSorted()).toEqual(odd.toSorted());
  for (const name of await readdir(directory)) expect(name).toMatch(/^[a-z0-9%A-F-]+$/);
});

test('files are for this user alone, and only the last versions stay', async () => {
  const journal = fileJournal({ directory: join(directory, 'made', 'here') });
  let version: string | undefined;
  for (let step = 0; step < 30; step += 1) ({ version } = await journal.save(context(), { step }, version));
  await journal.post(context(), { kind: 'pause' });
  const home = join(directory, 'made', 'here', 'shop', 'web');
  expect((await readdir(join(home, 'record'))).length).toBe(8);
  expect(await readdir(join(home, 'writing'))).toEqual([]);
  const all = await readdir(join(directory, 'made'), { recursive: true, withFileTypes: true });
  expect(all.filter((entry) => entry.isFile()).length).toBe(9);
  for (const entry of all) {
    const { mode } = await stat(join(entry.path, entry.name));
    expect((mode & 0o777).toString(8)).toBe(entry.isFile() ? '600' : '700');
  }
});

test('a writer that slept while its number came and went does not take itself for the last', async () => {
  const journal = fileJournal({ directory });
  const first = await journal.save(context(), { step: 0 }, undefined);
  let { version } = first;
  // Its file would be 2.json; the others are at 30.
  for (let step = 1; step < 30; step += 1) ({ version } = await journal.save(context(), { step }, version));
  const { Register } = await import('./register.js');
  const { Writer } = await import('./files.js');
  const slept = new Register(record('record'), new Writer(record('writing')));
  const over = { number: 1, version: first.version, namespace: 'shop', name: 'web', fence: 1, rolloutId: 'r1', value: { step: 0 } };
  expect(await slept.write(context(), over, { step: 'from the past' })).toBeUndefined();
  expect(await journal.load(context())).toEqual({ record: { step: 29 }, version });
  expect(await readdir(record('record'))).not.toContain('2.json');
});

test('what a dead process left half written is not read, and goes after an hour', async () => {
  const journal = fileJournal({ directory });
  const { version } = await journal.save(context(), { step: 1 }, undefined);
  await writeFile(record('writing', 'of-the-dead'), '{"id":"ab');
  await journal.save(context(), { step: 2 }, version);
  expect(await readdir(record('writing'))).toEqual(['of-the-dead']);
  const old = new Date(Date.now() - 2 * 3_600_000);
  await utimes(record('writing', 'of-the-dead'), old, old);
  await journal.post(context(), { kind: 'pause' });
  expect(await readdir(record('writing'))).toEqual([]);
});

test('commands that were done with are not taken again, though the taker died before it removed them', async () => {
  const journal = fileJournal({ directory });
  await journal.post(context(), { n: 1 });
  const [name = ''] = await readdir(record('mailbox'));
  const text = await readFile(record('mailbox', name), 'utf8');
  expect(await journal.take(context())).toEqual([{ n: 1 }]);
  expect(await journal.take(context())).toEqual([]);
  await writeFile(record('mailbox', name), text);
  await journal.post(context(), { n: 2 });
  expect(await journal.take(context())).toEqual([{ n: 2 }]);
  expect(await journal.take(context())).toEqual([]);
});
