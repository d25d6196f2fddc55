import { describe, expect, it } from 'vitest';
import { client, deployment } from './api-fixture.js';
import type { KubeObject } from './objects.js';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

describe('reads', () => {
  it('gets and lists, items without kind as in typed lists', async () => {
    const api = client();
    await api.post(DEPLOYMENTS, deployment('web'));
    expect(await api.get(`${DEPLOYMENTS}/web`)).toMatchObject({ kind: 'Deployment', apiVersion: 'apps/v1', metadata: { generation: 1 } });
    const list = await api.get(DEPLOYMENTS);
    expect(list).toMatchObject({ kind: 'DeploymentList', apiVersion: 'apps/v1', items: [{ metadata: { name: 'web' } }] });
    expect(list.items[0].kind).toBeUndefined();
  });

  it('selects by labels and fields', async () => {
    const api = client();
    for (const [name, tier] of [
      ['a', 'front'],
      ['b', 'back'],
      ['c', 'front'],
    ] as const) {
      await api.post('/api/v1/namespaces/default/configmaps', { metadata: { name, labels: { tier } } });
    }
    const names = async (query: string) =>
      (await api.get(`/api/v1/configmaps?${query}`)).items.map((item: { metadata: { name: string } }) => item.metadata.name);
    expect(await names('labelSelector=tier%3Dfront')).toEqual(['a', 'c']);
    expect(await names(`labelSelector=${encodeURIComponent('tier in (back,x),!other')}`)).toEqual(['b']);
    expect(await names('fieldSelector=metadata.name%3Dc')).toEqual(['c']);
    expect(await api.get('/api/v1/configmaps?fieldSelector=data.x%3D1')).toMatchObject({ code: 400 });
  });

  it('shows one moment over all pages, and 410 once that is forgotten', async () => {
    const api = client();
    const path = '/api/v1/namespaces/default/configmaps';
    for (const name of ['a', 'b', 'c', 'd']) await api.post(path, { metadata: { name } });
    const first = await api.get(`${path}?limit=2`);
    expect(first.metadata.remainingItemCount).toBe(2);
    await api.send('DELETE', `${path}/c`);
    await api.post(path, { metadata: { name: 'e' } });
    const second = await api.get(`${path}?limit=2&continue=${first.metadata.continue}`);
    expect(second.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['c', 'd']);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    api.objects.forgetHistory();
    const late = await api.get(`${path}?limit=2&continue=${first.metadata.continue}`);
    expect(late).toMatchObject({ code: 410, reason: 'Expired' });
    const rest = await api.get(`${path}?limit=2&continue=${late.metadata.continue}`);
    expect(rest.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['d', 'e']);
  });
});

