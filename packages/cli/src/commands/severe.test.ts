import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo, type FakeIoOptions } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'shepherd-severe-'));
  const environments = { staging: { namespace: 'staging' }, live: { namespace: 'default', production: true } };
  await writeFile(join(cwd, 'shepherd.config.json'), JSON.stringify({ app: 'web', environments }));
});
afterAll(() => rm(cwd, { recursive: true }));

const id = 'memory_default_web_01KDVDNA00S8BNQNW8';
const severe = ['rollback web', 'rollback default/web --to hash-1.0.0', 'deploy web --rollback', 'restart web', 'scale web 5'];

async function run(line: string, options: FakeIoOptions = {}) {
  const { memory, options: cluster } = fakeCluster();
  await main(['deploy', 'web', '--image', 'r/web:1.1.0', '--yes'], new FakeIo(), cluster);
  const before = memory.calls.length;
  const io = new FakeIo({ cwd, ...options });
  const code = await main(line.split(' '), io, cluster);
  const calls = memory.calls.slice(before);
  return { code, err: io.err, out: io.out, asked: calls.length, wrote: calls.filter(({ writes }) => writes).length };
}

test.each([...severe, `lock release ${id}`])('%s in production: without a terminal --yes is no answer, and the cluster is not asked', async (line) => {
  const { code, err, asked } = await run(`${line} --environment live --yes`);
  expect([code, asked]).toEqual([2, 0]);
  expect(err).toContain('--confirm: got no terminal to ask at, expected --confirm web: this is production (live), which --yes does not answer for');
});

test.each(severe)('%s: --confirm web is all that it takes, there and elsewhere', async (line) => {
  const there = await run(`${line} --environment live --confirm web`);
  expect(there.err).not.toContain('--confirm');
  // The cluster in memory can do no more than roll back.
  if (line.includes('rollback')) expect(there.code).toBe(0);
  expect((await run(`${line.replace('default/', '')} --environment staging --confirm web`)).err).not.toContain('--confirm');
});

test.each(severe)('%s: another name is refused, wherever it is', async (line) => {
  for (const environment of ['live', 'staging']) {
    const { code, err, asked } = await run(`${line.replace('default/', '')} --environment ${environment} --confirm wbe --yes`);
    expect([code, asked]).toEqual([2, 0]);
    expect(err).toContain('--confirm: got "wbe", expected web, the name of the app');
  }
});

test('at a terminal the name is typed, with --yes too; y is not it', async () => {
  const terminal = { columns: 100, rows: 30 };
  const answering = (text: string): FakeIoOptions => ({ terminal, answers: [[/Type web to go on: $/, `${text}\n`]] });
  const yes = await run('rollback web --environment live --yes', answering('y'));
  expect([yes.code, yes.wrote]).toEqual([5, 0]);
  expect(yes.err).toMatch(/Roll default\/web back\?\nThis is production \(live\)\. Type web to go on: [\s\S]*nothing was changed\n$/);
  const name = await run('rollback web --environment live', answering('web'));
  expect(name.code).toBe(0);
});

test('--force answers both, without a terminal', async () => {
  expect(await run('rollback web --environment live --force')).toMatchObject({ code: 0, err: '' });
});

test.each(['rollback web --list', 'rollback web --dry-run', 'restart web --dry-run', 'scale web 5 --dry-run'])('%s asks nobody', async (line) => {
  expect((await run(`${line} --environment live`)).err).not.toContain('--confirm');
});

test('a release, which is judged, and one pod, which budgets hold, need no name', async () => {
  expect((await run('deploy web --image r/web:1.2.0 --environment live --yes')).code).toBe(0);
  expect((await run('restart web --pod web-1 --environment live --yes')).err).not.toContain('--confirm');
});
