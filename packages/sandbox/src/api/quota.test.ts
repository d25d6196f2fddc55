import { expect, test } from 'vitest';
import { TestCluster } from '../cluster-fixture.js';
import type { Wire } from './json.js';

const quota = (it: TestCluster, hard: Wire, scopes?: string[]): void =>
  void it.objects.create('resourcequotas', { metadata: { name: 'q', namespace: 'default' }, spec: { hard, ...(scopes && { scopes }) } });
const pod = (name: string, resources: Wire = {}, spec: Wire = {}): Wire => ({
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'web', image: 'web:1', resources }], ...spec },
});
const statusOf = (it: TestCluster): Wire => it.objects.get('resourcequotas', 'default', 'q')?.status;

test('what would exceed a limit is refused with what was asked, used and allowed', async () => {
  await using it = new TestCluster();
  quota(it, { pods: '2', 'requests.cpu': '1', 'limits.memory': '1Gi' });
  const resources = { requests: { cpu: '600m' }, limits: { memory: '256Mi', cpu: '1' } };
  it.objects.create('pods', pod('a', resources));
  expect(() => it.objects.create('pods', pod('b', resources))).toThrow(
    'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
  );
  expect(() => it.objects.create('pods', pod('b'))).toThrow('failed quota: q: must specify limits.memory for: web; requests.cpu for: web');
  await it.until(() => statusOf(it)?.used?.pods === '1');
  expect(statusOf(it)).toEqual({
    hard: { pods: '2', 'requests.cpu': '1', 'limits.memory': '1Gi' },
    used: { pods: '1', 'requests.cpu': '600m', 'limits.memory': '256Mi' },
  });
});

test('a Deployment beyond its quota says why it has no more pods, and gets them when there is room', async () => {
  await using it = new TestCluster();
  quota(it, { pods: '2' });
  it.install(3);
  await it.until(() => it.events('FailedCreate').length > 0);
  expect(it.pods()).toHaveLength(2);
  expect(it.events('FailedCreate')[0]).toMatch(/exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2/);
  await it.until(() => it.condition('ReplicaFailure')?.status === 'True');
  const stored = it.objects.get('resourcequotas', 'default', 'q') as Wire;
  it.objects.update('resourcequotas', { ...stored, spec: { hard: { pods: '3' } } });
  await it.until(() => it.pods().length === 3);
});

test('other kinds are counted, and scopes look at some pods only', async () => {
  await using it = new TestCluster();
  quota(it, { 'count/deployments.apps': '1', configmaps: '0', 'services.nodeports': '1' });
  it.install(0);
  const copy = { ...it.deployment(), metadata: { name: 'second', namespace: 'default' } };
  expect(() => it.objects.create('deployments.apps', copy)).toThrow('requested: count/deployments.apps=1, used: count/deployments.apps=1');
  expect(() => it.objects.create('configmaps', { metadata: { name: 'c', namespace: 'default' } })).toThrow('limited: configmaps=0');
  const service = {
    metadata: { name: 'two', namespace: 'default' },
    spec: {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 1 },
        { name: 'b', port: 2 },
      ],
    },
  };
  expect(() => it.objects.create('services', service)).toThrow('requested: services.nodeports=2');
  it.objects.delete('resourcequotas', 'default', 'q');
  quota(it, { pods: '0' }, ['BestEffort']);
  it.objects.create('pods', pod('asks', { requests: { cpu: '1m' } }));
  expect(() => it.objects.create('pods', pod('takes'))).toThrow('limited: pods=0');
});
