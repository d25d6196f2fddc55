// A check that is tagged: what it finds on a cluster is an incident there, and nothing goes back by itself.
import { BlueGreen, Canary, RollingUpdate, Shepherd, type Strategy } from '@shepherd/core';
import { http, standard } from '@shepherd/core/checks';
import { listIncidents, resolveIncident } from '@shepherd/core/incidents';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { at, person } from './__fixtures__/person.js';
import { kubernetes } from './index.js';
import type { Deployment } from './objects.js';

vi.setConfig({ testTimeout: 60_000 });

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  for (const [version, status] of [
    ['1.0.0', 200],
    ['2.0.0', 500],
  ] as const)
    sandbox.image(`registry/web:${version}`, { handle: ({ path }) => (path === '/ledger' ? { status, body: 'entries: 41 of 43' } : undefined) });
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 4 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const checks = [...standard({ quiet: '0s' }), { ...http({ path: '/ledger' }), incident: 'data-corruption' as const }];

test.each<[string, Strategy, number]>([
  ['rolling', new RollingUpdate(), 0],
  ['blue-green', new BlueGreen({ soak: '20s' }), 4],
  ['canary', new Canary({ stages: [50, 100], interval: '20s', analysis: false }), 2],
])('%s: held with the old version as it was, no request lost; taken back by a person', async (_, strategy, old) => {
  await using shepherd = new Shepherd({ platform: kubernetes(sandbox.connection) });
  const load = sandbox.load('shop/web', { rate: 5 });
  const request = { app: 'shop/web', release: { image: 'registry/web:2.0.0', preStopSleep: '5s' as const }, strategy, checks, drain: '5s' as const };
  const rollout = shepherd.deploy(request);
  const began: string[] = [];
  rollout.on('rollback-start', ({ type }) => void began.push(type));
  await new Promise<void>((resolve) => void rollout.on('pause-start', () => resolve()));
  await sandbox.connection.clock.sleep(20 * 60_000);
  const [incident] = await listIncidents(shepherd, 'shop/web');
  expect(incident).toMatchObject({ kind: 'data-corruption', reason: expect.stringContaining('answered 500 to /ledger'), fired: [{ rule: 'E3' }] });
  expect((await rollout.state()).now).toMatchObject({ kind: 'waiting', on: 'pause', reason: expect.stringContaining(`${incident?.id}`) });
  expect(began).toEqual([]);
  const web = await person(sandbox).send<Deployment>('GET', at.deployment('web'));
  const image = web.spec.template.spec?.containers[0]?.image;
  expect([image, web.status?.readyReplicas]).toEqual(old === 0 ? ['registry/web:2.0.0', 4] : ['registry/web:1.0.0', old]);
  expect(await shepherd.deploy(request, { ifRunning: 'supersede' }).outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_PREFLIGHT' } });
  await rollout.abort({ reason: 'the migration was taken back' });
  expect(await rollout.outcome).toMatchObject({ kind: 'rolled-back', cause: { kind: 'abort' } });
  expect((await load.stop()).failed).toBe(0);
  await resolveIncident(shepherd, incident?.id ?? '', { reason: 'restored' });
  expect(await shepherd.deploy({ ...request, release: { image: 'registry/web:1.0.0' } }).outcome).toMatchObject({ kind: 'succeeded' });
});
