import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MemoryPlatformOptions, VirtualClock } from '@shepherd/core/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import type { Connect } from '../connect.js';
import { main } from '../main.js';

let root = '';
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'shepherd-checklist-'))));
afterEach(() => rm(root, { recursive: true }));

const config = (more: object = {}) => ({
  environments: {
    staging: { namespace: 'staging' },
    production: {
      namespace: 'shop',
      requireEnv: 'staging',
      windows: [{ name: 'night', kind: 'allow', schedule: '0 2 * * *', duration: '2h', timeZone: 'Europe/Berlin' }],
      ...more,
    },
  },
});

async function world(
  more: object = {},
  { time = '2026-11-26T01:30:00Z', versions = {} }: { time?: string; versions?: MemoryPlatformOptions['versions'] } = {},
) {
  await writeFile(join(root, 'shepherd.config.json'), JSON.stringify(config(more)));
  const clock = new VirtualClock({ auto: true, start: new Date(time) });
  const clusterOf = (namespace: string) => fakeCluster({ clock, versions, apps: { [`${namespace}/web`]: { replicas: 4 } } });
  const clusters = { staging: clusterOf('staging'), shop: clusterOf('shop') };
  const connect: Connect = async ({ namespace }) => {
    const { connect: reach } = clusters[namespace === 'staging' ? 'staging' : 'shop'].options;
    const platform = await (reach as Connect)({});
    return { ...platform, resolve: (ref, signal) => platform.resolve({ ...ref, namespace: ref.namespace ?? namespace }, signal) };
  };
  const run = async (line: string) => {
    const io = new FakeIo({ cwd: root });
    const code = await main(line.split(' '), io, { connect, clock });
    return { code, out: io.out, err: io.err };
  };
  const list = async (line: string) => {
    const { code, out, err } = await run(`${line} -o json`);
    const { items, ...rest } = JSON.parse(out);
    const states = Object.fromEntries((items ?? []).map(({ id, state, says }: { id: string; state: string; says: string }) => [id, `${state}: ${says}`]));
    return { code, err, states, ...rest };
  };
  return { clusters, run, list };
}

const pre = 'checklist pre web --image r/web:1.1.0 --environment production';

test('before a release: staging, windows, the way back, the rest is for people', async () => {
  const { run, list } = await world();
  const early = await list(pre);
  expect(early.states['I8']).toBe('failed: web:1.1.0 never succeeded in staging');
  await run('deploy web --image r/web:1.1.0 --environment staging --yes');
  const { code, states, counts, release } = await list(pre);
  expect([code, release, Object.keys(states).length]).toEqual([0, ['web:1.1.0'], 18]);
  expect(states['I8']).toBe('done: web:1.1.0 succeeded in staging');
  expect(states['I9']).toMatch(/^done: preflight finds no error/);
  expect(states['I15']).toMatch(/^done: hash-1\.0\.0 .*shepherd rollback web --to hash-1\.0\.0/);
  expect(states['I17']).toMatch(/^done: /);
  expect(states['I14']).toBe('open: a person knows');
  expect(counts.failed).toBe(0);
});

test('outside of the window it says when that opens', async () => {
  const { list } = await world({}, { time: '2026-11-26T11:00:00Z' });
  expect((await list(pre)).states['I17']).toMatch(/^failed: .*opens 2026-11-27T01:00:00/);
});

test('a person ticks, for this release alone; who and why are kept', async () => {
  const { list } = await world({ checklist: { required: ['I14'] } });
  expect((await list(pre)).code).toBe(5);
  const ticked = await list(`${pre} --ack I14,I2 --by ann --reason CR-7`);
  expect([ticked.code, ticked.states['I14'], ticked.blocked]).toEqual([0, 'acknowledged: ann, 2026-11-26: CR-7', []]);
  const lines = (await readFile(join(root, 'shepherd.checklist.jsonl'), 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { id: 'I14', app: 'shop/web', environment: 'production', release: ['web:1.1.0'], by: 'ann', reason: 'CR-7' },
    { id: 'I2', by: 'ann' },
  ]);
  expect((await list(pre)).code).toBe(0);
  const other = await list(pre.replace('1.1.0', '1.2.0'));
  expect([other.code, other.states['I14']]).toEqual([5, 'open: a person knows']);
});

test.each([
  ['checklist soon web', 'expected pre, during, post'],
  [`${pre} --ack I14 --by ann`, '--reason'],
  [`${pre} --ack I9 --by ann --reason x`, 'nobody can say it'],
  [`${pre} --ack I31 --by ann --reason x`, '--ack'],
  [`${pre} --require I99`, '--require'],
  ['checklist pre web --environment production --ack I14 --by ann --reason x', '--image'],
])('bad input: %s', async (line, said) => {
  const { run } = await world();
  const { code, err } = await run(line);
  expect(code).toBe(2);
  expect(err).toContain(said);
});

test('a file of ticks that somebody broke is refused, line and all', async () => {
  const { run } = await world();
  await writeFile(join(root, 'shepherd.checklist.jsonl'), '{"id":"I14"}\n');
  const { code, err } = await run(pre);
  expect([code, err.includes('shepherd.checklist.jsonl:1')]).toEqual([2, true]);
});

test('while and after a release: from the journal and the app itself', async () => {
  const { run, list } = await world();
  await run('deploy web --image r/web:1.1.0 --environment staging --yes');
  expect((await list('checklist during web --environment staging')).states).toMatchObject({
    I19: 'done: memory/staging/web answers',
    I23: 'done: rolling',
    I24: expect.stringMatching(/^done: memory_staging_web_\S+, by /),
    I25: expect.stringMatching(/^open: no step/),
    I26: expect.stringMatching(/^done: /),
    I27: expect.stringMatching(/^done: /),
    I28: expect.stringMatching(/^done: /),
    I29: expect.stringMatching(/^open: /),
  });
  const after = await list('checklist post web --environment staging');
  expect(after.states).toMatchObject({
    I31: expect.stringMatching(/^done: /),
    I37: expect.stringMatching(/^failed: none of hash-1\.1\.0; shepherd baseline staging\/web/),
    I38: 'open: no Prometheus is named',
    I39: expect.stringMatching(/^done: memory_staging_web_/),
    I42: expect.stringMatching(/^done: hash-1\.0\.0 .*shepherd rollback staging\/web$/),
    I43: 'open: the config names no channel',
    I46: 'done: there was none',
  });
});

test('after a release that was taken back a post-mortem is due, and a required one blocks', async () => {
  const { run, list } = await world(
    { checklist: { required: ['I46'] }, requireEnv: undefined, windows: undefined },
    { versions: { '9.9.9': { reply: () => ({ status: 503 }) } } },
  );
  expect((await run('deploy web --image r/web:9.9.9 --environment production --check /api/health --yes')).code).toBe(3);
  const { code, states } = await list('checklist post web --environment production');
  expect([code, states['I46']]).toEqual([5, 'open: the rollout ended as rolled-back']);
});

test('as Markdown for people', async () => {
  const { run } = await world();
  const { out } = await run('checklist post web --environment staging');
  expect(out).toMatch(/^# Checklist post staging\/web/);
  expect(out.match(/^- \[/gm)).toHaveLength(16);
});
