// Incidents on a cluster: their ConfigMap, compare-and-set between processes, nodes, and what somebody edited.
import { type Notice, type Notifier, Shepherd } from '@shepherd/core';
import { listIncidents, openIncident, resolveIncident, watchOver } from '@shepherd/core/incidents';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type KubeRelease, kubernetes } from '../index.js';

let sandbox: Sandbox;
const got: Notice[] = [];
beforeEach(async () => {
  got.length = 0;
  sandbox = await createSandbox();
  sandbox.image('registry/web:1.2.0');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.2.0', replicas: 2 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const notifier: Notifier = { specificationVersion: 'v1', name: 'pager', send: async (notice) => (got.push(notice), { kind: 'sent' }) };
const shepherd = (): Shepherd<KubeRelease> => new Shepherd<KubeRelease>({ platform: kubernetes(sandbox.connection), notifiers: [notifier] });
const path = '/api/v1/namespaces/shop/configmaps/shepherd-web-incidents';

async function send(method: string, at: string, body?: object): Promise<{ status: number; json: { data: { record: string }; metadata: { labels: object } } }> {
  const token = /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1] ?? '';
  const headers = { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json', authorization: `Bearer ${token}` };
  const response = await sandbox.connection.transport(
    new Request(`http://sandbox.invalid${at}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
  );
  return { status: response.status, json: (await response.json()) as never };
}

test('are kept in a ConfigMap, without a lock; ten processes that open at once open one', async () => {
  const all = Array.from({ length: 10 }, () => shepherd());
  const changes = await Promise.all(all.map((each) => openIncident(each, 'shop/web', { kind: 'security', reason: 'a key leaked' })));
  expect(changes.filter(({ changed }) => changed)).toHaveLength(1);
  expect(got.map(({ type }) => type)).toEqual(['incident.opened', 'incident.escalated']);
  const { json } = await send('GET', path);
  expect(json.metadata.labels).toMatchObject({ 'shepherd.dev/incidents': 'true', 'app.kubernetes.io/managed-by': 'shepherd' });
  expect(JSON.parse(json.data.record)).toMatchObject({ schema: 1, count: 1, outbox: { notices: [] } });
  expect((await send('GET', '/apis/coordination.k8s.io/v1/namespaces/shop/leases/shepherd-web')).status).toBe(404);
  await resolveIncident(all[0] as Shepherd<KubeRelease>, 'shop/web', { reason: 'changed' });
  expect(got.at(-1)?.type).toBe('incident.resolved');
  await Promise.all(all.map((each) => each.close()));
});

test('an app without pods is an outage, escalated after 15 minutes by one of two watches', async () => {
  await using one = shepherd();
  await using two = shepherd();
  await send('PATCH', '/apis/apps/v1/namespaces/shop/deployments/web', { spec: { replicas: 0 } });
  await sandbox.connection.clock.sleep(60_000);
  const watch = async (by: Shepherd<KubeRelease>): Promise<string | undefined> => {
    let last: string | undefined;
    for await (const event of watchOver(by, 'shop/web', { for: '16m', every: '1m' })) last = event.type;
    return last;
  };
  expect(await Promise.all([watch(one), watch(two)])).toEqual(['watch-end', 'watch-end']);
  expect(got.map(({ type, facts }) => `${type} ${facts.find(({ key }) => key === 'rule')?.value.slice(0, 2) ?? ''}`)).toEqual([
    'incident.opened ',
    'incident.escalated E1',
    'incident.escalated E6',
  ]);
  expect(new Set(got.map(({ id }) => id)).size).toBe(3);
});

test('what somebody edited is refused by name, and nothing is written over it', async () => {
  await using by = shepherd();
  await openIncident(by, 'shop/web', { kind: 'outage', reason: 'x' });
  for (const [record, says] of [
    ['[1]', /schema/],
    ['{"schema":2}', /schema/],
    ['{', /no JSON/],
  ] as const) {
    await send('PATCH', path, { data: { record } });
    const before = sandbox.writes;
    await expect(listIncidents(by, 'shop/web')).rejects.toMatchObject({ code: 'ERR_JOURNAL', message: expect.stringMatching(says) });
    await expect(openIncident(by, 'shop/web', { kind: 'outage', reason: 'x' })).rejects.toMatchObject({ code: 'ERR_JOURNAL' });
    expect(sandbox.writes).toBe(before);
  }
});

test('who may not read nodes watches without them', async () => {
  await using by = shepherd();
  sandbox.fault({ path: /\/nodes/ }, { status: 403 });
  const said: string[] = [];
  for await (const event of watchOver(by, 'shop/web', { for: '1m' })) if (event.type === 'look') said.push(event.says);
  expect(said).toEqual(['well']);
});
