import { stat } from 'node:fs/promises';
import { devNull } from 'node:os';
import { type Platform, type PortContext, systemClock, type WriteContext } from '@shepherd/core';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type KubeRelease, kubernetes } from '../index.js';

let sandbox: Sandbox;
let platform: Platform<KubeRelease>;
let life: AbortController;

beforeEach(async () => {
  sandbox = await createSandbox({ time: 'real' });
  sandbox.image('registry/web:1', { drainMs: 0 });
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1' });
  platform = kubernetes({ kubeconfig: sandbox.connection.kubeconfig });
  life = new AbortController();
});
afterEach(async () => {
  life.abort();
  await platform[Symbol.asyncDispose]?.();
  await sandbox[Symbol.asyncDispose]();
});

const read = (): PortContext => ({
  app: { cluster: 'default', namespace: 'shop', name: 'web' },
  rolloutId: undefined,
  signal: life.signal,
  clock: systemClock,
});
const write = (fence: number): WriteContext => ({ ...read(), rolloutId: `r${fence}`, fence });

interface Door {
  readonly env: Readonly<Record<string, string>>;
  readonly server: string;
  ask(
    method: string,
    path: string,
    body?: object,
    type?: string,
  ): Promise<{ readonly status: number; readonly body: { readonly message?: string } & Record<string, unknown> }>;
}

