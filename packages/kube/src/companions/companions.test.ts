// What a revision runs with beside its template goes back with it (RR RB-2), on the sandbox.
import { formatOutcome, formatPlan, type Outcome, Shepherd } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { at, type Person, person } from '../__fixtures__/person.js';
import { kubernetes } from '../index.js';
import { names } from '../names.js';
import type { Hpa, ReplicaSet } from '../objects.js';
import type { ConfigObject } from './kept.js';

let sandbox: Sandbox;
let somebody: Person;
let shepherd: Shepherd<{ readonly image: string }>;

const core = '/api/v1/namespaces/shop';
const checks = standard({ quiet: '0s' });
const secret = 'c2VjcmV0LW9uZQ==';

async function everything(): Promise<string> {
  const lists = await Promise.all(
    [`${core}/configmaps`, `/apis/apps/v1/namespaces/shop/replicasets`, at.deployment('web')].map((path) => somebody.send<unknown>('GET', path)),
  );
  return JSON.stringify(lists);
}
const list = async <T>(path: string): Promise<readonly T[]> => (await somebody.send<{ readonly items: readonly T[] }>('GET', path)).items;
const config = async (name = 'settings'): Promise<unknown> => (await somebody.send<ConfigObject>('GET', `${core}/configmaps/${name}`)).data;
const copies = async (kind: string): Promise<readonly ConfigObject[]> =>
  (await list<ConfigObject>(`${core}/${kind}`)).filter(({ metadata }) => metadata.labels?.[names.keptFor] !== undefined);
/** A merge patch of the data. */
const edit = (color: string): Promise<unknown> => somebody.send('PATCH', `${core}/configmaps/settings`, { data: { color } });
const deploy = async (version: string): Promise<Outcome> => {
  const outcome = await shepherd.deploy({ app: 'shop/web', release: { image: `registry/web:${version}` }, checks }).outcome;
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  return outcome;
};

