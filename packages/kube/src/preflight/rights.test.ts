import { expect, test } from 'vitest';
import { merged, rightsOf, rightsOfChart } from './rights.js';

test('each resource once, its verbs in one order', () => {
  const right = (resource: string, ...verbs: readonly string[]) => ({ group: '', resource, verbs });
  expect(merged([right('pods', 'watch', 'get'), right('services', 'get'), right('pods', 'list', 'get')])).toEqual([
    right('pods', 'get', 'list', 'watch'),
    right('services', 'get'),
  ]);
});

test('a plan takes no more than its steps do', () => {
  const verbs = (needs: Partial<Parameters<typeof rightsOf>[0]>) =>
    rightsOf({ candidate: false, autoscaler: false, ...needs }).map(({ resource, verbs: all }) => `${resource}: ${all.join(' ')}`);
  expect(verbs({ asked: false })).toEqual([]);
  expect(verbs({})).toEqual(['pods/proxy: get', 'services/proxy: get']);
  expect(verbs({ asked: false, candidate: true })).toEqual(['deployments: create delete']);
  expect(verbs({ asked: false, candidate: true, isolated: true })).toEqual(['deployments: create delete', 'services: create delete']);
  expect(verbs({ asked: false, steps: ['shepherd/job', 'acme/warm-up'] })).toEqual(['jobs: get create']);
  expect(verbs({ asked: false, autoscaler: true })).toEqual(['horizontalpodautoscalers: get list patch']);
});

test('a chart takes its kinds, and helm its records', () => {
  const of = (apiVersion: string, kind: string) => rightsOfChart([{ apiVersion, kind }]).at(-1);
  expect(rightsOfChart([])).toMatchObject([{ resource: 'secrets', verbs: ['get', 'list', 'create', 'update', 'delete'] }]);
  expect(of('apps/v1', 'Deployment')).toEqual({ group: 'apps', resource: 'deployments', verbs: ['get', 'create', 'patch'] });
  expect(of('networking.k8s.io/v1', 'Ingress')).toMatchObject({ group: 'networking.k8s.io', resource: 'ingresses' });
  expect(of('networking.k8s.io/v1', 'NetworkPolicy')).toMatchObject({ resource: 'networkpolicies' });
  expect(of('gateway.networking.k8s.io/v1', 'Gateway')).toMatchObject({ resource: 'gateways' });
  expect(of('v1', 'Endpoints')).toMatchObject({ group: '', resource: 'endpoints' });
  expect(of('v1', 'Secret')).toMatchObject({ resource: 'secrets', verbs: ['get', 'list', 'create', 'update', 'patch', 'delete'] });
  expect(of('rbac.authorization.k8s.io/v1', 'ClusterRole')).toMatchObject({ resource: 'secrets' });
});