async function open(context: PortContext | WriteContext, until?: Promise<void>): Promise<Door> {
  const env = (await platform.childEnv?.(context, { until })) ?? {};
  const server = env['HELM_KUBEAPISERVER'] ?? '';
  return {
    env,
    server,
    async ask(method, path, body, type = 'application/strategic-merge-patch+json') {
      const answer = await fetch(`${server}${path}`, {
        method,
        headers: { 'content-type': type },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
  };
}

const web = '/apis/apps/v1/namespaces/shop/deployments/web';
const service = '/api/v1/namespaces/shop/services/web';
const scaled = { spec: { replicas: 5 } };
const annotations = (kind: string): Readonly<Record<string, string>> =>
  (sandbox.objects.get(kind, 'shop', 'web') as unknown as { metadata: { annotations?: Record<string, string> } }).metadata.annotations ?? {};

const gone = (work: Promise<unknown>): Promise<'there' | 'gone'> =>
  work.then(
    () => 'there',
    () => 'gone',
  );

test('the way in holds no credential of the cluster, keeps those of this machine away, and is gone with the signal', async () => {
  const { env, server } = await open(read());
  const text = JSON.stringify(env);
  for (const secret of sandbox.connection.kubeconfig.matchAll(/(?:token|key-data|certificate-data): *(\S+)/g)) expect(text).not.toContain(secret[1]);
  expect(env['KUBECONFIG']).toBe(devNull);
  const cache = env['KUBECACHEDIR'] ?? '';
  expect((await stat(cache)).mode & 0o777).toBe(0o700);
  life.abort();
  await expect.poll(() => gone(fetch(server))).toBe('gone');
  await expect.poll(() => gone(stat(cache))).toBe('gone');
});

test('where no file can be written the way in is the same, and children keep nothing', async () => {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = '/proc/nowhere';
  try {
    const { env, server } = await open(read());
    expect(env['KUBECACHEDIR']).toBe(devNull);
    expect((await fetch(`${server}${web}`)).status).toBe(200);
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
});

test('who does not know the way gets nothing', async () => {
  const { server } = await open(read());
  const { origin } = new URL(server);
  for (const path of ['/version', `/${'x'.repeat(32)}/version`, '/']) expect((await fetch(`${origin}${path}`)).status).toBe(401);
});

test('what only reads reads, and dry runs; it stores nothing', async () => {
  const door = await open(read());
  expect((await door.ask('GET', web)).status).toBe(200);
  const before = sandbox.writes;
  expect((await door.ask('PATCH', `${web}?dryRun=All`, scaled)).body['spec']).toMatchObject({ replicas: 5 });
  expect(await door.ask('PATCH', web, scaled)).toMatchObject({ status: 403, body: { message: expect.stringContaining('may only read') } });
  expect(await door.ask('DELETE', web)).toMatchObject({ status: 403 });
  expect(sandbox.objects.get('deployments.apps', 'shop', 'web')?.spec).not.toMatchObject({ replicas: 5 });
  expect(sandbox.writes - before).toBeLessThanOrEqual(1);
});

test('a write carries our fence, and none lands after a later holder', async () => {
  const door = await open(write(3));
  expect((await door.ask('PATCH', web, scaled)).status).toBe(200);
  expect(annotations('deployments.apps')).toMatchObject({ 'shepherd.dev/fence': '3', 'shepherd.dev/rollout-id': 'r3' });
  await platform.fence?.(write(4));
  for (const [method, path] of [
    ['PATCH', web],
    ['PATCH', service],
    ['POST', '/api/v1/namespaces/shop/configmaps'],
    ['DELETE', service],
  ] as const) {
    expect(await door.ask(method, path, { spec: { replicas: 9 } })).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('later holder of the lock') },
    });
  }
});

test('what a child writes waits until it may, and is refused where it may not; what it reads does not wait', async () => {
  let [may, mayNot] = [(): void => undefined, (): void => undefined];
  const stored = () => sandbox.objects.get('deployments.apps', 'shop', 'web')?.spec as { readonly replicas: number };
  const { replicas } = stored();
  const first = await open(write(3), new Promise<void>((resolve) => (may = resolve)));
  let isAnswered = false;
  const held = first.ask('PATCH', web, scaled).finally(() => (isAnswered = true));
  expect((await first.ask('GET', web)).status).toBe(200);
  expect((await first.ask('PATCH', `${web}?dryRun=All`, scaled)).status).toBe(200);
  expect([isAnswered, stored().replicas]).toEqual([false, replicas]);
  may();
  expect((await held).status).toBe(200);
  expect(stored().replicas).toBe(5);
  const second = await open(write(4), new Promise<void>((_, reject) => (mayNot = () => reject(new Error('not wanted any more')))));
  const refused = second.ask('PATCH', web, { spec: { replicas: 7 } });
  mayNot();
  expect(await refused).toMatchObject({ status: 502, body: { message: expect.stringContaining('not wanted any more') } });
  expect(stored().replicas).toBe(5);
});

test('what a rollout holds of an object stays', async () => {
  await platform.tracks.scale(write(1), 'stable', 1);
  const door = await open(write(1));
  await door.ask('PATCH', web, { spec: { replicas: 7, minReadySeconds: 3 } });
  expect(sandbox.objects.get('deployments.apps', 'shop', 'web')?.spec).toMatchObject({ replicas: 1, minReadySeconds: 3 });
});

test('an apply that conflicts with nobody but us takes over; with somebody else it is told so', async () => {
  const [ours, theirs] = [await open(write(1)), 'application/apply-patch+yaml'];
  await platform.releases.apply(write(1), { patch: { spec: { terminationGracePeriodSeconds: 7 } } }, { track: 'stable', replicas: 3 });
  const live = sandbox.objects.get('deployments.apps', 'shop', 'web') as unknown as {
    spec: { selector: object; template: { metadata: object; spec: { containers: readonly { name: string; image: string }[] } } };
  };
  const [{ name, image } = { name: '', image: '' }] = live.spec.template.spec.containers;
  const applied = (spec: object) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      selector: live.spec.selector,
      template: { metadata: { labels: (live.spec.template.metadata as { labels: object }).labels }, spec: { containers: [{ name, image }], ...spec } },
    },
  });
  expect(await ours.ask('PATCH', `${web}?fieldManager=helm&force=false`, applied({ terminationGracePeriodSeconds: 9 }), theirs)).toMatchObject({ status: 200 });
  await fetch(`${sandbox.url}${web}?fieldManager=person`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ spec: { template: { spec: { terminationGracePeriodSeconds: 11 } } } }),
  });
  expect(await ours.ask('PATCH', `${web}?fieldManager=helm&force=false`, applied({ terminationGracePeriodSeconds: 12 }), theirs)).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('person') },
  });
});
