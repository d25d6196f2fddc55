import { expect, test } from 'vitest';
import type { KubeObject } from '../../api/objects.js';
import { victimsFirst } from './victims.js';

const nowMs = Date.parse('2026-01-01T12:00:00Z');

const pod = (name: string, { node = 'node-1', phase = 'Running', ready = true, readyS = 3_600, ageS = 3_600, restarts = 0, cost = '' } = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: new Date(nowMs - ageS * 1_000).toISOString(),
    annotations: cost === '' ? {} : { 'controller.kubernetes.io/pod-deletion-cost': cost },
  },
  spec: { nodeName: node },
  status: {
    phase,
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: new Date(nowMs - readyS * 1_000).toISOString() }],
    containerStatuses: [{ restartCount: restarts }],
  },
});

test('the order in which a ReplicaSet gives pods up', () => {
  const pods = [
    pod('settled'),
    pod('restarted', { restarts: 3 }),
    pod('ready-lately', { readyS: 5 }),
    pod('dear', { cost: '100' }),
    pod('cheap', { cost: '-1' }),
    pod('unready', { ready: false }),
    pod('pending', { phase: 'Pending', ready: false }),
    pod('unscheduled', { node: '', phase: 'Pending', ready: false }),
    pod('young', { ageS: 10 }),
  ];
  expect(victimsFirst(pods, nowMs).map(({ metadata }) => metadata.name)).toEqual([
    'unscheduled',
    'pending',
    'unready',
    'cheap',
    'ready-lately',
    'restarted',
    'young',
    'settled',
    'dear',
  ]);
});
