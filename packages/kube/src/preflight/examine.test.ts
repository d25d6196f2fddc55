// What a cluster says before a release: on the sandbox, with its own admission, quotas and RBAC.
import { BlueGreen, Canary, type DeployRequest, type Finding, RollingUpdate, Shepherd, type Strategy } from '@shepherd/core';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type KubeRelease, type KubernetesOptions, kubernetes } from '../index.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox({ nodes: 2, node: { cpu: '2', memory: '4Gi' } });
  for (const version of ['1.2.0', '1.3.0']) sandbox.image(`registry/web:${version}`);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.2.0', replicas: 3 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

async function send(method: string, path: string, body: object): Promise<void> {
  const type = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
  const token = /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1] ?? '';
  const response = await sandbox.connection.transport(
    new Request(`http://sandbox.invalid${path}`, { method, body: JSON.stringify(body), headers: { 'content-type': type, authorization: `Bearer ${token}` } }),
  );
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}
const make = (plural: string, body: object): Promise<void> => send('POST', `/api/v1/namespaces/shop/${plural}`, body);
const strategies: Readonly<Record<string, () => Strategy>> = {
  rolling: () => new RollingUpdate(),
  canary: () => new Canary({ stages: [50, 100], analysis: false }),
  'blue-green': () => new BlueGreen(),
};

interface Asked {
  readonly request?: Partial<DeployRequest<KubeRelease>>;
  readonly options?: Partial<KubernetesOptions>;
}

async function findings({ request, options }: Asked = {}): Promise<readonly Finding[]> {
  await using shepherd = new Shepherd({ platform: kubernetes({ ...sandbox.connection, ...options }) });
  return await shepherd.preflight({ app: 'shop/web', release: { image: 'registry/web:1.3.0' }, ...request });
}
const ids = (all: readonly Finding[], level?: Finding['level']): readonly string[] =>
  [...new Set(all.flatMap((each) => (level === undefined || each.level === level ? [each.id] : [])))].toSorted();
const container = (more: object): object => ({ spec: { containers: [{ name: 'web', ...more }] } });

test.each(Object.keys(strategies))('%s: nothing in the way is no error, every write was tried, and nothing was stored', async (name) => {
  const tried: string[] = [];
  const { transport } = sandbox.connection;
  const plain = async (request: Parameters<NonNullable<typeof transport.plain>>[0]) => {
    const url = new URL(request.url);
    if (url.searchParams.get('dryRun') === 'All') tried.push(`${request.method} ${url.pathname.replace(/^.*\/namespaces\/shop\//, '')}`);
    return (await transport.plain?.(request)) as never;
  };
  const before = sandbox.writes;
  const found = await findings({
    request: { strategy: (strategies[name] as () => Strategy)() },
    options: { transport: Object.assign((request: Request) => transport(request), { plain }) },
  });
  expect(ids(found, 'error')).toEqual([]);
  expect(found.find(({ id }) => id === 'server')?.message).toMatch(/^Kubernetes v1\.\d+\S* at sandbox\.invalid, context sandbox, namespace shop$/);
  expect(sandbox.writes).toBe(before);
  const writes = ['PATCH deployments/web', 'PATCH services/web', 'POST configmaps', 'POST leases', 'POST pods'];
  expect([...new Set(tried)].toSorted()).toEqual(
    [...writes, ...(name === 'rolling' ? [] : ['POST deployments']), ...(name === 'blue-green' ? ['POST services'] : [])].toSorted(),
  );
});

describe('what the pods refer to', () => {
  const refers = (): Promise<void> =>
    send('PATCH', '/apis/apps/v1/namespaces/shop/deployments/web', {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: 'web',
                env: [
                  { name: 'A', valueFrom: { secretKeyRef: { name: 'web', key: 'password' } } },
                  { name: 'B', valueFrom: { configMapKeyRef: { name: 'nice-to-have', key: 'b', optional: true } } },
                ],
                envFrom: [{ configMapRef: { name: 'web' } }],
              },
            ],
            volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
            imagePullSecrets: [{ name: 'registry' }],
          },
        },
      },
    });

  test('each object and key that is missing is named, with its place; no value is shown', async () => {
    await refers();
    await make('secrets', { metadata: { name: 'web' }, stringData: { user: 'hunter2hunter2' } });
    const found = (await findings()).filter(({ id }) => id === 'missing-reference');
    expect(found.map(({ object, path }) => `${object}: ${path}`).toSorted()).toEqual([
      'ConfigMap web: spec.template.spec.containers[web].envFrom',
      'PersistentVolumeClaim data: spec.template.spec.volumes[data]',
      'Secret registry: spec.template.spec.imagePullSecrets',
      'Secret web: spec.template.spec.containers[web].env[A]',
    ]);
    expect(found.every(({ level }) => level === 'error')).toBe(true);
    expect(JSON.stringify(found)).not.toMatch(/hunter2|aHVudGVy/);
    await make('configmaps', { metadata: { name: 'web' }, data: {} });
    await make('secrets', { metadata: { name: 'registry' }, stringData: {} });
    await make('persistentvolumeclaims', { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } });
    await send('PATCH', '/api/v1/namespaces/shop/secrets/web', { stringData: { password: 'hunter2hunter2' } });
    expect(ids(await findings())).not.toContain('missing-reference');
  });

  test('what may not be read is named and fails nothing', async () => {
    await refers();
    for (const path of [/\/secrets/, /\/configmaps\/(?!shepherd)/, /persistentvolumeclaims/]) sandbox.fault({ path }, { status: 403 });
    const found = await findings();
    expect(
      found
        .filter(({ id }) => id === 'references-unseen')
        .map(({ object }) => object)
        .toSorted(),
    ).toEqual(['ConfigMap web', 'PersistentVolumeClaim data', 'Secret registry', 'Secret web']);
    expect(ids(found, 'error')).toEqual([]);
  });

  test('a deploy is refused before its first write', async () => {
    await refers();
    const before = sandbox.writes;
    await using shepherd = new Shepherd({ platform: kubernetes(sandbox.connection) });
    const outcome = await shepherd.deploy({ app: 'shop/web', release: { image: 'registry/web:1.3.0' } }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_PREFLIGHT', message: expect.stringContaining('ConfigMap web') } });
    expect(sandbox.writes).toBe(before);
  });
});

