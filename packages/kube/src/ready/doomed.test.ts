import { expect, test } from 'vitest';
import { deployment, pod, replicaSet } from '../__fixtures__/make.js';
import pods from '../__fixtures__/pods.json' with { type: 'json' };
import workloads from '../__fixtures__/workloads.json' with { type: 'json' };
import type { Pod, ReplicaSet } from '../objects.js';
import { doomOf } from './doomed.js';

const recorded = pods as unknown as Record<keyof typeof pods, Pod>;

test.each([
  ['crashLoopBackOff', 'CrashLoopBackOff', 1, false],
  ['crashed', 'Restarting', 1, false],
  ['oomKilled', 'OOMKilled', 137, false],
  ['imagePullBackOff', 'ImagePullBackOff', undefined, false],
  ['invalidImageName', 'InvalidImageName', undefined, false],
  ['configError', 'CreateContainerConfigError', undefined, true],
  ['killedByLiveness', 'CrashLoopBackOff', 0, false],
  ['runContainerError', 'RunContainerError', undefined, false],
] as const)('a recorded pod %s is doomed: %s', (name, state, exitCode, soft) => {
  expect(doomOf([recorded[name]], undefined)).toMatchObject({ pod: recorded[name].metadata.name, container: 'web', state, exitCode, soft });
});

// The one killed by its liveness probe has no readiness probe, so that it serves in between.
test.each(['unready', 'unschedulable', 'runningAfterLiveness'] as const)('a recorded pod %s is not doomed at this moment', (name) => {
  expect(doomOf([recorded[name]], undefined)).toBeUndefined();
});

test('a quota that leaves no room dooms, but not while pods that hold it are leaving', () => {
  const quota = workloads.quota.replicaSet as unknown as ReplicaSet;
  expect(doomOf([], quota)).toMatchObject({ state: 'FailedCreate', soft: true, message: expect.stringContaining('exceeded quota: q') });
  expect(doomOf([], quota, { leaving: true })).toBeUndefined();
});

const waiting = (reason: string, message: string): Pod => {
  const base = recorded.imagePullBackOff;
  return { ...base, status: { ...base.status, containerStatuses: [{ name: 'web', ready: false, restartCount: 0, state: { waiting: { reason, message } } }] } };
};

test.each([
  ['ErrImagePull', 'rpc error: failed to resolve "r/web:1": not found', { soft: false }],
  ['ErrImagePull', 'failed to do request: Head "https://r/timeout-503": dial tcp: lookup r: no such host', { soft: true }],
  ['ImagePullBackOff', 'Back-off pulling image "r/web:1": unexpected status from HEAD request to https://r: 503 Service Unavailable', undefined],
  ['ImagePullBackOff', 'Back-off pulling image "r/web:1": 429 Too Many Requests', undefined],
  ['ImagePullBackOff', 'Back-off pulling image "r/timeout-503:1": manifest unknown', { soft: false }],
  ['CreateContainerConfigError', 'failed to sync configmap cache: timed out waiting for the condition', undefined],
  ['CreateContainerError', 'failed to reserve container name web: name is reserved for 12', undefined],
] as const)('%s, %s', (reason, message, expected) => {
  const doom = doomOf([waiting(reason, message)], undefined);
  if (expected === undefined) expect(doom).toBeUndefined();
  else expect(doom).toMatchObject({ state: reason, ...expected });
});

const set = replicaSet(deployment());

test('one bad pod among ready brothers is chance, until it failed three times or half of them are doomed', () => {
  const good = [1, 2, 3].map((i) => pod(set, i));
  const failing = (restartCount: number): Pod => {
    const bad = recorded.crashLoopBackOff;
    return { ...bad, status: { ...bad.status, containerStatuses: [{ ...(bad.status?.containerStatuses?.[0] as object), name: 'web', restartCount }] } };
  };
  expect(doomOf([...good, failing(1)], undefined)).toBeUndefined();
  expect(doomOf([...good, failing(3)], undefined)).toMatchObject({ state: 'CrashLoopBackOff', restarts: 3 });
  expect(doomOf([pod(set, 1), failing(1)], undefined)).toMatchObject({ state: 'CrashLoopBackOff' });
});

test('what a pod lived through before it was watched says nothing about this rollout', () => {
  const old = pod(set, 1, { ready: false, restarts: 5 });
  const status = { name: 'web', ready: false, restartCount: 5, state: { running: {} }, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } };
  const seen: Pod = { ...old, status: { ...old.status, containerStatuses: [status] } };
  expect(doomOf([seen], undefined, { before: new Map([['uid-web-aaa-1', 5]]) })).toBeUndefined();
  expect(doomOf([seen], undefined)).toMatchObject({ state: 'OOMKilled' });
});

test('an evicted pod is trouble of the node, not of the release', () => {
  const failed = (reason: string): Pod => ({ ...pod(set, 1, { ready: false }), status: { phase: 'Failed', reason } });
  expect(doomOf([failed('Evicted')], undefined)).toBeUndefined();
  expect(doomOf([failed('DeadlineExceeded')], undefined)).toMatchObject({ state: 'Failed' });
});