describe('writes', () => {
  it('answers as the real server to the commonest mistakes', async () => {
    const api = client();
    await api.post(DEPLOYMENTS, deployment('web'));
    const patch = (body: object, type = 'merge-patch+json') => api.patch(`${DEPLOYMENTS}/web`, body, type);
    expect(await api.post(DEPLOYMENTS, deployment('web'))).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'deployments.apps "web" already exists',
    });
    expect(await api.get(`${DEPLOYMENTS}/none`)).toMatchObject({
      code: 404,
      message: 'deployments.apps "none" not found',
      details: { name: 'none', group: 'apps', kind: 'deployments' },
    });
    expect(await patch({ metadata: { resourceVersion: '1' } })).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(await patch({ spec: { selector: { matchLabels: { app: 'x' } }, template: { metadata: { labels: { app: 'x' } } } } })).toMatchObject({
      code: 422,
      message: 'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable',
    });
    expect(await patch([{ op: 'test', path: '/spec/replicas', value: 7 }], 'json-patch+json')).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(await patch({ spec: { template: { spec: { containers: [{ image: 'a' }] } } } }, 'strategic-merge-patch+json')).toMatchObject({
      code: 500,
      message: 'map: map[image:a] does not contain declared merge key: name',
    });
    expect(await patch({}, 'json')).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
    expect(await api.post(`${DEPLOYMENTS}/web`, {})).toMatchObject({ code: 405 });
    expect(await api.get('/apis/apps/v1/namespaces/default/foos')).toMatchObject({ code: 404, message: 'the server could not find the requested resource' });
    const strict = { ...deployment('u'), bar: 1 };
    expect(await api.post(`${DEPLOYMENTS}?fieldValidation=Strict`, strict)).toMatchObject({
      code: 400,
      message: 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "bar"',
    });
    expect(await api.post(DEPLOYMENTS, { metadata: { name: 't' }, spec: { replicas: 'x' } })).toMatchObject({
      code: 400,
      message:
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    });
  });

  it('merges containers by name and warns of fields that nobody knows', async () => {
    const api = client();
    await api.post(DEPLOYMENTS, deployment('web'));
    const body = { spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } }, bogus: 1 } };
    const answer = await api.raw('PATCH', `${DEPLOYMENTS}/web`, body, 'application/strategic-merge-patch+json');
    expect(answer.headers.get('warning')).toBe('299 - "unknown field \\"spec.bogus\\""');
    expect(await answer.json()).toMatchObject({
      metadata: { generation: 2 },
      spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2', ports: [{ containerPort: 5000, protocol: 'TCP' }] }] } } },
    });
  });

  it('stores nothing in a dry run, and counts what it stores', async () => {
    const api = client();
    const before = api.server.writes.total;
    expect(await api.post(`${DEPLOYMENTS}?dryRun=All`, deployment('web'))).toMatchObject({ spec: { replicas: 2 } });
    expect(await api.get(DEPLOYMENTS)).toMatchObject({ items: [] });
    await api.post(DEPLOYMENTS, deployment('web'));
    expect(await api.patch(`${DEPLOYMENTS}/web?dryRun=All`, { spec: { replicas: 9 } })).toMatchObject({ spec: { replicas: 9 } });
    expect(await api.send('DELETE', `${DEPLOYMENTS}/web?dryRun=All`)).toMatchObject({ status: 'Success' });
    await api.patch(`${DEPLOYMENTS}/web`, { spec: { replicas: 2 } });
    expect(await api.get(`${DEPLOYMENTS}/web`)).toMatchObject({ spec: { replicas: 2 } });
    expect(api.server.writes.total - before).toBe(1);
    expect(api.server.writes.byResource()).toEqual({ 'deployments.apps': 1 });
  });

  it('takes a Lease with micro time, not with milliseconds', async () => {
    const api = client();
    const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
    const lease = (renewTime: string) => ({ metadata: { name: 'l' }, spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime } });
    expect(await api.post(path, lease('2026-11-23T08:15:30.123Z'))).toMatchObject({ code: 400 });
    expect(await api.post(path, lease('2026-11-23T08:15:30.123456Z'))).toMatchObject({ spec: { renewTime: '2026-11-23T08:15:30.123456Z' } });
  });

  it('deletes under preconditions, with finalizers for the propagation asked', async () => {
    const api = client();
    await api.post(DEPLOYMENTS, deployment('web'));
    expect(await api.send('DELETE', `${DEPLOYMENTS}/web`, { preconditions: { uid: 'x' } })).toMatchObject({ code: 409, details: { kind: 'Deployment' } });
    const held = await api.send('DELETE', `${DEPLOYMENTS}/web`, { propagationPolicy: 'Foreground' });
    expect(held.metadata).toMatchObject({ finalizers: ['foregroundDeletion'], generation: 2 });
    await api.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'a', labels: { x: '1' } } });
    await api.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'b' } });
    await api.send('DELETE', '/api/v1/namespaces/default/configmaps?labelSelector=x');
    expect((await api.get('/api/v1/namespaces/default/configmaps')).items).toHaveLength(1);
  });

  it('scales through the subresource', async () => {
    const api = client();
    const made = await api.post(DEPLOYMENTS, deployment('web'));
    expect(await api.get(`${DEPLOYMENTS}/web/scale`)).toMatchObject({ kind: 'Scale', spec: { replicas: 2 }, status: { replicas: 0, selector: 'app=web' } });
    expect(await api.patch(`${DEPLOYMENTS}/web/scale`, { spec: { replicas: 5 } })).toMatchObject({ spec: { replicas: 5 } });
    expect(await api.patch(`${DEPLOYMENTS}/web/scale`, { metadata: { resourceVersion: made.metadata.resourceVersion }, spec: { replicas: 6 } })).toMatchObject({
      code: 409,
    });
    expect(await api.patch(`${DEPLOYMENTS}/web/scale`, { spec: { replicas: -2 } })).toMatchObject({
      code: 422,
      message: 'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -2: must be greater than or equal to 0',
    });
    expect(await api.get(`${DEPLOYMENTS}/web`)).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 5 } });
  });

  it('gives Services addresses that stay', async () => {
    const api = client();
    const path = '/api/v1/namespaces/default/services';
    const made = await api.post(path, { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
    expect(made.spec).toMatchObject({
      type: 'ClusterIP',
      clusterIP: '10.96.0.2',
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
      sessionAffinity: 'None',
    });
    expect(await api.patch(`${path}/web`, { spec: { clusterIP: '10.96.0.9' } })).toMatchObject({ code: 422 });
    expect(await api.patch(`${path}/web`, { spec: { selector: { app: null, track: 'blue' } } })).toMatchObject({
      spec: { selector: { track: 'blue' }, clusterIP: '10.96.0.2' },
    });
    expect(await api.post(path, { metadata: { name: 'none' }, spec: {} })).toMatchObject({
      code: 422,
      message: 'Service "none" is invalid: spec.ports: Required value',
    });
  });
});

