// What a person sees with kubectl of a release: why each revision is there, and what happens to the Deployment.
import { formatOutcome, Shepherd } from '@shepherd/core';
import { kubernetes } from '@shepherd/kube';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checks, image, installWeb, kubectl, type Lab, openLab } from '../../bench/src/lab/index.js';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab[Symbol.asyncDispose]());

test('rollout history shows who released what by which rollout and why; events show each step under its reason', async () => {
  const namespace = await lab.namespace('telemetry');
  await installWeb(lab, namespace, { replicas: 2 });
  const actor = { name: 'ada', kind: 'human' } as const;
  const shepherd = new Shepherd({ platform: kubernetes({ namespace }), defaults: { checks }, actor });
  const outcome = await shepherd.deploy({ app: 'web', release: { image: image('1.1.0') }, reason: 'faster checkout', drain: '3s' }).outcome;
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  await shepherd.close();
  const history = await kubectl(['-n', namespace, 'rollout', 'history', 'deployment/web']);
  expect(history).toMatch(new RegExp(`shepherd rolling \\S+ → \\S+:1\\.1\\.0 by ada rollout=${outcome.rolloutId} faster checkout`));
  const events = await kubectl(['-n', namespace, 'events', '--for', 'deployment/web']);
  for (const reason of ['RolloutStarted', 'RolloutStepCompleted', 'RolloutCompleted']) expect(events).toContain(reason);
  expect(events).toContain('rolling of');
});
