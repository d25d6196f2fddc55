// Law 7: a wrong input is refused before the first write, with the field, the value, what was expected and the page of its code.
import { existsSync } from 'node:fs';
import { BlueGreen, Canary, type DeployRequest, exitCodeOf, type Outcome, RollingUpdate, Shepherd, ShepherdError } from '@shepherd/core';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type KubeRelease, type KubernetesOptions, kubernetes } from './index.js';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await createSandbox();
  sandbox.image('registry/web:1.2.0');
  sandbox.image('registry/web:1.3.0');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.2.0', replicas: 3 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

/** Writes to the sandbox as a person with kubectl would. */
async function send(method: string, path: string, body: object): Promise<void> {
  const type = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
  const token = /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1] ?? '';
  const response = await sandbox.connection.transport(
    new Request(`http://sandbox.invalid${path}`, { method, body: JSON.stringify(body), headers: { 'content-type': type, authorization: `Bearer ${token}` } }),
  );
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}
const web = '/apis/apps/v1/namespaces/shop/deployments/web';
const canary = (): Canary => new Canary({ stages: [50, 100], analysis: false });

interface Case {
  readonly name: string;
  readonly before?: () => Promise<unknown>;
  readonly request?: Partial<DeployRequest<KubeRelease>>;
  readonly options?: KubernetesOptions;
  readonly code: string;
  readonly says: readonly string[];
  readonly exit: number;
}

