import { expect, test } from 'vitest';
import type { KubeObject } from '../api/objects.js';
import { targetsOf } from '../services/service-table.js';
import { type SliceContent, slicesOf } from './endpoint-slices.js';

const service = (spec: object = {}): KubeObject =>
  ({
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'web' }], ...spec },
  }) as never;

const pod = (name: string, { ready = true, going = false, port = 5000, ip = `10.0.0.${name}`, phase = 'Running', app = 'web' } = {}): KubeObject =>
  ({
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: name, labels: { app }, ...(going ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: { nodeName: 'node-1', containers: [{ ports: [{ name: 'web', containerPort: port }] }] },
    status: { phase, podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as never;

const conditions = (contents: readonly SliceContent[] | undefined) =>
  contents?.flatMap(({ endpoints }) =>
    endpoints.map(({ targetRef, conditions: { ready, serving, terminating } }) => [targetRef?.name, ready, serving, terminating]),
  );

const targets = (contents: readonly SliceContent[] | undefined) => targetsOf(contents as never).get('http');

test('a pod is ready until it is unready or asked to go; one that goes still serves', () => {
  const contents = slicesOf(service(), [pod('1'), pod('2', { ready: false }), pod('3', { going: true }), pod('4', { going: true, ready: false })]);
  expect(conditions(contents)).toEqual([
    ['1', true, true, false],
    ['2', false, false, false],
    ['3', false, true, true],
    ['4', false, false, true],
  ]);
  expect(contents?.[0]?.ports).toEqual([{ name: 'http', port: 5000, protocol: 'TCP' }]);
  expect(targets(contents)).toEqual(['10.0.0.1:5000']);
});

test('without ready pods, those that go are used while they serve', () => {
  expect(targets(slicesOf(service(), [pod('3', { going: true }), pod('4', { going: true, ready: false })]))).toEqual(['10.0.0.3:5000']);
});

test('pods of others, without address, or ended are left out', () => {
  expect(
    conditions(slicesOf(service(), [pod('1', { app: 'db' }), pod('2', { ip: '' }), pod('3', { phase: 'Failed' }), pod('4', { phase: 'Succeeded' })])),
  ).toEqual([]);
});

test('pods whose named port has another number have a slice of their own', () => {
  const contents = slicesOf(service(), [pod('1'), pod('2', { port: 6000 }), pod('3')]);
  expect(contents?.map(({ ports, endpoints }) => [ports[0]?.port, endpoints.length])).toEqual([
    [5000, 2],
    [6000, 1],
  ]);
  expect(targets(contents)).toEqual(['10.0.0.1:5000', '10.0.0.3:5000', '10.0.0.2:6000']);
});

test('publishNotReadyAddresses makes all ready, though they may not serve; no selector makes no slice', () => {
  expect(conditions(slicesOf(service({ publishNotReadyAddresses: true }), [pod('2', { ready: false })]))).toEqual([['2', true, false, false]]);
  expect(slicesOf(service({ selector: undefined }), [])).toBeUndefined();
});
