import { expect, test } from 'vitest';
import type { KubeObject } from './api/objects.js';
import { conditionOf } from './controllers/pod-facts.js';
import { createSandbox, type Sandbox } from './sandbox.js';

async function shop(nodes = 2, replicas = 4): Promise<Sandbox> {
  const sandbox = await createSandbox({ nodes });
  sandbox.image('web:1');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1', replicas });
  return sandbox;
}

const sleep = (sandbox: Sandbox, ms: number): Promise<void> => sandbox.connection.clock.sleep(ms);
const pods = (sandbox: Sandbox, node?: string) => sandbox.objects.list('pods', 'shop').filter(({ spec }) => node === undefined || spec.nodeName === node);
const readyOf = (object: KubeObject): string | undefined => conditionOf(object, 'Ready')?.status;
const node = (sandbox: Sandbox, name: string) => sandbox.objects.get('nodes', undefined, name) as NonNullable<ReturnType<Sandbox['objects']['get']>>;

test('pods are spread over the nodes, and each node has a network of its own', async () => {
  await using sandbox = await shop();
  expect([pods(sandbox, 'node-1').length, pods(sandbox, 'node-2').length]).toEqual([2, 2]);
  expect(pods(sandbox, 'node-2').every(({ status }) => status.podIP.startsWith('10.245.1.') && status.hostIP === '10.245.0.1')).toBe(true);
  expect(() => sandbox.node('node-3')).toThrow(RangeError);
  await expect(createSandbox({ nodes: 0 })).rejects.toThrow(RangeError);
});

test('a node that loses its power: 50 s unnoticed, then unready, then its pods are replaced after their 300 s; back, it lets the old ones go', async () => {
  await using sandbox = await shop();
  const load = sandbox.load('shop/web', { rate: 40 });
  await sleep(sandbox, 5_000);
  const dead = sandbox.node('node-2');
  dead.fail();
  await sleep(sandbox, 39_000);
  expect(readyOf(node(sandbox, 'node-2'))).toBe('True');
  const unnoticed = load.soFar().failed;
  // Half of the endpoints are dead, so half of the requests are lost.
  expect(unnoticed / (39 * 40)).toBeGreaterThan(0.4);
  expect(unnoticed / (39 * 40)).toBeLessThan(0.6);

  await sleep(sandbox, 17_000);
  expect(readyOf(node(sandbox, 'node-2'))).toBe('Unknown');
  expect(node(sandbox, 'node-2').spec.taints.map(({ key, effect }: { key: string; effect: string }) => `${key}:${effect}`)).toEqual([
    'node.kubernetes.io/unreachable:NoSchedule',
    'node.kubernetes.io/unreachable:NoExecute',
  ]);
  expect(pods(sandbox, 'node-2').map(readyOf)).toEqual(['False', 'False']);
  const noticed = load.soFar().failed;
  await sleep(sandbox, 230_000);
  expect(load.soFar().failed).toBe(noticed);
  expect(pods(sandbox)).toHaveLength(4);

  await sleep(sandbox, 80_000);
  expect(pods(sandbox, 'node-2').every(({ metadata }) => metadata.deletionTimestamp !== undefined)).toBe(true);
  expect(pods(sandbox, 'node-1').map(readyOf)).toEqual(['True', 'True', 'True', 'True']);
  expect(sandbox.objects.get('deployments.apps', 'shop', 'web')?.status).toMatchObject({ readyReplicas: 4 });

  dead.recover();
  await sleep(sandbox, 1_000);
  expect(pods(sandbox, 'node-2')).toEqual([]);
  expect(readyOf(node(sandbox, 'node-2'))).toBe('True');
  expect(node(sandbox, 'node-2').spec.taints).toEqual([]);
  expect((await load.stop()).failed).toBe(noticed);
});

test('a node that is back before anybody noticed restarts its pods with new addresses', async () => {
  await using sandbox = await shop();
  const before = pods(sandbox, 'node-2').map(({ metadata, status }) => ({ name: metadata.name, ip: status.podIP }));
  sandbox.node('node-2').fail();
  await sleep(sandbox, 8_000);
  sandbox.node('node-2').recover();
  await sleep(sandbox, 5_000);
  const after = pods(sandbox, 'node-2');
  expect(after.map(({ metadata }) => metadata.name)).toEqual(before.map(({ name }) => name));
  for (const { status } of after) {
    expect(before.map(({ ip }) => ip)).not.toContain(status.podIP);
    expect(status.phase).toBe('Running');
    expect(status.containerStatuses[0]).toMatchObject({ ready: true, restartCount: 1, lastState: { terminated: { exitCode: 255, reason: 'Unknown' } } });
  }
  const load = sandbox.load('shop/web', { rate: 40 });
  await sleep(sandbox, 5_000);
  expect((await load.stop()).failed).toBe(0);
});

test('a client that asks a dead node for a log or an answer is told that it cannot be reached; where no node is left, new pods wait', async () => {
  await using sandbox = await shop(1, 1);
  const [pod] = pods(sandbox);
  const authorization = `Bearer ${/token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1]}`;
  const ask = (path: string) =>
    sandbox.connection.transport(
      new Request(`http://sandbox.invalid/api/v1/namespaces/shop/pods/${pod?.metadata.name}/${path}`, { headers: { authorization } }),
    );
  sandbox.node('node-1').fail();
  expect((await ask('log')).status).toBe(500);
  expect((await ask('proxy/')).status).toBe(503);
  await sleep(sandbox, 400_000);
  const waiting = pods(sandbox).filter(({ spec }) => spec.nodeName === undefined);
  expect(waiting).toHaveLength(1);
  expect(waiting[0]?.status.conditions[0].message).toBe(
    '0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  );
  sandbox.node('node-1').recover();
  await sleep(sandbox, 10_000);
  expect(pods(sandbox).map(readyOf)).toEqual(['True']);
});