beforeEach(async () => {
  sandbox = await createSandbox();
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) sandbox.image(`registry/web:${version}`);
  somebody = person(sandbox);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 2 });
  await somebody.send('POST', `${core}/configmaps`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { color: 'blue' } });
  await somebody.send('POST', `${core}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, data: { key: secret } });
  const env = [
    { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } },
    { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'key' } } },
  ];
  await somebody.send('PATCH', at.deployment('web'), { spec: { template: { spec: { containers: [{ name: 'web', env }] } } } });
  await sandbox.connection.clock.sleep(60_000);
  shepherd = new Shepherd({ platform: kubernetes(sandbox.connection), defaults: { checks } });
});
afterEach(async () => {
  await shepherd.close();
  await sandbox[Symbol.asyncDispose]();
});

describe('config', () => {
  test('that changed with a release goes back with the template, kept by name and hash in immutable copies that the revision owns', async () => {
    await deploy('1.1.0');
    await edit('red');
    await sandbox.connection.clock.sleep(5_000);
    await deploy('1.2.0');
    expect((await copies('configmaps')).map(({ data, immutable, metadata }) => [data, immutable, metadata.ownerReferences?.[0]?.kind])).toEqual(
      [
        [{ color: 'blue' }, true, 'ReplicaSet'],
        [{ color: 'red' }, true, 'ReplicaSet'],
      ].toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    );
    expect((await copies('secrets')).map(({ data }) => data)).toEqual([{ key: secret }]);
    const plan = await shepherd.plan({ app: 'shop/web' });
    expect(formatPlan(plan)).toMatch(/ConfigMap settings goes back to what this revision ran with \([0-9a-f]{10}\)/);
    const outcome = await shepherd.rollback({ app: 'shop/web' }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(await config()).toEqual({ color: 'blue' });
    const history = await shepherd.history('shop/web');
    expect(history[0]).toMatchObject({ images: ['registry/web:1.1.0'], config: [{ object: 'ConfigMap settings' }, { object: 'Secret keys' }] });
    // By name and hash; no value anywhere (DESIGN law 6).
    const said = `${await everything()}${JSON.stringify([plan, outcome, history])}`;
    expect([said.includes(secret), said.includes('secret-one')]).toEqual([false, false]);
  });

  test('that a person changed while a revision served, and whose pods started anew since, is that revision’s', async () => {
    await deploy('1.1.0');
    await edit('green');
    await somebody.send('PATCH', at.deployment('web'), { spec: { replicas: 0 } });
    await sandbox.connection.clock.sleep(120_000);
    await somebody.send('PATCH', at.deployment('web'), { spec: { replicas: 2 } });
    await sandbox.connection.clock.sleep(60_000);
    await deploy('1.2.0');
    await edit('red');
    await shepherd.rollback({ app: 'shop/web' }).outcome;
    expect(await config()).toEqual({ color: 'green' });
  });

  test('of a rollback that breaks off before it has written the template is what it was', async () => {
    await deploy('1.1.0');
    await edit('red');
    await sandbox.connection.clock.sleep(5_000);
    await deploy('1.2.0');
    const [, before] = await shepherd.history('shop/web');
    const rollout = shepherd.rollback({ app: 'shop/web', to: before?.hash ?? '' });
    const seen: unknown[] = [];
    rollout.on('step-start', ({ step }) => {
      if (step.kind !== 'restore' || seen.length > 0) return;
      const takeBack = sandbox.fault({ verb: 'PATCH', path: /\/deployments\/web(\?|$)/ }, { status: 403 });
      rollout.on('rollback-start', () => {
        takeBack();
        seen.push((sandbox.objects.get('configmaps', 'shop', 'settings') as unknown as ConfigObject).data);
      });
    });
    const outcome = await rollout.outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
    expect([seen, await config()]).toEqual([[{ color: 'blue' }], { color: 'red' }]);
  });

  test('that was deleted is made again', async () => {
    await deploy('1.1.0');
    await deploy('1.2.0');
    await somebody.send('DELETE', `${core}/configmaps/settings`);
    await somebody.send('DELETE', `${core}/secrets/keys`);
    const outcome = await shepherd.rollback({ app: 'shop/web' }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(await config()).toEqual({ color: 'blue' });
    expect((await somebody.send<ConfigObject>('GET', `${core}/secrets/keys`)).data).toEqual({ key: secret });
  });

  test('without a copy, of a revision whose ConfigMap is gone: a typed error, and nothing is written', async () => {
    await deploy('1.1.0');
    await deploy('1.2.0');
    await somebody.send('DELETE', `${core}/configmaps/settings`);
    for (const { metadata } of await copies('configmaps')) await somebody.send('DELETE', `${core}/configmaps/${metadata.name}`);
    const [, before] = await shepherd.history('shop/web');
    const { writes } = sandbox;
    const outcome = await shepherd.rollback({ app: 'shop/web', to: before?.hash ?? '' }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_REVISION_INCOMPLETE', facts: { missing: ['ConfigMap settings'] } } });
    expect(sandbox.writes).toBe(writes);
    // One that names none passes over it, to the pods that needed no config.
    expect(formatPlan(await shepherd.plan({ app: 'shop/web' }))).toContain(`revision ${before?.hash} is passed over: ConfigMap settings is gone`);
    expect(await shepherd.rollback({ app: 'shop/web' }).outcome).toMatchObject({ kind: 'succeeded', to: { images: ['registry/web:1.0.0'] } });
  });

  test('that was not kept is said, not guessed', async () => {
    await somebody.setImage('web', 'registry/web:1.1.0');
    await sandbox.connection.clock.sleep(60_000);
    const { warnings } = await shepherd.plan({ app: 'shop/web' });
    expect(warnings.map(({ id, object }) => [id, object])).toEqual([
      ['config-not-kept', 'ConfigMap settings'],
      ['config-not-kept', 'Secret keys'],
    ]);
  });

  test('that was changed before anything of it was kept is not taken for what the pods run with', async () => {
    await sandbox.connection.clock.sleep(5_000);
    await edit('red');
    await sandbox.connection.clock.sleep(5_000);
    await deploy('1.1.0');
    const plan = await shepherd.plan({ app: 'shop/web' });
    expect(plan.warnings.map(({ id, object }) => [id, object])).toEqual([['config-not-kept', 'ConfigMap settings']]);
    expect((await shepherd.rollback({ app: 'shop/web' }).outcome).kind).toBe('succeeded');
    expect(await config()).toEqual({ color: 'red' });
  });

  test('copies go with the last revision that owns them', async () => {
    await somebody.send('PATCH', at.deployment('web'), { spec: { revisionHistoryLimit: 1 } });
    for (const [version, color] of [
      ['1.1.0', 'red'],
      ['1.2.0', 'black'],
      ['1.0.0', 'black'],
    ] as const) {
      await deploy(version);
      await edit(color);
      await sandbox.connection.clock.sleep(5_000);
    }
    await sandbox.connection.clock.sleep(60_000);
    expect((await copies('configmaps')).map(({ data }) => data?.['color']).toSorted()).toEqual(['black', 'red']);
  });

  test('that may not be read stops no rollback, and is said', async () => {
    await deploy('1.1.0');
    sandbox.fault({ path: /\/secrets\// }, { status: 403 });
    await deploy('1.2.0');
    expect((await shepherd.plan({ app: 'shop/web' })).warnings).toMatchObject([{ id: 'config-not-kept', object: 'Secret keys' }]);
    const outcome = await shepherd.rollback({ app: 'shop/web' }).outcome;
    expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'succeeded', to: { images: ['registry/web:1.1.0'] } });
  });

  test('that may not be kept stops no release', async () => {
    sandbox.fault({ verb: 'POST', path: /\/secrets(?:\?|$)/ }, { status: 403 });
    await deploy('1.1.0');
    const [now] = await shepherd.history('shop/web');
    expect(now?.config).toEqual([{ object: 'ConfigMap settings', hash: expect.stringMatching(/^[0-9a-f]{10}$/) }]);
  });
});

test('bounds of the autoscaler go back, never below what runs; a Service’s ports too', async () => {
  await somebody.autoscale({ min: 2, max: 4 });
  await deploy('1.1.0');
  const [hpa] = await list<Hpa>(at.hpas);
  const port = { name: 'http', port: 80, targetPort: 'http' };
  const before = (await somebody.send<{ spec: { ports: object[] } }>('GET', at.service('web'))).spec.ports;
  await somebody.send('PATCH', `${at.hpas}/${hpa?.metadata.name}`, { spec: { minReplicas: 1, maxReplicas: 3 } });
  await somebody.send('PATCH', at.service('web'), { spec: { ports: [{ ...port, ...before[0], appProtocol: 'http' }] } });
  await sandbox.connection.clock.sleep(5_000);
  await deploy('1.2.0');
  const outcome = await shepherd.rollback({ app: 'shop/web' }).outcome;
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  expect((await list<Hpa>(at.hpas))[0]?.spec).toMatchObject({ minReplicas: 2, maxReplicas: 4 });
  expect((await somebody.send<{ spec: { ports: object[] } }>('GET', at.service('web'))).spec.ports).toEqual(before);
});

test('revisions have numbers, who and why; a number names one, and the reason stands where kubectl looks', async () => {
  await deploy('1.1.0');
  await deploy('1.2.0');
  const reason = `error spike; $(reboot) 'x' "y" \`z\``;
  const number = (await shepherd.history('shop/web'))[1]?.number;
  const outcome = await shepherd.rollback({ app: 'shop/web', to: `#${number}`, reason }, { by: { name: 'ada', kind: 'human' } }).outcome;
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  const [first] = await shepherd.history('shop/web');
  expect(first).toMatchObject({ images: ['registry/web:1.1.0'], by: 'ada', reason, verified: true });
  const sets = await list<ReplicaSet>('/apis/apps/v1/namespaces/shop/replicasets');
  expect(sets.map(({ metadata }) => metadata.annotations?.['kubernetes.io/change-cause'])).toContain(
    `shepherd rollback web:1.2.0 → web:1.1.0 by ada rollout=${outcome.rolloutId} ${reason}`,
  );
});

test('a revision that was pruned is no revision any more', async () => {
  await deploy('1.1.0');
  const gone = (await shepherd.history('shop/web'))[0]?.hash ?? '';
  await somebody.send('PATCH', at.deployment('web'), { spec: { revisionHistoryLimit: 1 } });
  await deploy('1.2.0');
  await deploy('1.0.0');
  await sandbox.connection.clock.sleep(60_000);
  const { writes } = sandbox;
  const outcome = await shepherd.rollback({ app: 'shop/web', to: gone }).outcome;
  expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_REVISION_NOT_FOUND' } });
  expect(sandbox.writes).toBe(writes);
});
