import { expect, test } from 'vitest';
import { deployment, service, workload } from './__fixtures__/make.js';
import { isIsolated, originalSelector, refuseServing, replicasOf } from './workload.js';

const beside = deployment({ name: 'web-candidate', labels: { app: 'web', 'shepherd.dev/track': 'candidate' } });
const isolated = deployment({ name: 'web-candidate', labels: { app: 'web-candidate', 'shepherd.dev/track': 'candidate' } });

test('R is what a rollout wrote down beside its candidate; later the live count', () => {
  const held = deployment({ replicas: 2, annotations: { 'shepherd.dev/replicas': '6' } });
  expect(replicasOf(workload({ stable: held, candidate: beside }))).toBe(6);
  // `kubectl rollout undo` brings the annotation back from a ReplicaSet, without a rollout.
  expect(replicasOf(workload({ stable: held }))).toBe(2);
  expect(replicasOf(workload({ stable: deployment({ replicas: 2, annotations: { 'shepherd.dev/replicas': 'x' } }), candidate: beside }))).toBe(2);
});

test('a candidate is isolated if a key of a selector tells it from stable, whichever side is selected', () => {
  expect(isIsolated(workload())).toBe(false);
  expect(isIsolated(workload({ candidate: beside }))).toBe(false);
  expect(isIsolated(workload({ candidate: isolated }))).toBe(true);
  expect(isIsolated(workload({ candidate: isolated, services: [service('web', { app: 'web-candidate' })] }))).toBe(true);
  expect(isIsolated(workload({ candidate: beside, roles: 'swap' }))).toBe(true);
});

test('the selector that its owner wrote is known while traffic is elsewhere, also when the note is damaged', () => {
  expect(originalSelector(service('web', { app: 'web-candidate' }, { 'shepherd.dev/original-selector': '{"app":"web"}' }))).toEqual({ app: 'web' });
  expect(originalSelector(service('web', { app: 'web' }, { 'shepherd.dev/original-selector': '{' }))).toEqual({ app: 'web' });
});

test('what a Service sends to keeps its pods', () => {
  const switched = workload({ candidate: isolated, services: [service('web', { app: 'web-candidate' })] });
  expect(() => refuseServing(switched, isolated)).toThrow(expect.objectContaining({ code: 'ERR_CONFLICT' }));
  expect(() => refuseServing(switched, switched.stable)).not.toThrow();
});
