import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Shepherd } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { kubernetes } from '@shepherd/kube';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countWrites, image, installWeb, kubectl, type Lab, openLab, releaseOf, strategyNames, strategyOf } from '../../bench/src/lab/index.js';
import { expectClean, readApp } from './app-state.js';

// A user without rights; the cluster tool puts it beside the admin's.
const nobody = join(dirname(process.env['KUBECONFIG'] ?? ''), 'nobody.kubeconfig');
const readable = [
  'deployments.apps',
  'replicasets.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'pods',
  'pods/log',
  'services',
  'configmaps',
  'events',
  'resourcequotas',
  'endpointslices.discovery.k8s.io',
  'leases.coordination.k8s.io',
  'horizontalpodautoscalers.autoscaling',
  'poddisruptionbudgets.policy',
  'networkpolicies.networking.k8s.io',
];
const replicas = 2;
let lab: Lab;
let namespace: string;
beforeAll(async () => {
  lab = await openLab();
  namespace = await lab.namespace('refusals');
  await installWeb(lab, namespace, { replicas });
});
afterAll(async () => {
  await lab.drop(namespace);
  await lab[Symbol.asyncDispose]();
});

const versionsOf = async (): Promise<readonly string[]> => {
  const { deployments, services, pods, leases, configMaps } = await readApp(lab, namespace);
  return [...deployments, ...services, ...pods, ...leases, ...configMaps].map(({ metadata }) => `${metadata.name} ${metadata.generation ?? ''}`).toSorted();
};

test('plan, preflight, status and history write nothing', async () => {
  await using shepherd = new Shepherd({ platform: kubernetes({ namespace }) });
  const before = await versionsOf();
  const writes = countWrites(namespace);
  for (const name of strategyNames) {
    const request = { app: 'web', release: releaseOf('good'), strategy: strategyOf(name) };
    const plan = await shepherd.plan(request);
    expect(plan.changes).toBe(true);
    expect((await shepherd.preflight(request)).filter(({ level }) => level === 'error')).toEqual([]);
  }
  await shepherd.status('web');
  expect((await shepherd.history('web')).map(({ images }) => images)).toEqual([[image('1.0.0')]]);
  const counted = writes.stop();
  expect(Object.values(counted).reduce((sum, each) => sum + each, 0)).toBe(0);
  expect(await versionsOf()).toEqual(before);
});

test.skipIf(!existsSync(nobody))('a user without rights is refused before the first write, with what is missing', async () => {
  await using shepherd = new Shepherd({ platform: kubernetes({ namespace, kubeconfig: nobody }) });
  const before = await versionsOf();
  const { outcome } = shepherd.deploy({ app: 'web', release: releaseOf('good'), strategy: strategyOf('blue-green') });
  const ended = await outcome;
  assertOutcome(ended, 'failed-untouched');
  expect(ended.error).toMatchObject({
    code: 'ERR_FORBIDDEN',
    facts: { missing: expect.arrayContaining([expect.objectContaining({ resource: expect.any(String) })]) },
  });
  expect(await versionsOf()).toEqual(before);
});

test.skipIf(!existsSync(nobody))('a user who may only read is refused before the first write, with the writes that are missing', async () => {
  await kubectl(['-n', namespace, 'create', 'role', 'reader', '--verb=get,list,watch', `--resource=${readable.join()}`]);
  await kubectl(['-n', namespace, 'create', 'rolebinding', 'reader', '--role=reader', '--user=nobody']);
  await using shepherd = new Shepherd({ platform: kubernetes({ namespace, kubeconfig: nobody }) });
  const before = await versionsOf();
  const { outcome } = shepherd.deploy({ app: 'web', release: releaseOf('good'), strategy: strategyOf('rolling') });
  const ended = await outcome;
  assertOutcome(ended, 'failed-untouched');
  expect(ended.error).toMatchObject({
    code: 'ERR_FORBIDDEN',
    facts: { missing: expect.arrayContaining([{ verb: 'patch', resource: expect.stringContaining('deployments') }]) },
  });
  expect(await versionsOf()).toEqual(before);
});

test('a second rollout of the same app is refused by name, and the first one goes on', async () => {
  await using first = new Shepherd({ platform: kubernetes({ namespace }), actor: { name: 'first', kind: 'ci' } });
  await using second = new Shepherd({ platform: kubernetes({ namespace }), actor: { name: 'second', kind: 'ci' } });
  const running = first.deploy({ app: 'web', release: releaseOf('good'), strategy: strategyOf('blue-green', '30s'), drain: '1s' });
  await running.started;
  const refused = await second.deploy({ app: 'web', release: { image: image('3.0.0') }, strategy: strategyOf('rolling') }).outcome;
  assertOutcome(refused, 'failed-untouched');
  expect(refused.error).toMatchObject({ code: 'ERR_LOCK_HELD', facts: { rolloutId: running.id, holder: expect.stringContaining('first') } });
  // The second process sees the first one's rollout, and may ask it to go back.
  const seen = await second.get('web');
  expect(seen.id).toBe(running.id);
  await seen.abort({ reason: 'the test has seen enough' });
  const outcome = await running.outcome;
  assertOutcome(outcome, 'rolled-back');
  expect(outcome.cause).toMatchObject({ kind: 'abort', by: { name: 'second' }, reason: 'the test has seen enough' });
  await expectClean(lab, namespace, { image: image('1.0.0'), replicas });
});