describe('users', () => {
  it('answers 401 and 403 in the words of the real server', async () => {
    const api = client();
    const nobody = client(api).as(api.server.addUser('nobody', [{ verbs: ['get'], resources: ['pods'], namespace: 'shop' }]));
    expect(await nobody.get('/api/v1/namespaces/default/pods')).toMatchObject({
      code: 403,
      message: 'pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "default"',
      details: { kind: 'pods' },
    });
    expect(await nobody.patch(`${DEPLOYMENTS}/web/scale`, {})).toMatchObject({
      code: 403,
      message: 'deployments.apps "web" is forbidden: User "nobody" cannot patch resource "deployments/scale" in API group "apps" in the namespace "default"',
    });
    expect(await client(api).as('wrong').get('/api/v1/pods')).toMatchObject({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
    expect(await nobody.get('/api/v1/namespaces/shop/pods/x')).toMatchObject({ code: 404 });
  });

  it('says who may what', async () => {
    const api = client();
    const user = client(api).as(api.server.addUser('reader', [{ verbs: ['get', 'list'], resources: ['deployments.apps'], namespace: 'default' }]));
    const may = async (resourceAttributes: object) =>
      (await user.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: { resourceAttributes } })).status.allowed;
    expect(await may({ verb: 'get', group: 'apps', resource: 'deployments', namespace: 'default' })).toBe(true);
    expect(await may({ verb: 'patch', group: 'apps', resource: 'deployments', namespace: 'default' })).toBe(false);
    expect(await may({ verb: 'get', group: 'apps', resource: 'deployments', namespace: 'shop' })).toBe(false);
  });
});

describe('faults and hooks', () => {
  it('refuses, hangs and drops answers after the work', async () => {
    const api = client();
    api.server.fault({ verb: 'create', path: /deployments$/, times: 1 }, { status: 503 });
    expect(await api.post(DEPLOYMENTS, deployment('web'))).toMatchObject({ code: 503, reason: 'ServiceUnavailable' });
    api.server.fault({ verb: 'POST', times: 1 }, 'drop-answer');
    await expect(api.post(DEPLOYMENTS, deployment('web'))).rejects.toThrow('fetch failed');
    expect(await api.get(`${DEPLOYMENTS}/web`)).toMatchObject({ kind: 'Deployment' });
    const takeBack = api.server.fault({ verb: 'get' }, 'hang');
    await expect(api.raw('GET', `${DEPLOYMENTS}/web`, undefined, undefined, AbortSignal.timeout(20))).rejects.toThrow();
    takeBack();
    expect(await api.get(`${DEPLOYMENTS}/web`)).toMatchObject({ kind: 'Deployment' });
  });
});

describe('pods', () => {
  const pod = (name: string, ready: boolean) => ({
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: { nodeName: 'node-1', containers: [{ name: 'web', image: 'web:1' }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });
  const PODS = '/api/v1/namespaces/default/pods';

  it('asks the budget before an eviction', async () => {
    const api = client();
    for (const name of ['a', 'b']) api.objects.updateStatus('pods', { ...api.objects.create('pods', pod(name, true)), status: pod(name, true).status });
    await api.post('/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
      metadata: { name: 'web' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    });
    const pdb = api.objects.get('poddisruptionbudgets.policy', 'default', 'web');
    expect(await api.post(`${PODS}/a/eviction`, { metadata: { name: 'a' } })).toMatchObject({ code: 429, details: { retryAfterSeconds: 10 } });
    const status = { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 1, desiredHealthy: 1, expectedPods: 2 };
    api.objects.updateStatus('poddisruptionbudgets.policy', { ...(pdb as KubeObject), status });
    const evict = (name: string) => api.post(`${PODS}/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });
    expect(await evict('a')).toMatchObject({ status: 'Success' });
    expect(await evict('b')).toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget web needs 1 healthy pods and has 1 currently' }] },
    });
  });

  it('reaches logs and apps through the node', async () => {
    const api = client();
    await api.post(PODS, pod('web', true));
    const answer = await api.raw('GET', `${PODS}/web:5000/proxy/api/health?x=1`);
    expect(await answer.text()).toBe('web 5000 GET /api/health?x=1');
    expect(await (await api.raw('GET', `${PODS}/web/log?tailLines=3`)).text()).toBe('log of web web 3');
    expect(await api.get(`${PODS}/web/log?container=x`)).toMatchObject({ code: 400, message: 'container x is not valid for pod web' });
  });
});
