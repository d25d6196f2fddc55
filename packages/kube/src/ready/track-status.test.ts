import { expect, test } from 'vitest';
import { deployment, pod, replicaSet, service, slice } from '../__fixtures__/make.js';
import pods from '../__fixtures__/pods.json' with { type: 'json' };
import workloads from '../__fixtures__/workloads.json' with { type: 'json' };
import type { Deployment, Pod, ReplicaSet } from '../objects.js';
import { judgeTrack, type Observation } from './track-status.js';

function settled(change: Partial<Observation> = {}, parts: Parameters<typeof deployment>[0] = {}): Observation {
  const web = deployment(parts);
  const current = replicaSet(web);
  const all = [1, 2, 3].map((i) => pod(current, i));
  return { deployment: web, replicaSets: [current], pods: all, services: [service('web', { app: 'web' })], slices: [slice('web', all)], ...change };
}

test('a rolled out app is settled, with every pod in the endpoints', () => {
  expect(judgeTrack(settled())).toMatchObject({ settled: true, waitingFor: undefined, replicas: 3, ready: 3, doom: undefined });
});

const set = replicaSet(deployment());
const three = [1, 2, 3].map((i) => pod(set, i));

test.each<[string, Observation, string, number]>([
  ['paused', settled({}, { spec: { paused: true } }), 'the Deployment is paused', 3],
  ['not seen by the controller', settled({}, { generation: 2, status: { observedGeneration: 1 } }), 'the controller has not seen the change yet', 3],
  ['still being made', settled({}, { status: { updatedReplicas: 2 } }), '2 of 3 pods made', 3],
  ['beside one old pod', settled({}, { status: { replicas: 4 } }), '1 old pod still there', 3],
  ['beside old pods', settled({}, { status: { replicas: 5 } }), '2 old pods still there', 3],
  [
    'a pod not ready',
    settled({ pods: [...three.slice(0, 2), pod(set, 3, { ready: false })] }),
    '2 of 3 pods ready; web-aaa-3: runs, its readiness probe does not pass yet',
    2,
  ],
  ['a pod leaving', settled({ pods: [...three.slice(0, 2), pod(set, 3, { leaving: true })] }), '2 of 3 pods ready', 2],
  [
    'not available long enough',
    settled({}, { status: { availableReplicas: 1 }, spec: { minReadySeconds: 5 } }),
    '1 of 3 pods available (minReadySeconds 5)',
    3,
  ],
  ['not in the endpoints', settled({ slices: [slice('web', three.slice(0, 2))] }), '2 of 3 pods in the endpoints of web', 2],
])('an app %s is waited for', (_, observation, waitingFor, ready) => {
  expect(judgeTrack(observation)).toMatchObject({ settled: false, waitingFor, ready });
});

test('pods of an older template never count as ready ones', () => {
  const now = deployment({
    generation: 2,
    annotations: { 'deployment.kubernetes.io/revision': '1' },
    labels: { app: 'web', build: '2' },
    selector: { app: 'web' },
  });
  expect(judgeTrack(settled({ deployment: now }))).toMatchObject({ settled: false, ready: 0, waitingFor: 'no pod of the new template yet' });
});

test('pods of another workload that the selector matches too do not count', () => {
  const other = replicaSet(deployment({ name: 'web-candidate', labels: { app: 'web', track: 'candidate' } }), { hash: 'bbb' });
  const observation = settled();
  expect(
    judgeTrack({ ...observation, replicaSets: [...observation.replicaSets, other], pods: [...observation.pods, pod(other, 1, { ready: false })] }),
  ).toMatchObject({ settled: true, ready: 3 });
});

test('a Service that does not select the track says nothing about it', () => {
  expect(judgeTrack(settled({ services: [service('web', { app: 'other' })], slices: [] }))).toMatchObject({ settled: true, ready: 3 });
});

test('a recorded app whose readiness fails: what the probe heard is named', () => {
  const { deployment: web, replicaSet: current } = workloads.unready as unknown as { deployment: Deployment; replicaSet: ReplicaSet };
  const unready = pods.unready as unknown as Pod;
  const observation: Observation = { deployment: web, replicaSets: [current], pods: [unready], services: [], slices: [] };
  expect(judgeTrack(observation)).toMatchObject({ settled: false, ready: 0, doom: undefined, unready: { metadata: { name: unready.metadata.name } } });
  const answers = new Map([[unready.metadata.name, 'readiness GET /api/health answered 503']]);
  expect(judgeTrack({ ...observation, answers }).waitingFor).toBe(`0 of 1 pods ready; ${unready.metadata.name}: readiness GET /api/health answered 503`);
});
