// Commands beside a release with exactly the Role that is printed for them: a migration, restart of one pod, Secrets that go back, diagnose.
import { formatOutcome, type Outcome } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { diagnose } from '@shepherd/core/diagnosis';
import { remedy } from '@shepherd/core/remedies';
import { assertOutcome } from '@shepherd/core/testing';
import type { RbacPurpose } from '@shepherd/kube';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { image, installWeb, kubectl, type Lab, openLab } from '../../bench/src/lab/index.js';
import { readApp } from './app-state.js';
import { type Account, makeAccount, type RoleVerb, roleOf, textOf, verbsOf, without } from './rbac-account.js';

const replicas = 2;
const checks = standard({ quiet: '0s' });
let lab: Lab;
let namespace: string;
beforeAll(async () => {
  lab = await openLab();
  namespace = await lab.namespace('rbac-commands');
  await installWeb(lab, namespace, { replicas });
});
afterAll(async () => {
  await lab.drop(namespace);
  await lab[Symbol.asyncDispose]();
});

/** What these purposes add to the Role of another one. */
function own(purposes: readonly RbacPurpose[], base: RbacPurpose): readonly RoleVerb[] {
  const known = new Set(verbsOf(roleOf([base], namespace)).map(textOf));
  return verbsOf(roleOf(purposes, namespace)).filter((verb) => !known.has(textOf(verb)));
}
const why = (outcome: Outcome): string => (outcome.kind === 'failed-untouched' ? outcome.error.message : formatOutcome(outcome));
const versions = async (): Promise<string> => {
  const { deployments, services, pods } = await readApp(lab, namespace);
  return JSON.stringify([...deployments, ...services, ...pods].map(({ metadata }) => [metadata.name, metadata['generation'], metadata.deletionTimestamp]));
};
const settled = (): Promise<string> => kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=120s']);

test('a migration', async () => {
  const request = ({ platform }: Account, version: string) => ({
    app: 'web',
    release: { image: image(version) },
    checks,
    hooks: {
      beforeApply: [
        platform.job({
          manifest: {
            apiVersion: 'batch/v1',
            kind: 'Job',
            metadata: { name: 'migrate' },
            spec: {
              template: {
                spec: { containers: [{ name: 'migrate', image: 'shepherd.test/node:20', imagePullPolicy: 'IfNotPresent', command: ['node', '-e', '0'] }] },
              },
            },
          },
        }),
      ],
    },
  });
  const before = await versions();
  for (const [index, verb] of own(['rolling', 'job'], 'rolling').entries()) {
    await using less = await makeAccount(namespace, `job-${index}`, ['rolling', 'job'], without(verb));
    const found = await less.shepherd.preflight(request(less, '1.1.0'));
    expect(found.filter(({ id }) => id === 'rights').map(({ message }) => message)).toEqual([`not allowed to ${textOf(verb)}`]);
    expect(why(await less.shepherd.deploy(request(less, '1.1.0')).outcome)).toContain(`not allowed to ${textOf(verb)}`);
  }
  expect(await versions()).toBe(before);
  await using migrator = await makeAccount(namespace, 'migrator', ['rolling', 'job']);
  assertOutcome(await migrator.shepherd.deploy(request(migrator, '1.1.0')).outcome, 'succeeded');
  const jobs = await lab.read<{ readonly items: readonly { readonly status?: { readonly succeeded?: number } }[] }>(
    `/apis/batch/v1/namespaces/${namespace}/jobs`,
  );
  expect(jobs.items.map(({ status }) => status?.succeeded)).toEqual([1]);
}, 120_000);

