import { Shepherd } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { assertOutcome } from '@shepherd/core/testing';
import { kubernetes, rolesFor } from '@shepherd/kube';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { image, installWeb, kubectl, type Lab, openLab, releaseOf, strategyNames, strategyOf } from '../../bench/src/lab/index.js';
import { expectClean, readApp } from './app-state.js';

interface Role {
  readonly kind: string;
  readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

const replicas = 2;
const checks = standard({ quiet: '0s' });
let lab: Lab;
let namespace: string;
let server: { readonly server: string; readonly [field: string]: unknown };
beforeAll(async () => {
  lab = await openLab();
  namespace = await lab.namespace('rbac');
  await installWeb(lab, namespace, { replicas });
  const config = JSON.parse(await kubectl(['config', 'view', '--raw', '--minify', '-o', 'json'])) as { clusters: { cluster: typeof server }[] };
  server = config.clusters[0]?.cluster as typeof server;
});
afterAll(async () => {
  await lab.drop(namespace);
  await lab[Symbol.asyncDispose]();
});

const apply = (objects: readonly object[]): Promise<string> =>
  kubectl(['-n', namespace, 'apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });

/** A service account with these rights alone, as a user of its own. */
async function account(name: string, purpose: (typeof strategyNames)[number], change: (role: Role) => Role = (role) => role): Promise<Shepherd<never>> {
  const [role, binding] = rolesFor({ purposes: [purpose], namespace, name, subject: { kind: 'ServiceAccount', name } });
  await apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }, change(role as Role), binding as object]);
  const token = (await kubectl(['-n', namespace, 'create', 'token', name])).trim();
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace } }],
    clusters: [{ name: 'c', cluster: server }],
    users: [{ name: 'u', user: { token } }],
  });
  return new Shepherd({ platform: kubernetes({ namespace, kubeconfig }) }) as unknown as Shepherd<never>;
}

test.each(strategyNames)('%s: a service account with exactly the Role that is printed releases, and takes a bad release back', async (name) => {
  await using shepherd = (await account(`deployer-${name}`, name)) as unknown as Shepherd<{ image: string }>;
  const before = (await readApp(lab, namespace)).deployments[0]?.['spec'].template.spec.containers[0].image as string;
  const next = before === image('2.0.0') ? image('1.1.0') : image('2.0.0');
  const good = await shepherd.deploy({ app: 'web', release: { image: next }, strategy: strategyOf(name), checks, drain: '1s' }).outcome;
  assertOutcome(good, 'succeeded');
  const bad = await shepherd.deploy({ app: 'web', release: { image: image('9.9.9') }, strategy: strategyOf(name), checks, drain: '1s' }).outcome;
  assertOutcome(bad, 'rolled-back');
  await expectClean(lab, namespace, { image: next, replicas });
});

test('each verb that is taken from the Role of blue/green is named by preflight, and nothing is written', async () => {
  const whole = rolesFor({ purposes: ['blue-green'], namespace })[0] as unknown as Role;
  const verbs = whole.rules.flatMap(({ apiGroups: [group = ''], resources: [resource = ''], verbs: all }) => all.map((verb) => ({ group, resource, verb })));
  const admin = new Shepherd({ platform: kubernetes({ namespace }) });
  const versions = async () => JSON.stringify((await readApp(lab, namespace)).deployments.map(({ metadata }) => metadata.resourceVersion));
  const before = await versions();
  const missed: string[] = [];
  for (const [index, { group, resource, verb }] of verbs.entries()) {
    const without = (role: Role): Role => ({
      ...role,
      rules: role.rules
        .map((rule) => (rule.apiGroups[0] === group && rule.resources[0] === resource ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) } : rule))
        .filter((rule) => rule.verbs.length > 0),
    });
    await using shepherd = (await account(`less-${index}`, 'blue-green', without)) as unknown as Shepherd<{ image: string }>;
    const found = await shepherd.preflight({ app: 'web', release: { image: image('3.0.0') }, strategy: strategyOf('blue-green'), checks });
    const name = group === '' ? resource : `${resource}.${group}`;
    const rights = found.filter(({ id, level }) => id === 'rights' && level === 'error').map(({ message }) => message);
    if (JSON.stringify(rights) !== JSON.stringify([`not allowed to ${verb} ${name}`])) missed.push(`${verb} ${name}: ${rights.join(', ')}`);
  }
  expect(missed).toEqual([]);
  expect(await versions()).toBe(before);
  const admins = await admin.preflight({ app: 'web', release: releaseOf('good'), strategy: strategyOf('blue-green'), checks });
  expect(admins.filter(({ level }) => level === 'error')).toEqual([]);
  expect(admins.find(({ id }) => id === 'server')?.message).toMatch(/^Kubernetes v1\.\d+/);
  await admin.close();
}, 240_000);
