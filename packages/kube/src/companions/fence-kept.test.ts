// What going back puts back has one writer as well (RR PT-7).
import { formatOutcome, Shepherd, type Transport } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { at, type Person, person } from '../__fixtures__/person.js';
import { type KubeRelease, kubernetes } from '../index.js';
import { names } from '../names.js';
import type { ConfigObject } from './kept.js';

let sandbox: Sandbox;
let someone: Person;
const checks = standard({ quiet: '0s' });
const core = '/api/v1/namespaces/shop';
const open = (transport: Transport = sandbox.connection.transport): Shepherd<KubeRelease> =>
  new Shepherd({ platform: kubernetes({ ...sandbox.connection, transport, namespace: 'shop' }) });
const get = (path: string): Promise<ConfigObject> => someone.send<ConfigObject>('GET', `${core}/${path}`);

const objects = { configmaps: { old: 'blue', new: 'red' }, secrets: { old: 'b2xk', new: 'bmV3' } } as const;
type Plural = keyof typeof objects;
const plurals = Object.keys(objects) as Plural[];
const value = async (plural: Plural): Promise<string | undefined> => (await get(`${plural}/settings`)).data?.['color'];
const edit = (plural: Plural, to: 'old' | 'new') => someone.send('PATCH', `${core}/${plural}/settings`, { data: { color: objects[plural][to] } });

beforeEach(async () => {
  sandbox = await createSandbox();
  for (const version of ['1.0.0', '1.1.0', '1.2.0', '1.3.0']) sandbox.image(`r/web:${version}`);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 2 });
  someone = person(sandbox);
  for (const [plural, { old }] of Object.entries(objects)) {
    const kind = plural === 'secrets' ? 'Secret' : 'ConfigMap';
    await someone.send('POST', `${core}/${plural}`, { apiVersion: 'v1', kind, metadata: { name: 'settings' }, data: { color: old } });
  }
  const envFrom = [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'settings' } }];
  await someone.send('PATCH', at.deployment('web'), { spec: { template: { spec: { containers: [{ name: 'web', envFrom }] } } } });
  await sandbox.connection.clock.sleep(60_000);
});
afterEach(() => sandbox[Symbol.asyncDispose]());

async function deploy(shepherd: Shepherd<KubeRelease>, version: string): Promise<string> {
  const outcome = await shepherd.deploy({ app: 'web', release: { image: `r/web:${version}` }, checks }).outcome;
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  await sandbox.connection.clock.sleep(5_000);
  return outcome.to?.hash ?? '';
}

/** 1.1.0 with the old values; 1.2.0 and 1.3.0, which serves, with the new ones. */
async function threeRevisions(shepherd: Shepherd<KubeRelease>): Promise<readonly [first: string, second: string]> {
  const first = await deploy(shepherd, '1.1.0');
  for (const plural of plurals) await edit(plural, 'new');
  await sandbox.connection.clock.sleep(5_000);
  const second = await deploy(shepherd, '1.2.0');
  await deploy(shepherd, '1.3.0');
  return [first, second];
}

describe.each(plurals)('%s', (plural) => {
  test('a holder that was stopped right before it put one back lands nothing once another has the lock, though that one writes none', async () => {
    let release: () => void = () => undefined;
    let isHeld = false;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const answers: number[] = [];
    const stopping: Transport = async (request) => {
      if (
        request.method !== 'PATCH' ||
        !request.url.includes(`/${plural}/settings`) ||
        (!request.url.includes('fieldManager=shepherd&') && !request.url.endsWith('fieldManager=shepherd'))
      )
        return sandbox.connection.transport(request);
      // What left the process reaches the server, whatever the process thinks of it by then.
      const sent = new Request(request.url, { method: 'PATCH', headers: request.headers, body: await request.text() });
      isHeld = true;
      await gate;
      const answer = await sandbox.connection.transport(sent);
      answers.push(answer.status);
      return answer;
    };
    await using first = open(stopping);
    await using second = open();
    const [oldest, before] = await threeRevisions(second);
    const rollout = first.rollback({ app: 'web', to: oldest, checks });
    while (!isHeld) await sandbox.connection.clock.sleep(100);
    expect(await value(plural)).toBe(objects[plural].new);

    expect(await second.breakLock(rollout.id)).toBe(true);
    // Its revision runs with what is there, so that nothing of it is put back.
    const outcome = await second.rollback({ app: 'web', to: before, checks }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    release();
    expect((await rollout.outcome).kind).toBe('lock-lost');
    // A JSON Patch whose test of the version fails.
    expect(answers[0]).toBe(422);
    expect(await value(plural)).toBe(objects[plural].new);
  });

  test('what every revision ran with alike is left alone; a fence is no edit', async () => {
    await using shepherd = open();
    await deploy(shepherd, '1.1.0');
    await deploy(shepherd, '1.2.0');
    expect((await get(`${plural}/settings`)).metadata.annotations?.[names.fence]).toBeUndefined();
    await edit(plural, 'new');
    await sandbox.connection.clock.sleep(5_000);
    await deploy(shepherd, '1.3.0');
    // Fenced by this one, since 1.2.0 ran with something else.
    await deploy(shepherd, '1.0.0');
    expect((await get(`${plural}/settings`)).metadata.annotations?.[names.fence]).toMatch(/^\d+$/);
    const back = await shepherd.rollback({ app: 'web', checks }).outcome;
    expect(back.kind, formatOutcome(back)).toBe('succeeded');
    expect(await value(plural)).toBe(objects[plural].new);
    const plan = await shepherd.plan({ app: 'web' });
    expect(plan.warnings.filter(({ id }) => id === 'config-not-kept')).toEqual([]);
  });
});