test('restart of one pod', async () => {
  await settled();
  const pods = async (): Promise<readonly string[]> =>
    (await readApp(lab, namespace)).pods.flatMap(({ metadata }) =>
      metadata.deletionTimestamp === undefined && metadata.name.startsWith('web-') ? [metadata.name] : [],
    );
  const [pod = ''] = await pods();
  for (const [index, verb] of own(['restart', 'evict'], 'restart').entries()) {
    await using less = await makeAccount(namespace, `evict-${index}`, ['restart', 'evict'], without(verb));
    expect(why(await remedy(less.shepherd, { kind: 'restart', app: 'web', pod, checks }).outcome)).toContain(textOf(verb));
    expect(await pods()).toContain(pod);
  }
  await using medic = await makeAccount(namespace, 'medic', ['restart', 'evict']);
  assertOutcome(await remedy(medic.shepherd, { kind: 'restart', app: 'web', pod, checks }).outcome, 'succeeded');
  expect(await pods()).not.toContain(pod);
}, 120_000);

test('Secrets that go back with a revision', async () => {
  const secret = (word: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, data: { KEY: Buffer.from(word).toString('base64') } });
  const put = (word: string): Promise<string> => kubectl(['-n', namespace, 'apply', '-f', '-'], { input: JSON.stringify(secret(word)) });
  const value = async (): Promise<string> =>
    Buffer.from((await lab.read<{ data: { KEY: string } }>(`/api/v1/namespaces/${namespace}/secrets/keys`)).data.KEY, 'base64').toString();
  await put('old');
  await kubectl(['-n', namespace, 'set', 'env', 'deployment/web', '--from=secret/keys']);
  await settled();
  for (const [index, verb] of own(['rolling', 'config'], 'rolling').entries()) {
    await using less = await makeAccount(namespace, `config-${index}`, ['rolling', 'config'], without(verb));
    const found = await less.shepherd.preflight({ app: 'web', release: { image: image('1.2.0') }, checks });
    expect(found.filter(({ id }) => id === 'rights').map(({ message }) => message)).toEqual([]);
    expect(found.filter(({ id, message }) => id === 'rights-optional' && message.startsWith(`not allowed to ${textOf(verb)}:`))).toHaveLength(1);
  }
  await using keeper = await makeAccount(namespace, 'keeper', ['rolling', 'config']);
  const deploy = async (version: string): Promise<void> =>
    assertOutcome(await keeper.shepherd.deploy({ app: 'web', release: { image: image(version) }, checks }).outcome, 'succeeded');
  await deploy('1.2.0');
  await put('new');
  await deploy('2.0.0');
  assertOutcome(await keeper.shepherd.rollback({ app: 'web', checks }).outcome, 'succeeded');
  expect([await value(), (await readApp(lab, namespace)).deployments[0]?.['spec'].template.spec.containers[0].image]).toEqual(['old', image('1.2.0')]);
}, 180_000);

test('diagnose, of an app that is sick', async () => {
  await kubectl(['-n', namespace, 'apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { COLOUR: 'blue' } }),
  });
  await kubectl(['-n', namespace, 'set', 'env', 'deployment/web', '--from=configmap/settings']);
  await settled();
  const unreadBy = async ({ shepherd }: Account): Promise<readonly string[]> =>
    (await diagnose(shepherd, 'web')).unread.map(({ right = '', what, message = '' }) => right || `${what}: ${message}`);
  const whole = verbsOf(roleOf(['diagnose'], namespace));
  await using looker = await makeAccount(namespace, 'looker', ['diagnose']);
  expect(await unreadBy(looker)).toEqual(['list nodes']);
  const missed: string[] = [];
  // Deployments are listed for a pair of colours alone, and for names that are near to one that is not there.
  for (const [index, verb] of whole.filter((each) => textOf(each) !== 'list deployments.apps').entries()) {
    await using less = await makeAccount(namespace, `look-${index}`, ['diagnose'], without(verb));
    const told = await unreadBy(less).catch((error: Error) => [error.message]);
    const plain = textOf(verb).replace(/\.(?:apps|discovery\.k8s\.io|autoscaling|policy)$/, '');
    if (!told.some((each) => each.includes(plain))) missed.push(`${textOf(verb)}: ${told.join(', ')}`);
  }
  expect(missed).toEqual([]);
}, 240_000);
