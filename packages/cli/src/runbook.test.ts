// The commands of the runbook, run as they stand there, each on a cluster with the trouble that it is about.
import { readFileSync } from 'node:fs';
import { helm } from '@shepherd/helm';
import { kubernetes } from '@shepherd/kube';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { expect, test } from 'vitest';
import { FakeIo } from './__fixtures__/fake-io.js';
import { main } from './main.js';

const guide = readFileSync(new URL('../../../docs/guides/when-it-breaks.md', import.meta.url), 'utf8');
const blocks = [...guide.matchAll(/<!-- run: (.+) -->\n```sh\n([\s\S]*?)```/g)].map(([, trouble = '', lines = '']) => ({
  trouble,
  lines: lines.trim().split('\n'),
}));

interface Told {
  readonly code: number;
  readonly out: string;
}
type Shepherd = (line: string) => Promise<Told>;

interface Trouble {
  readonly make: (shepherd: Shepherd, sandbox: Sandbox) => Promise<unknown>;
  readonly codes?: readonly number[];
  readonly first: RegExp;
}

async function send({ connection: { kubeconfig, transport } }: Sandbox, path: string, method: string, body: object): Promise<void> {
  const token = /token: (\S+)/.exec(kubeconfig)?.[1] ?? '';
  const type = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
  const headers = { 'content-type': type, authorization: `Bearer ${token}` };
  const response = await transport(new Request(`http://sandbox.invalid${path}`, { method, headers, body: JSON.stringify(body) }));
  if (!response.ok) throw new Error(await response.text());
}
const deployment = '/apis/apps/v1/namespaces/shop/deployments/web';
const setImage = (sandbox: Sandbox, image: string) =>
  send(sandbox, deployment, 'PATCH', { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } });

const troubles: Readonly<Record<string, Trouble>> = {
  'a release that crashes': { make: (_, sandbox) => setImage(sandbox, 'r/web:crash'), first: /^(?:1\. )?crash \(app, certain\): Pod web-/m },
  'an outage': {
    // Somebody let no old pod stay.
    make: async (shepherd, sandbox) => {
      expect((await shepherd('deploy shop/web --image r/web:1.1.0 --yes')).code).toBe(0);
      await send(sandbox, deployment, 'PATCH', { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } });
      await setImage(sandbox, 'r/web:sick');
    },
    first: /is down: 0 of 4 pods ready\n\n(?:1\. )?app-unhealthy/,
  },
  'one pod that fails': { make: (_, sandbox) => setImage(sandbox, 'r/web:crash'), first: /pods that are not ready\n {2}Pod web-\S+: web CrashLoopBackOff/ },
  'a process that hangs': { make: (_, sandbox) => Promise.resolve(sandbox.kill({ app: 'shop/web', count: 1 })), first: /^kubernetes\/shop\/web is / },
  'an app that is slow': { make: async (_, sandbox) => sandbox.usage('shop/web', { cpu: '400m' }), first: /what the pods use/ },
  'a database that is down': {
    make: async (_, sandbox) => {
      await send(sandbox, '/api/v1/namespaces', 'POST', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'data' } });
      const spec = { clusterIP: 'None', selector: { app: 'mongodb' }, ports: [{ port: 27017 }] };
      await send(sandbox, '/api/v1/namespaces/data/services', 'POST', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'mongodb-headless' }, spec });
    },
    first: /^(?:1\. )?dependency-(?:dns|tcp) \(dependency, certain\): Dependency mongodb/m,
  },
  'an image that nobody has': { make: (_, sandbox) => setImage(sandbox, 'r/web:9.9.9'), first: /^(?:1\. )?image-not-found \(config, certain\)/m },
};

test('every block of the runbook is about a trouble that is made here', () => {
  expect(blocks.map(({ trouble }) => trouble).toSorted()).toEqual(Object.keys(troubles).toSorted());
});

test.each(blocks)('$trouble', async ({ trouble, lines }) => {
  await using sandbox = await createSandbox();
  for (const tag of ['1.0.0', '1.1.0']) sandbox.image(`r/web:${tag}`);
  sandbox.image('r/web:crash', { crash: { exitCode: 1, log: 'fatal: no DATABASE_URL' } });
  sandbox.image('r/web:sick', { health: 503 });
  sandbox.image('r/web:9.9.9', { pull: 'not-found' });
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 4 });
  const shepherd: Shepherd = async (line) => {
    const io = new FakeIo();
    const connect = async (connection: object) => helm(kubernetes({ ...connection, ...sandbox.connection }));
    const argv = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
    const code = await main(argv, io, { connect, clock: sandbox.connection.clock });
    return { code, out: io.out + io.err };
  };
  // What is loaded at first use takes real time, in which virtual time jumps past every deadline.
  await shepherd('status shop/web');
  const { make, first } = troubles[trouble] as Trouble;
  await make(shepherd, sandbox);
  await sandbox.connection.clock.sleep(60_000);
  const told: Told[] = [];
  for (const line of lines) told.push(await shepherd(line.replace(/^shepherd /, '')));
  expect(told.map(({ code, out }) => `${code}${code === 0 ? '' : out}`)).toEqual(lines.map(() => '0'));
  expect(told[0]?.out).toMatch(first);
});
