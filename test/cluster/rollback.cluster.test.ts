// Back to what worked, on a real cluster: further back until a revision verifies, and config with it, without a lost request.
import { formatOutcome, Shepherd } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { type KubeRelease, kubernetes } from '@shepherd/kube';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checks, image, installWeb, kubectl, type Lab, openLab, underLoad, untilNoneTerminates } from '../../bench/src/lab/index.js';
import { expectClean } from './app-state.js';
import { expectNoLoss } from './expect-no-loss.js';

const replicas = 3;
let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab[Symbol.asyncDispose]());

interface Shop {
  readonly namespace: string;
  readonly url: string;
  readonly shepherd: Shepherd<KubeRelease>;
}

async function open(prefix: string): Promise<Shop> {
  const namespace = await lab.namespace(prefix);
  const { url } = await installWeb(lab, namespace, { replicas });
  return { namespace, url, shepherd: new Shepherd({ platform: kubernetes({ namespace }), defaults: { checks } }) };
}

const settings = (namespace: string, data: Readonly<Record<string, string>>): Promise<string> =>
  kubectl(['-n', namespace, 'apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data }) });

/** Every variable of the app comes from the ConfigMap too. */
const fromSettings = { spec: { containers: [{ name: 'web', envFrom: [{ configMapRef: { name: 'settings', optional: true } }] }] } };

test('a cascade over a revision that does not verify any more, by hash, and what was left is bad', async () => {
  const { namespace, url, shepherd } = await open('cascade');
  const deploy = async (version: string, patch?: object): Promise<void> => {
    const release = { image: image(version), ...(patch === undefined ? {} : { patch }) };
    const outcome = await shepherd.deploy({ app: 'web', release, drain: '3s' }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    await untilNoneTerminates(lab, namespace);
  };
  await deploy('1.1.0');
  // Revision 1.2.0 needs a Secret that nobody keeps a copy of, and that is gone when it is gone back to.
  await kubectl(['-n', namespace, 'create', 'secret', 'generic', 'flag', '--from-literal=on=1']);
  await deploy('1.2.0', { spec: { containers: [{ name: 'web', envFrom: [{ secretRef: { name: 'flag' } }] }] } });
  await deploy('2.0.0', { spec: { containers: [{ name: 'web', envFrom: null, env: [{ name: 'BUILD', value: '2' }] }] } });
  const [left, second, third] = await shepherd.history('web');
  expect([left?.images, second?.images, third?.images]).toEqual([[image('2.0.0')], [image('1.2.0')], [image('1.1.0')]]);
  expect(second?.config).toEqual([{ object: 'Secret flag', hash: expect.stringMatching(/^[0-9a-f]{10}$/) }]);
  // As an emptied registry would: the pods of 1.2.0 start and are not well.
  await kubectl(['-n', namespace, 'patch', 'replicaset', await replicaSetOf(namespace, '1.2.0'), '--type=json', '-p', poison]);
  const { result: outcome, traffic } = await underLoad(url, () => shepherd.rollback({ app: 'web', reason: 'error spike; $(reboot)' }).outcome);
  assertOutcome(outcome, 'succeeded');
  expectNoLoss(traffic);
  expect(outcome.to?.hash).toBe(third?.hash);
  expect(outcome.attempts?.map(({ revision }) => revision.images)).toEqual([[image('1.2.0')]]);
  expect(traffic.fresh.answers.at(-1)?.version).toBe('1.1.0');
  await expectClean(lab, namespace, { image: image('1.1.0'), replicas });
  const history = await shepherd.history('web');
  expect(history.find(({ hash }) => hash === left?.hash)?.bad).toMatch(/^rolled back from by .*: error spike; \$\(reboot\)$/);
  expect(await kubectl(['-n', namespace, 'rollout', 'history', 'deployment/web'])).toMatch(
    new RegExp(`shepherd rollback app:2\\.0\\.0 → app:1\\.1\\.0 by .+ rollout=${outcome.rolloutId} error spike; \\$\\(reboot\\)`),
  );
  await shepherd.close();
  await lab.drop(namespace);
});

/** No server keeps a pod template of an old ReplicaSet from being edited. */
const poison = JSON.stringify([{ op: 'add', path: '/spec/template/spec/containers/0/env/-', value: { name: 'DATABASE', value: 'down' } }]);

async function replicaSetOf(namespace: string, version: string): Promise<string> {
  const { items } = await lab.read<{ items: readonly { metadata: { name: string }; spec: { template: { spec: { containers: { image: string }[] } } } }[] }>(
    `/apis/apps/v1/namespaces/${namespace}/replicasets`,
  );
  return items.find(({ spec }) => spec.template.spec.containers[0]?.image === image(version))?.metadata.name ?? 'none';
}

test('config that was changed with a release, or deleted since, goes back with the template', async () => {
  const { namespace, url, shepherd } = await open('config');
  await settings(namespace, { WORD: 'one', COLOR: 'blue' });
  const deploy = async (version: string): Promise<void> => {
    const outcome = await shepherd.deploy({ app: 'web', release: { image: image(version), patch: fromSettings }, drain: '3s' }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    await untilNoneTerminates(lab, namespace);
  };
  const data = async (): Promise<unknown> => (await lab.read<{ data: unknown }>(`/api/v1/namespaces/${namespace}/configmaps/settings`)).data;
  await deploy('1.1.0');
  // Whole seconds are all that the API server keeps of when something was edited.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await settings(namespace, { WORD: 'one', COLOR: 'red' });
  await deploy('1.2.0');
  const first = await underLoad(url, () => shepherd.rollback({ app: 'web' }).outcome);
  expect(first.result.kind, formatOutcome(first.result)).toBe('succeeded');
  expectNoLoss(first.traffic);
  expect(await data()).toEqual({ WORD: 'one', COLOR: 'blue' });
  await deploy('2.0.0');
  await kubectl(['-n', namespace, 'delete', 'configmap', 'settings']);
  const second = await underLoad(url, () => shepherd.rollback({ app: 'web' }).outcome);
  expect(second.result.kind, formatOutcome(second.result)).toBe('succeeded');
  expectNoLoss(second.traffic);
  expect(await data()).toEqual({ WORD: 'one', COLOR: 'blue' });
  await expectClean(lab, namespace, { image: image('1.1.0'), replicas });
  await shepherd.close();
  await lab.drop(namespace);
});
