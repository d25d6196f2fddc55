import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '@shepherd/core/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import type { Connect } from '../connect.js';
import { main } from '../main.js';

let root = '';
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'shepherd-gates-'))));
afterEach(() => rm(root, { recursive: true }));

const config = {
  environments: {
    staging: { namespace: 'staging' },
    production: {
      namespace: 'shop',
      requireEnv: 'staging',
      windows: [{ name: 'night', kind: 'allow', schedule: '0 2 * * *', duration: '2h', timeZone: 'Europe/Berlin' }],
    },
  },
};

const clusterOf = (namespace: string, clock: VirtualClock) => fakeCluster({ clock, apps: { [`${namespace}/web`]: { replicas: 4 } } });

/** Two namespaces as clusters of their own, at a time. */
async function world(time: string) {
  await writeFile(join(root, 'shepherd.config.json'), JSON.stringify(config));
  const clock = new VirtualClock({ auto: true, start: new Date(time) });
  const clusters = { staging: clusterOf('staging', clock), shop: clusterOf('shop', clock) };
  const connect: Connect = async ({ namespace }) => {
    const { connect: reach } = clusters[namespace === 'staging' ? 'staging' : 'shop'].options;
    const platform = await (reach as Connect)({});
    return { ...platform, resolve: (ref, signal) => platform.resolve({ ...ref, namespace: ref.namespace ?? namespace }, signal) };
  };
  const run = async (line: string, env: Readonly<Record<string, string>> = {}) => {
    const io = new FakeIo({ cwd: root, env });
    const code = await main(line.split(' '), io, { connect, clock });
    return { code, out: io.out, err: io.err };
  };
  return { clusters, run };
}

const night = '2026-11-26T01:30:00Z';
const noon = '2026-11-26T11:00:00Z';
const deploy = (version: string, environment: string): string => `deploy web --image r/web:${version} --environment ${environment} --yes`;

test('staging first, then production', async () => {
  const { run } = await world(night);
  const early = await run(deploy('1.1.0', 'production'));
  expect(early.code).toBe(5);
  expect(early.out + early.err).toMatch(/web:1\.1\.0 never succeeded in staging/);
  expect((await run(deploy('1.1.0', 'staging'))).code).toBe(0);
  expect((await run(deploy('1.1.0', 'production'))).code).toBe(0);
});

test('an override wants a reason, and goes with one', async () => {
  const { run } = await world(night);
  expect(await run(`${deploy('1.1.0', 'production')} --override-env`)).toMatchObject({
    code: 2,
    err: expect.stringContaining('--override-env: got no reason'),
  });
  expect((await run(`${deploy('1.1.0', 'production')} --override-env --reason hotfix`)).code).toBe(0);
});

test('outside of the window: 5 with the time at which it opens; an override goes; a rollback is not asked', async () => {
  const { run } = await world(noon);
  expect((await run(deploy('1.1.0', 'staging'))).code).toBe(0);
  const closed = await run(`${deploy('1.1.0', 'production')} --json`);
  expect(closed.code).toBe(5);
  expect(JSON.parse(closed.out.trim().split('\n').at(-1) ?? '')).toMatchObject({
    error: { code: 'ERR_GATE_CLOSED', facts: { nextOpen: '2026-11-27T01:00:00Z' } },
  });
  expect(await run(`${deploy('1.1.0', 'production')} --override-window`)).toMatchObject({ code: 2 });
  const forced = await run(`${deploy('1.1.0', 'production')} --override-window --reason outage`);
  expect(forced.code, forced.out).toBe(0);
  expect((await run('rollback web --environment production --confirm web')).code).toBe(0);
});

test('a deploy freeze of GitLab', async () => {
  const { run, clusters } = await world(night);
  const env = { CI_DEPLOY_FREEZE: 'true' };
  expect(await run(deploy('1.1.0', 'staging'), env)).toMatchObject({ code: 5, err: expect.stringContaining('CI_DEPLOY_FREEZE is set') });
  expect(clusters.staging.memory.calls.filter(({ writes }) => writes)).toEqual([]);
  expect((await run(`${deploy('1.1.0', 'staging')} --override-window --reason urgent`, env)).code).toBe(0);
  expect((await run('rollback web --environment staging --yes', env)).code).toBe(0);
});

test('a plan says what fits the change and how the windows stand, and imposes nothing', async () => {
  const { run } = await world(noon);
  const plan = (version: string, more = '') => run(`plan web --image r/web:${version} --environment production${more}`);
  expect((await plan('1.0.1')).out).toContain('suggestion: rolling, as planned: 1.0.0 → 1.0.1 is a patch');
  expect((await plan('2.0.0')).out).toContain(
    'suggestion: blue-green, since 1.0.0 → 2.0.0 is another major version; planned is rolling (--strategy blue-green changes that)',
  );
  expect((await plan('2.0.0')).out).toContain('windows: closed now: releases only during "night"; opens 2026-11-27T01:00:00Z (2026-11-27 02:00 Europe/Berlin)');
  expect(JSON.parse((await plan('2.0.0', ' --json')).out)).toMatchObject({
    suggestion: { strategy: 'blue-green' },
    windows: { state: 'closed', nextOpen: '2026-11-27T01:00:00Z' },
  });
});

test('a rollout that outlasts its window is warned of', async () => {
  const { run } = await world('2026-11-26T02:58:00Z');
  const { out } = await run('plan web --image r/web:1.0.1 --strategy blue-green --grace-period 600 --environment production');
  expect(out).toMatch(/windows: open until 2026-11-26T03:00:00Z, sooner than this rollout ends/);
});

test('while data corruption is suspected: 5 with the incident, which an override with a reason passes; a rollback is not asked', async () => {
  const { run } = await world(night);
  const opened = await run('incident open web --environment staging --kind data-corruption --reason ledger');
  const id = /\S+_I\w+/.exec(opened.out)?.[0] ?? 'no id';
  const refused = await run(deploy('1.1.0', 'staging'));
  expect(refused.code).toBe(5);
  expect(refused.out + refused.err).toContain(`incident ${id} (data-corruption) is open: ledger`);
  expect(await run(`${deploy('1.1.0', 'staging')} --override-incident`)).toMatchObject({
    code: 2,
    err: expect.stringContaining('--override-incident: got no reason'),
  });
  expect((await run(`${deploy('1.1.0', 'staging')} --override-incident --reason mends-it`)).code).toBe(0);
  expect((await run('rollback web --environment staging --yes')).code).toBe(0);
  expect((await run(`incident resolve ${id} --environment staging --reason mended`)).code).toBe(0);
  expect((await run(deploy('1.2.0', 'staging'))).code).toBe(0);
});
