import { Shepherd } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { assertOutcome } from '@shepherd/core/testing';
import { kubernetes } from '@shepherd/kube';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { image, installWeb, type Lab, openLab, releaseOf, strategyNames, strategyOf } from '../../bench/src/lab/index.js';
import { expectClean, readApp } from './app-state.js';
import { makeAccount, roleOf, textOf, verbsOf, without } from './rbac-account.js';

const replicas = 2;
const checks = standard({ quiet: '0s' });
let lab: Lab;
let namespace: string;
beforeAll(async () => {
  lab = await openLab();
  namespace = await lab.namespace('rbac');
  await installWeb(lab, namespace, { replicas });
});
afterAll(async () => {
  await lab.drop(namespace);
  await lab[Symbol.asyncDispose]();
});

test.each(strategyNames)('%s: a service account with exactly the Role that is printed releases, and takes a bad release back', async (name) => {
  await using account = await makeAccount(namespace, `deployer-${name}`, [name]);
  const { shepherd } = account;
  const before = (await readApp(lab, namespace)).deployments[0]?.['spec'].template.spec.containers[0].image as string;
  const next = before === image('2.0.0') ? image('1.1.0') : image('2.0.0');
  const good = await shepherd.deploy({ app: 'web', release: { image: next }, strategy: strategyOf(name), checks, drain: '1s' }).outcome;
  assertOutcome(good, 'succeeded');
  const bad = await shepherd.deploy({ app: 'web', release: { image: image('9.9.9') }, strategy: strategyOf(name), checks, drain: '1s' }).outcome;
  assertOutcome(bad, 'rolled-back');
  await expectClean(lab, namespace, { image: next, replicas });
});

test('each verb that is taken from the Role of blue/green is named by preflight, and nothing is written', async () => {
  const verbs = verbsOf(roleOf(['blue-green'], namespace));
  const admin = new Shepherd({ platform: kubernetes({ namespace }) });
  const versions = async () => JSON.stringify((await readApp(lab, namespace)).deployments.map(({ metadata }) => metadata.resourceVersion));
  const before = await versions();
  const missed: string[] = [];
  for (const [index, verb] of verbs.entries()) {
    await using account = await makeAccount(namespace, `less-${index}`, ['blue-green'], without(verb));
    const { shepherd } = account;
    const found = await shepherd.preflight({ app: 'web', release: { image: image('3.0.0') }, strategy: strategyOf('blue-green'), checks });
    const rights = found.filter(({ id, level }) => id === 'rights' && level === 'error').map(({ message }) => message);
    if (JSON.stringify(rights) !== JSON.stringify([`not allowed to ${textOf(verb)}`])) missed.push(`${textOf(verb)}: ${rights.join(', ')}`);
  }
  expect(missed).toEqual([]);
  expect(await versions()).toBe(before);
  const admins = await admin.preflight({ app: 'web', release: releaseOf('good'), strategy: strategyOf('blue-green'), checks });
  expect(admins.filter(({ level }) => level === 'error')).toEqual([]);
  expect(admins.find(({ id }) => id === 'server')?.message).toMatch(/^Kubernetes v1\.\d+/);
  await admin.close();
}, 240_000);