const cases: readonly Case[] = [
  {
    name: 'image latest',
    request: { release: { image: 'registry/web:latest' } },
    code: 'ERR_INVALID_OPTIONS',
    says: ['release.image', 'latest', 'fixed tag'],
    exit: 2,
  },
  {
    name: 'image without a tag',
    request: { release: { image: 'registry:5000/web' } },
    code: 'ERR_INVALID_OPTIONS',
    says: ['release.image', 'fixed tag'],
    exit: 2,
  },
  { name: 'no such app', request: { app: 'shop/wep' }, code: 'ERR_APP_NOT_FOUND', says: ['wep', 'web'], exit: 2 },
  {
    name: 'no such container',
    request: { release: { images: { api: 'registry/web:1.3.0' } } },
    code: 'ERR_INVALID_OPTIONS',
    says: ['release.images.api', 'web'],
    exit: 2,
  },
  {
    name: 'several containers and no name',
    before: () =>
      send('PATCH', web, {
        spec: {
          template: {
            spec: {
              containers: [
                { name: 'a', image: 'registry/web:1.2.0' },
                { name: 'b', image: 'registry/web:1.2.0' },
                { name: 'web', $patch: 'delete' },
              ],
            },
          },
        },
      }),
    code: 'ERR_INVALID_OPTIONS',
    says: ['release.image', '2 containers', 'a, b'],
    exit: 2,
  },
  {
    name: 'something that is no release',
    request: { release: { chart: './chart' } as never },
    code: 'ERR_INVALID_OPTIONS',
    says: ['release', './chart'],
    exit: 2,
  },
  {
    name: 'Recreate',
    before: () => send('PATCH', web, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate', rollingUpdate: null } } }),
    code: 'ERR_PREFLIGHT',
    says: ['Recreate', 'RollingUpdate'],
    exit: 5,
  },
  { name: 'paused', before: () => send('PATCH', web, { spec: { paused: true } }), code: 'ERR_PREFLIGHT', says: ['spec.paused', 'resume'], exit: 5 },
  {
    name: 'no history',
    before: () => send('PATCH', web, { spec: { revisionHistoryLimit: 0 } }),
    code: 'ERR_PREFLIGHT',
    says: ['revisionHistoryLimit', '1 or more'],
    exit: 5,
  },
  {
    name: 'a Service that selects nothing',
    before: () => send('PATCH', '/api/v1/namespaces/shop/services/web', { spec: { selector: { app: 'wep' } } }),
    code: 'ERR_PREFLIGHT',
    says: ['Service web', 'wep', 'selector'],
    exit: 5,
  },
  {
    name: 'a Service that is named and not there',
    options: { app: { services: ['front'] } },
    code: 'ERR_PREFLIGHT',
    says: ['Service front', 'does not exist'],
    exit: 5,
  },
  ...[canary, () => new BlueGreen()].flatMap((strategy): readonly Case[] => [
    {
      name: `0 replicas for ${strategy().kind}`,
      before: () => send('PATCH', web, { spec: { replicas: 0 } }),
      request: { strategy: strategy() },
      code: 'ERR_UNSUPPORTED_WORKLOAD',
      says: ['spec.replicas', '0', 'scale'],
      exit: 2,
    },
    {
      name: `two autoscalers for ${strategy().kind}`,
      before: async () => {
        for (const name of ['web', 'web-too']) {
          await send('POST', '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers', {
            apiVersion: 'autoscaling/v2',
            kind: 'HorizontalPodAutoscaler',
            metadata: { name },
            spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 9 },
          });
        }
      },
      request: { strategy: strategy() },
      code: 'ERR_PREFLIGHT',
      says: ['HorizontalPodAutoscaler web and HorizontalPodAutoscaler web-too', 'keep one'],
      exit: 5,
    },
    {
      name: `a Deployment that has the candidate's name for ${strategy().kind}`,
      before: () =>
        send('POST', '/apis/apps/v1/namespaces/shop/deployments', {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'web-candidate' },
          spec: {
            replicas: 0,
            selector: { matchLabels: { app: 'other' } },
            template: { metadata: { labels: { app: 'other' } }, spec: { containers: [{ name: 'web', image: 'registry/web:1.2.0' }] } },
          },
        }),
      request: { strategy: strategy() },
      code: 'ERR_PREFLIGHT',
      says: ['Deployment web-candidate', 'not made by Shepherd', 'rename'],
      exit: 5,
    },
  ]),
  {
    name: 'a StatefulSet',
    before: () =>
      send('POST', '/apis/apps/v1/namespaces/shop/statefulsets', {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'db' },
        spec: {
          serviceName: 'db',
          selector: { matchLabels: { app: 'db' } },
          template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: 'registry/db:1.0.0' }] } },
        },
      }),
    request: { app: 'shop/db' },
    code: 'ERR_UNSUPPORTED_WORKLOAD',
    says: ['StatefulSet', 'db'],
    exit: 2,
  },
  {
    name: 'a canary that says nothing about analysis',
    request: { strategy: new Canary({ stages: [100] }) },
    code: 'ERR_INVALID_OPTIONS',
    says: ['strategy.analysis', 'analysis: false'],
    exit: 2,
  },
  {
    name: 'judging by metrics without metrics',
    request: { strategy: new RollingUpdate({ soak: '1m', analysis: { errorRate: { max: 0.05 } } }) },
    code: 'ERR_INVALID_OPTIONS',
    says: ['strategy.analysis', 'metrics in the Shepherd'],
    exit: 2,
  },
  { name: 'a timeout without a unit', request: { timeout: '180' as never }, code: 'ERR_INVALID_OPTIONS', says: ['timeout', '180', 'unit'], exit: 2 },
  {
    name: 'a field that a request does not have',
    request: { timout: '5m' } as never,
    code: 'ERR_INVALID_OPTIONS',
    says: ['request.timout', 'timeout'],
    exit: 2,
  },
  { name: 'a group of apps', request: { app: ['shop/web', 'shop/api'] }, code: 'ERR_INVALID_OPTIONS', says: ['app', '2 apps'], exit: 2 },
  { name: 'no rights', before: async () => sandbox.fault({ path: /deployments/ }, { status: 403 }), code: 'ERR_FORBIDDEN', says: ['deployments'], exit: 5 },
  {
    name: 'a router that is not built',
    options: { app: { router: { httpRoute: 'web' } } },
    code: 'ERR_INVALID_OPTIONS',
    says: ['app.router', 'httpRoute'],
    exit: 2,
  },
  {
    name: 'no cluster',
    options: { kubeconfig: kubeconfig('http://127.0.0.1:9'), transport: undefined },
    code: 'ERR_UNREACHABLE',
    says: ['127.0.0.1:9'],
    exit: 5,
  },
  {
    name: 'a broken kubeconfig',
    options: { kubeconfig: 'apiVersion: v1\nclusters: [', transport: undefined },
    code: 'ERR_INVALID_OPTIONS',
    says: ['kubeconfig'],
    exit: 2,
  },
  {
    name: 'a kubeconfig that is not there',
    options: { kubeconfig: '/nowhere/config', transport: undefined },
    code: 'ERR_INVALID_OPTIONS',
    says: ['/nowhere/config'],
    exit: 2,
  },
  { name: 'an unknown context', options: { context: 'prodction' }, code: 'ERR_INVALID_OPTIONS', says: ['prodction'], exit: 2 },
];

function kubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: {} }],
  });
}

async function outcomeOf({ request, options }: Case): Promise<Outcome> {
  await using shepherd = new Shepherd({ platform: kubernetes({ ...sandbox.connection, ...options }) });
  return await shepherd.deploy({ app: 'shop/web', release: { image: 'registry/web:1.3.0' }, ...request }).outcome;
}

describe('refused before the first write', () => {
  test.each(cases.map((each) => [each.name, each] as const))('%s', async (_name, each) => {
    await each.before?.();
    const before = sandbox.writes;
    const outcome = await outcomeOf(each);
    expect(outcome).toMatchObject({ kind: 'failed-untouched', serving: 'stable', error: { code: each.code } });
    if (outcome.kind !== 'failed-untouched') return;
    const { message, remedy, code } = outcome.error;
    for (const word of each.says) expect(`${message} ${remedy}`).toContain(word);
    expect(remedy.length).toBeGreaterThan(5);
    expect(existsSync(new URL(`../../../docs/reference/errors/${code}.md`, import.meta.url))).toBe(true);
    expect(exitCodeOf(outcome)).toBe(each.exit);
    expect(sandbox.writes).toBe(before);
  });

  test('a rollout that runs already, by name', async () => {
    await using first = new Shepherd({ platform: kubernetes(sandbox.connection) });
    const running = first.deploy({ app: 'shop/web', release: { image: 'registry/web:1.3.0' }, strategy: new BlueGreen({ soak: '30m' }) });
    await running.started;
    await using second = new Shepherd({ platform: kubernetes(sandbox.connection) });
    const outcome = await second.deploy({ app: 'shop/web', release: { image: 'registry/web:1.4.0' } }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_LOCK_HELD', facts: { rolloutId: running.id } } });
    await running.abort();
    expect((await running.outcome).kind).toBe('rolled-back');
  });
});

describe('refused by the constructor or by the door for JSON', () => {
  const bad: readonly (readonly [string, () => unknown, readonly string[]])[] = [
    ['stages that do not rise', () => new Canary({ stages: [50, 25, 100] }), ['strategy.stages[1]', '25', 'more than the stage before (50)']],
    ['stages that do not end at 100', () => new Canary({ stages: [10, 50] }), ['strategy.stages[1]', '50', '100 as the last stage']],
    ['no stages', () => new Canary({ stages: [] }), ['strategy.stages', 'at least one']],
    ['a stage above 100', () => new Canary({ stages: [10, 110] }), ['110', '1 to 100']],
    ['interval 0', () => new Canary({ stages: [100], interval: '0s' }), ['strategy.interval', '0s', 'at least']],
    ['an unknown option', () => new Canary({ stages: [100], intervall: '1m' } as never), ['strategy.intervall', 'unknown option', 'interval']],
    ['an error rate that can never fire', () => new BlueGreen({ analysis: { errorRate: { max: 1 } } }), ['errorRate.max', '1']],
    ['no platform', () => new Shepherd({ platform: {} }), ['platform']],
    ['what is no notifier', () => new Shepherd({ platform: kubernetes(), notifiers: [{} as never] }), ['notifiers[0]', 'specificationVersion']],
  ];

  test.each(bad)('%s', (_name, make, says) => {
    let error: unknown;
    try {
      make();
    } catch (caught) {
      error = caught;
    }
    expect(ShepherdError.is(error, 'ERR_INVALID_OPTIONS')).toBe(true);
    for (const word of says) expect((error as Error).message).toContain(word);
  });

  test('an unknown strategy names those that are known', async () => {
    await using shepherd = new Shepherd({ platform: kubernetes(sandbox.connection) });
    await expect(shepherd.parseRequest({ app: 'web', release: { image: 'a:1' }, strategy: { kind: 'canarry', options: {} } })).rejects.toMatchObject({
      code: 'ERR_NOT_REGISTERED',
      message: expect.stringContaining('rolling, blue-green, canary'),
    });
  });
});
