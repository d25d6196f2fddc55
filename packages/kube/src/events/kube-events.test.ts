import { BlueGreen, Canary, type Outcome, Shepherd } from '@shepherd/core';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type KubeRelease, kubernetes } from '../index.js';

interface StoredEvent {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly reason: string;
  readonly action: string;
  readonly type: string;
  readonly message: string;
  readonly eventTime: string;
  readonly reportingComponent: string;
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid?: string };
}

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  sandbox.image('registry/web:1');
  sandbox.image('registry/web:2');
  sandbox.image('registry/web:bad', { crash: { exitCode: 1, log: 'no config' } });
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1', replicas: 4 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const ours = (): readonly StoredEvent[] =>
  (sandbox.objects.list('events', 'shop') as unknown as readonly StoredEvent[])
    .filter(({ reportingComponent }) => reportingComponent === 'shepherd.dev/engine')
    .toSorted((a, b) => a.eventTime.localeCompare(b.eventTime));
const reasons = (): readonly string[] => ours().map(({ reason }) => reason);

async function release(image: string, options: { readonly strategy?: Canary | BlueGreen; readonly reason?: string } = {}, events?: boolean): Promise<Outcome> {
  const platform = kubernetes({ ...sandbox.connection, ...(events === undefined ? {} : { events }) });
  const shepherd = new Shepherd<KubeRelease>({ platform, actor: { name: 'ada', kind: 'ci', url: 'https://ci.example.com/7' } });
  const strategy = options.strategy ?? new Canary({ stages: [50, 100], interval: '1m', analysis: false });
  const outcome = await shepherd.deploy({
    app: 'shop/web',
    release: { image: `registry/web:${image}` },
    strategy,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  }).outcome;
  await shepherd.close();
  return outcome;
}

test('what a release does stands on its Deployment, each under a reason of its own, as events.k8s.io/v1 wants it', async () => {
  const outcome = await release('2');
  expect(outcome.kind).toBe('succeeded');
  const events = ours();
  expect(events[0]).toMatchObject({ reason: 'RolloutStarted', type: 'Normal', message: expect.stringContaining('canary of registry/web:2, by ada') });
  expect(events.at(-1)).toMatchObject({ reason: 'RolloutCompleted', type: 'Normal' });
  expect(new Set(reasons())).toEqual(new Set(['RolloutStarted', 'RolloutStepCompleted', 'TrafficWeightUpdated', 'RolloutCompleted']));
  const [deployment] = sandbox.objects.list('deployments.apps', 'shop');
  for (const event of events) {
    expect(event.eventTime).toMatch(/\.\d{6}Z$/);
    expect(event.involvedObject).toMatchObject({ kind: 'Deployment', name: 'web', uid: deployment?.metadata.uid });
    expect(event.metadata.annotations?.['shepherd.dev/rollout-id']).toBe(outcome.rolloutId);
  }
  expect(new Set(events.map(({ metadata }) => metadata.name)).size).toBe(events.length);
});

test('a switch is one of the Service, a way back is a warning', async () => {
  await release('2', { strategy: new BlueGreen({ soak: '1m' }) });
  expect(reasons()).toContain('ServiceSelectorSwitched');
  const outcome = await release('bad');
  expect(outcome.kind).toBe('rolled-back');
  expect(ours().filter(({ type }) => type === 'Warning')).toMatchObject([{ reason: 'RollbackStarted', message: expect.stringMatching(/web-candidate/) }]);
  expect(reasons().at(-1)).toBe('RollbackCompleted');
});

test('who may not write Events, a cluster that does not answer about them, and who wants none: the same release, at the same time', async () => {
  const plain = await release('2', {}, false);
  expect(reasons()).toEqual([]);
  for (const fault of [{ status: 403 }, { status: 503 }, 'hang'] as const) {
    const off = sandbox.fault({ path: /events\.k8s\.io/ }, fault);
    const image = (await current()) === 'registry/web:2' ? '1' : '2';
    const outcome = await release(image);
    expect(outcome.kind).toBe(plain.kind);
    // Pods that go and come are never quite as fast twice.
    expect(outcome.ms).toBeLessThan(plain.ms * 1.05);
    off();
  }
  expect(reasons()).toEqual([]);
});

const current = async (): Promise<string> => {
  const [deployment] = sandbox.objects.list('deployments.apps', 'shop') as unknown as readonly [
    { readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [{ readonly image: string }] } } } },
  ];
  return deployment.spec.template.spec.containers[0].image;
};