describe('room', () => {
  test('a quota by count, by cpu, and pods that say nothing of what it limits', async () => {
    await make('resourcequotas', { metadata: { name: 'tight' }, spec: { hard: { pods: '3' } } });
    await sandbox.connection.clock.sleep(1_000);
    expect((await findings()).find(({ id, level }) => id === 'zd/quota' && level === 'error')).toMatchObject({
      object: 'ResourceQuota tight',
      path: 'status.hard[pods]',
    });
    await send('PATCH', '/api/v1/namespaces/shop/resourcequotas/tight', { spec: { hard: { pods: '30', 'requests.cpu': '4' } } });
    await sandbox.connection.clock.sleep(1_000);
    expect((await findings()).filter(({ id }) => id === 'zd/quota').map(({ message }) => message)).toEqual([expect.stringContaining('say nothing about it')]);
  });

  test('a LimitRange that refuses the pods, as it says and as the dry run of a pod says', async () => {
    await make('limitranges', { metadata: { name: 'bounds' }, spec: { limits: [{ type: 'Container', max: { cpu: '500m' }, default: { cpu: '400m' } }] } });
    expect(ids(await findings())).not.toContain('limit-range');
    const found = await findings({ request: { release: { patch: container({ resources: { limits: { cpu: '800m' } } }) } } });
    expect(found.find(({ id }) => id === 'limit-range')).toMatchObject({
      level: 'error',
      object: 'LimitRange bounds',
      message: expect.stringContaining('800m cpu is above 500m'),
    });
  });

  test('nodes without room for the surge', async () => {
    const big = (cpu: string) => findings({ request: { release: { patch: container({ resources: { requests: { cpu } } }) } } });
    expect(ids(await big('500m'))).not.toContain('node-room');
    expect((await big('3')).find(({ id }) => id === 'node-room')).toMatchObject({
      level: 'warning',
      message: expect.stringContaining('room for 0 more pods of 3 cpu'),
    });
  });
});

test('what the server would refuse is said with its words, and nothing is stored', async () => {
  const before = sandbox.writes;
  sandbox.fault({ verb: 'create', path: /deployments\?.*dryRun/ }, { status: 422 });
  const found = await findings({ request: { strategy: new Canary({ stages: [100], analysis: false }) } });
  expect(found.find(({ id }) => id === 'dry-run')).toMatchObject({
    level: 'error',
    object: 'Deployment web-candidate',
    message: expect.stringContaining('refuses to create Deployment web-candidate'),
  });
  expect(sandbox.writes).toBe(before);
});

test('optional reads that are forbidden fail nothing', async () => {
  for (const path of [
    /events/,
    /horizontalpodautoscalers/,
    /resourcequotas/,
    /limitranges/,
    /poddisruptionbudgets/,
    /ingresses/,
    /\/nodes/,
    /v1\/pods$/,
    /v1\/namespaces\/shop$/,
  ])
    sandbox.fault({ path }, { status: 403 });
  expect(ids(await findings(), 'error')).toEqual([]);
});

test('an old server, and one that cannot sleep before a stop', async () => {
  const { transport } = sandbox.connection;
  const plain = async (request: Parameters<NonNullable<typeof transport.plain>>[0]) =>
    new URL(request.url).pathname === '/version'
      ? { status: 200, headers: {}, body: '{"major":"1","minor":"23","gitVersion":"v1.23.1"}' }
      : ((await transport.plain?.(request)) as never);
  const found = await findings({
    options: { transport: Object.assign((request: Request) => transport(request), { plain }) },
    request: { release: { image: 'registry/web:1.3.0', preStopSleep: '5s' } },
  });
  expect(ids(found, 'error')).toEqual(['server-old', 'zd/prestop-version']);
});

test('pods that are not well are named, and a version that was taken back once', async () => {
  sandbox.image('registry/web:1.4.0', { crash: { exitCode: 1 } });
  await send('PATCH', '/apis/apps/v1/namespaces/shop/deployments/web', {
    spec: { template: { spec: { containers: [{ name: 'web', image: 'registry/web:1.4.0' }] } } },
  });
  await sandbox.connection.clock.sleep(60_000);
  expect((await findings()).find(({ id }) => id === 'unhealthy')).toMatchObject({ level: 'warning', message: expect.stringMatching(/pods are ready/) });
});
