// Journal and Lease that somebody else wrote, edited or broke: refused by name, nothing written, nothing lost.
import { existsSync } from 'node:fs';
import { Canary, exitCodeOf, Shepherd } from '@shepherd/core';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type KubeRelease, kubernetes } from '../index.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  for (const version of ['1.2.0', '1.3.0', '1.4.0']) sandbox.image(`registry/web:${version}`);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.2.0', replicas: 2 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const journal = '/api/v1/namespaces/shop/configmaps/shepherd-web';
const lease = '/apis/coordination.k8s.io/v1/namespaces/shop/leases/shepherd-web';
const shepherd = (): Shepherd<KubeRelease> => new Shepherd<KubeRelease>({ platform: kubernetes(sandbox.connection) });
const deploy = (by: Shepherd<KubeRelease>, version: string) =>
  by.deploy({ app: 'shop/web', release: { image: `registry/web:${version}` }, strategy: new Canary({ stages: [50, 100], interval: '30s', analysis: false }) });

async function send(method: string, path: string, body?: object): Promise<{ data: { record: string } }> {
  const token = /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1] ?? '';
  const headers = { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json', authorization: `Bearer ${token}` };
  const response = await sandbox.connection.transport(
    new Request(`http://sandbox.invalid${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
  );
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as { data: { record: string } };
}
const stored = async (): Promise<string> => (await send('GET', journal)).data.record;
const edit = (change: (text: string) => string) => async (): Promise<void> => {
  await send('PATCH', journal, { data: { record: change(await stored()) } });
};
const inside = (change: (record: { schema: number; current: Record<string, never> & { plan: { steps: { step: { kind: string } }[] } } }) => void) =>
  edit((text) => {
    const record = JSON.parse(text);
    change(record);
    return JSON.stringify(record);
  });

describe('a journal', () => {
  test.each<readonly [string, () => Promise<void>, string]>([
    ['of a newer Shepherd', inside((record) => void (record.schema = 99)), 'schema version 99'],
    ['cut off', edit((text) => text.slice(0, text.length / 2)), 'no JSON'],
    ['emptied', edit(() => ''), 'no JSON'],
    ['of somebody else', edit(() => '[1, 2, 3]'), 'no object'],
    ['with a step that is a text', inside(({ current }) => void Object.assign(current, { step: 'three' })), 'current.step is "three"'],
    [
      'with a step of another kind deep inside',
      inside(({ current }) => void ((current.plan.steps[0] as { step: { kind: string } }).step.kind = 'teleport')),
      'teleport',
    ],
    ['without its events', inside(({ current }) => void Object.assign(current, { events: null })), 'current.events'],
    ['with a phase that is none', inside(({ current }) => void Object.assign(current, { phase: 'done' })), 'current.phase'],
  ])('%s: typed, with a page and a way out, and nothing is written', async (_name, spoil, says) => {
    const first = shepherd();
    const running = deploy(first, '1.3.0');
    await running.started;
    await first.close();
    await spoil();
    const text = await stored();
    const before = sandbox.writes;
    await using second = shepherd();
    const outcome = await deploy(second, '1.4.0').outcome;
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_JOURNAL', message: expect.stringContaining(says) } });
    if (outcome.kind !== 'failed-untouched') return;
    expect(outcome.error.remedy.length).toBeGreaterThan(10);
    expect(exitCodeOf(outcome)).toBe(5);
    expect(existsSync(new URL(`../../../../docs/reference/errors/${outcome.error.code}.md`, import.meta.url))).toBe(true);
    for (const ask of [() => second.status('shop/web'), () => second.get(running.id), () => second.get('shop/web')])
      await expect(ask()).rejects.toMatchObject({ code: 'ERR_JOURNAL' });
    expect(sandbox.writes).toBe(before);
    expect(await stored()).toBe(text);
  });

  test('repaired, it goes on from where it was', async () => {
    const first = shepherd();
    const running = deploy(first, '1.3.0');
    await running.started;
    await first.close();
    const good = await stored();
    await edit((text) => text.slice(0, 100))();
    await using second = shepherd();
    await expect(second.get(running.id)).rejects.toMatchObject({ code: 'ERR_JOURNAL' });
    await edit(() => good)();
    const rollout = await second.get(running.id);
    await rollout.resume();
    expect((await rollout.outcome).kind).toBe('succeeded');
  });

  test.each<readonly [string, KubeRelease, string, string]>([
    ['would be too large', { image: 'registry/web:1.3.0', patch: { metadata: { annotations: { notes: 'x'.repeat(200_000) } } } }, 'ERR_JOURNAL', 'too large'],
    ['would hold a credential', { image: 'registry/web:1.3.0', env: { KEY: ['AKIA', 'ABCDEFGHIJKLMNOP'].join('') } }, 'ERR_INVALID_OPTIONS', 'release.env.KEY'],
    ['would hold a password', { image: 'registry/web:1.3.0', env: { DB: 'postgres://shop:hunter2@db/shop' } }, 'ERR_INVALID_OPTIONS', 'release.env.DB'],
  ])('that %s', async (_name, release, code, says) => {
    const before = sandbox.writes;
    await using by = shepherd();
    const outcome = await by.deploy({ app: 'shop/web', release }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code, message: expect.stringContaining(says) } });
    expect(JSON.stringify(outcome)).not.toMatch(/hunter2|ABCDEFGHIJKLMNOP/);
    expect(sandbox.writes).toBe(before);
  });

  test('a secret by its name alone is a warning of the plan', async () => {
    await using by = shepherd();
    const { warnings } = await by.plan({ app: 'shop/web', release: { env: { DB_PASSWORD: 'x', MODE: 'y' } } });
    expect(warnings.filter(({ id }) => id === 'secret-env').map(({ message }) => message)).toEqual([expect.stringContaining('DB_PASSWORD')]);
  });
});

describe('a Lease', () => {
  const body = (spec: object): object => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'shepherd-web', namespace: 'shop', annotations: { 'shepherd.dev/rollout-id': 'kubernetes_shop_web_x' } },
    spec,
  });
  const now = (): string => sandbox.connection.clock.now().toISOString().replace('Z', '000Z');

  test('that is held by another is refused by name', async () => {
    await send(
      'POST',
      lease.replace('/shepherd-web', ''),
      body({ holderIdentity: 'ann#1', leaseDurationSeconds: 15, acquireTime: now(), renewTime: now(), leaseTransitions: 3 }),
    );
    await using by = shepherd();
    const before = sandbox.writes;
    const outcome = await deploy(by, '1.3.0').outcome;
    expect(outcome).toMatchObject({
      kind: 'failed-untouched',
      error: { code: 'ERR_LOCK_HELD', facts: { rolloutId: 'kubernetes_shop_web_x', holder: 'ann#1' } },
    });
    expect(sandbox.writes).toBe(before);
    await expect(by.breakLock('kubernetes_shop_web_y')).rejects.toMatchObject({ code: 'ERR_LOCK_HELD' });
    await expect(by.breakLock('web')).rejects.toMatchObject({ code: 'ERR_ROLLOUT_NOT_FOUND' });
    expect(await by.breakLock('kubernetes_shop_web_x')).toBe(true);
    expect(await by.lock('shop/web')).toBeUndefined();
  });

  test.each<readonly [string, object]>([
    ['without times', { holderIdentity: 'ann#1' }],
    ['renewed in the future', { holderIdentity: 'ann#1', leaseDurationSeconds: 15, renewTime: '2099-01-01T00:00:00.000000Z', leaseTransitions: 3 }],
    ['with nothing in it', {}],
  ])('%s and nobody behind it holds nobody up for longer than its length', async (_name, spec) => {
    await send('POST', lease.replace('/shepherd-web', ''), body(spec));
    const cameMs = sandbox.elapsedMs;
    await using by = shepherd();
    const rollout = deploy(by, '1.3.0');
    await rollout.started;
    expect(sandbox.elapsedMs - cameMs).toBeLessThanOrEqual(18_000);
    expect((await rollout.outcome).kind).toBe('succeeded');
  });

  test('that is deleted meanwhile: its holder leaves by lock-lost and writes nothing more', async () => {
    const first = shepherd();
    const running = deploy(first, '1.3.0');
    await running.started;
    await send('DELETE', lease);
    const outcome = await running.outcome;
    expect(outcome).toMatchObject({ kind: 'lock-lost', final: false });
    const writes = sandbox.writes;
    await sandbox.connection.clock.sleep(60_000);
    expect(sandbox.writes).toBe(writes);
    await using second = shepherd();
    const rollout = await second.get(running.id);
    await rollout.abort();
    expect((await rollout.outcome).kind).toBe('rolled-back');
    await first.close();
  });

  test('of two rollouts that start in the same millisecond one runs, the other is refused by its name', async () => {
    await using one = shepherd();
    await using two = shepherd();
    const rollouts = [deploy(one, '1.3.0'), deploy(two, '1.4.0')];
    const outcomes = await Promise.all(rollouts.map((each) => each.outcome));
    const winner = outcomes.findIndex(({ kind }) => kind === 'succeeded');
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['failed-untouched', 'succeeded']);
    const loser = outcomes[1 - winner];
    expect(loser).toMatchObject({ error: { code: 'ERR_LOCK_HELD', facts: { rolloutId: rollouts[winner]?.id } } });
  });
});
