// A node is drained, and KEDA scales, while a rollout runs.
import { BlueGreen, Canary, formatOutcome, type Outcome, RollingUpdate, Shepherd, type Strategy } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { at, type Person, person } from './__fixtures__/person.js';
import { kubernetes } from './index.js';
import type { Pod, ScaledObject } from './objects.js';

vi.setConfig({ testTimeout: 60_000 });

let sandbox: Sandbox;
let somebody: Person;

beforeEach(async () => {
  sandbox = await createSandbox();
  for (const version of ['1.0.0', '2.0.0']) sandbox.image(`registry/web:${version}`, { startup: '3s' });
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 4 });
  somebody = person(sandbox);
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const strategies: readonly (readonly [string, () => Strategy])[] = [
  ['rolling', () => new RollingUpdate({ soak: '20s' })],
  ['blue-green', () => new BlueGreen({ soak: '20s' })],
  ['canary', () => new Canary({ stages: [50, 100], interval: '20s', analysis: false })],
];

describe.each(strategies)('%s', (_name, strategy) => {
  test('pods evicted by a drain at every step: waited for, no request is lost, the release succeeds', async () => {
    await somebody.send('POST', '/apis/policy/v1/namespaces/shop/poddisruptionbudgets', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web' },
      spec: { minAvailable: 3, selector: { matchLabels: { app: 'web' } } },
    });
    // Until its controller has counted, a budget lets nobody go.
    await sandbox.connection.clock.sleep(1_000);
    await using shepherd = new Shepherd({ platform: kubernetes(sandbox.connection) });
    const load = sandbox.load('shop/web', { rate: 5 });
    const rollout = shepherd.deploy({
      app: 'shop/web',
      release: { image: 'registry/web:2.0.0', preStopSleep: '5s' },
      strategy: strategy(),
      checks: standard({ quiet: '10s' }),
      drain: '5s',
    });
    const evicted: string[] = [];
    for await (const event of rollout) if (event.type === 'step-start') evicted.push(...(await evictOne()));
    const outcome = await rollout.outcome;
    const { failed } = await load.stop();
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(evicted.length).toBeGreaterThan(2);
    expect(failed).toBe(0);
  });
});

/** As `kubectl drain` does with one pod: what the budget forbids now is tried again later. */
async function evictOne(): Promise<readonly string[]> {
  const { items } = await somebody.send<{ readonly items: readonly Pod[] }>('GET', at.pods);
  const pod = items.find(({ metadata }) => metadata.deletionTimestamp === undefined);
  if (pod === undefined) return [];
  const { name } = pod.metadata;
  return somebody.send('POST', `${at.pods}/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } }).then(
    () => [name],
    () => [],
  );
}

describe('KEDA', () => {
  const scaledObjects = '/apis/keda.sh/v1alpha1/namespaces/shop/scaledobjects';
  beforeEach(async () => {
    await somebody.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'scaledobjects.keda.sh' },
      spec: {
        group: 'keda.sh',
        scope: 'Namespaced',
        names: { plural: 'scaledobjects', singular: 'scaledobject', kind: 'ScaledObject' },
        versions: [
          { name: 'v1alpha1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
        ],
      },
    });
    // Until it is established.
    await sandbox.connection.clock.sleep(5_000);
    await somebody.send('POST', scaledObjects, {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { name: 'web' },
      spec: { scaleTargetRef: { name: 'web' }, minReplicaCount: 2, maxReplicaCount: 8, triggers: [] },
    });
  });

  test.each([
    ['2.0.0', 'succeeded'],
    ['9.9.9', 'rolled-back'],
  ] as const)('is paused while %s is released, and goes on after it', async (version, kind) => {
    await using shepherd = new Shepherd({ platform: kubernetes(sandbox.connection) });
    const request = {
      app: 'shop/web',
      release: { image: `registry/web:${version}` },
      strategy: new BlueGreen({ soak: '5s' }),
      checks: standard({ quiet: '0s' }),
    };
    expect((await shepherd.plan(request)).warnings.map(({ id }) => id)).toContain('autoscaler-paused');
    const rollout = shepherd.deploy(request);
    const during = new Set<string | undefined>();
    const object = (): Promise<ScaledObject> => somebody.send('GET', `${scaledObjects}/web`);
    for await (const { type } of rollout) {
      if (type === 'step-end') during.add((await object()).metadata.annotations?.['autoscaling.keda.sh/paused']);
    }
    const outcome: Outcome = await rollout.outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe(kind);
    expect(during).toContain('true');
    expect((await object()).metadata.annotations ?? {}).not.toHaveProperty('autoscaling.keda.sh/paused');
    expect((await object()).metadata.annotations ?? {}).not.toHaveProperty('shepherd.dev/original');
  });
});
