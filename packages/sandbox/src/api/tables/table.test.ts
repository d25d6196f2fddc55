import { describe, expect, test } from 'vitest';
import { client, deployment } from '../api-fixture.js';
import type { Wire } from '../json.js';
import { humanDuration } from './age.js';
import { podStatus } from './pod-columns.js';

const seconds = (days: number, hours = 0, minutes = 0, rest = 0): number => (((days * 24 + hours) * 60 + minutes) * 60 + rest) * 1000;

test.each([
  [-5_000, '<invalid>'],
  [0, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [seconds(0, 0, 9, 59), '9m59s'],
  [seconds(0, 0, 10, 59), '10m'],
  [seconds(0, 2, 59), '179m'],
  [seconds(0, 3, 5), '3h5m'],
  [seconds(0, 8, 5), '8h'],
  [seconds(2), '2d'],
  [seconds(7, 3), '7d3h'],
  [seconds(8, 3), '8d'],
  [seconds(731), '2y1d'],
  [seconds(3000), '8y'],
])('an age of %i ms is %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});

describe('the word for a pod', () => {
  const pod = (status: Wire, more: Wire = {}): Wire => ({ metadata: {}, spec: { containers: [{}] }, status, ...more });
  const waiting = (reason: string): Wire => ({ state: { waiting: { reason } } });
  test.each([
    ['Pending', pod({ phase: 'Pending' })],
    ['CrashLoopBackOff', pod({ phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] })],
    ['OOMKilled', pod({ phase: 'Running', containerStatuses: [{ state: { terminated: { reason: 'OOMKilled', exitCode: 137 } } }] })],
    ['ExitCode:3', pod({ phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 3 } } }] })],
    ['NotReady', pod({ phase: 'Running', containerStatuses: [{ state: { terminated: { reason: 'Completed' } } }, { ready: true, state: { running: {} } }] })],
    ['Terminating', pod({ phase: 'Running' }, { metadata: { deletionTimestamp: 'now' } })],
    ['Completed', pod({ phase: 'Succeeded', containerStatuses: [{ state: { terminated: { reason: 'Completed' } } }] })],
    [
      'Init:1/2',
      pod(
        { phase: 'Pending', initContainerStatuses: [{ state: { terminated: { exitCode: 0 } } }, { state: { running: {} } }] },
        { spec: { containers: [{}], initContainers: [{ name: 'a' }, { name: 'b' }] } },
      ),
    ],
    ['Init:ErrImagePull', pod({ phase: 'Pending', initContainerStatuses: [waiting('ErrImagePull')] }, { spec: { containers: [{}], initContainers: [{}] } })],
  ])('%s', (word, object) => {
    expect(podStatus(object)).toBe(word);
  });
});

test('a list, one object and a watch are told as tables, or as metadata alone, to those who ask', async () => {
  const { objects, server } = client();
  objects.create('deployments.apps', { ...deployment('web'), metadata: { name: 'web', namespace: 'default' } });
  const get = async (path: string, accept: string): Promise<Response> =>
    server.handle(
      new Request(`http://sandbox/apis/apps/v1/namespaces/default/deployments${path}`, { headers: { accept, authorization: `Bearer ${server.adminToken}` } }),
    );
  const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const table: Wire = await (await get('', asTable)).json();
  expect(table).toMatchObject({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    rows: [{ cells: ['web', '0/2', 0, 0, expect.any(String), 'web', 'web:1', 'app=web'] }],
  });
  expect(table.rows[0].object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'web' } });
  expect(table.rows[0].object).not.toHaveProperty('spec');
  expect(await (await get('/web?includeObject=Object', asTable)).json()).toMatchObject({ rows: [{ object: { kind: 'Deployment', spec: { replicas: 2 } } }] });
  expect(await (await get('/web', 'application/vnd.kubernetes.protobuf,application/json')).json()).toMatchObject({ kind: 'Deployment' });
  const partial: Wire = await (await get('', 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io')).json();
  expect([partial.kind, Object.keys(partial.items[0]).sort()]).toEqual(['PartialObjectMetadataList', ['apiVersion', 'kind', 'metadata']]);
  const watch = (await get('?watch=1&timeoutSeconds=1', asTable)).body?.getReader();
  const event = JSON.parse(new TextDecoder().decode((await watch?.read())?.value));
  expect(event).toMatchObject({ type: 'ADDED', object: { kind: 'Table', columnDefinitions: expect.any(Array), rows: [{ cells: expect.any(Array) }] } });
  await watch?.cancel();
});
