import { expect, test } from 'vitest';
import type { PodState } from '../ports/diagnosis.js';
import { podChanges } from './pods.js';

const pod = (name: string, change: Partial<PodState> = {}): PodState => ({
  name,
  workload: 'web',
  track: 'stable',
  images: ['web:1'],
  ready: 1,
  containers: 1,
  state: 'Running',
  restarts: 0,
  createdAt: '2026-01-01T00:00:00Z',
  ...change,
});
const seen = (...pods: readonly PodState[]): ReadonlyMap<string, PodState> => new Map(pods.map((each) => [each.name, each]));

test('all pods come at the first look', () => {
  expect(podChanges(seen(), [pod('b'), pod('a')]).map((change) => [change.kind, 'pod' in change && change.pod.name])).toEqual([
    ['came', 'a'],
    ['came', 'b'],
  ]);
});

test('what stayed as it was is no change; what went comes first', () => {
  const changes = podChanges(seen(pod('a'), pod('b'), pod('c')), [pod('a'), pod('c', { state: 'Terminating' })]);
  expect(changes).toEqual([
    { kind: 'went', before: pod('b') },
    { kind: 'changed', before: pod('c'), pod: pod('c', { state: 'Terminating' }) },
  ]);
});

test.each<Partial<PodState>>([{ ready: 0 }, { restarts: 1 }, { state: 'CrashLoopBackOff' }, { images: ['web:2'] }, { track: 'candidate' }, { node: 'n' }])(
  '%j is a change',
  (change) => expect(podChanges(seen(pod('a')), [pod('a', change)])).toHaveLength(1),
);
