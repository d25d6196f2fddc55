import { describe, expect, test } from 'vitest';
import { TestCluster } from '../../cluster-fixture.js';

const revisionOf = (it: TestCluster): string | undefined => it.deployment().metadata.annotations?.['deployment.kubernetes.io/revision'];

/** Each state of the sizes once, in order. */
function sizes(it: TestCluster): string[] {
  const seen: string[] = [];
  it.objects.watch('replicasets.apps', () => {
    const now = it.sizes();
    if (seen.at(-1) !== now) seen.push(now);
  });
  return seen;
}

test('the first ReplicaSet is named by the hash of its template and carries the annotations', async () => {
  await using it = new TestCluster();
  it.install(2);
  await it.until(() => it.rolledOut());
  const [set] = it.sets();
  const hash = set?.metadata.labels?.['pod-template-hash'];
  expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{10}$/);
  expect(set?.metadata.name).toBe(`web-${hash}`);
  expect(set?.spec.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash });
  expect(set?.metadata.annotations).toEqual({
    'deployment.kubernetes.io/revision': '1',
    'deployment.kubernetes.io/desired-replicas': '2',
    'deployment.kubernetes.io/max-replicas': '3',
  });
  expect(set?.status).toMatchObject({ replicas: 2, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 2, observedGeneration: 1 });
  expect(it.events('ScalingReplicaSet')).toEqual([`Scaled up replica set web-${hash} from 0 to 2`]);
  expect(it.events('SuccessfulCreate')).toHaveLength(2);
});

test('surge and unavailable are kept at every moment', async () => {
  await using it = new TestCluster();
  it.install(8, ({ spec }) => {
    spec.strategy = { rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } };
  });
  await it.until(() => it.rolledOut());
  let [most, least] = [0, 99];
  it.objects.watch('pods', () => {
    const alive = it.pods().filter((pod) => pod.metadata.deletionTimestamp === undefined);
    most = Math.max(most, alive.length);
    least = Math.min(
      least,
      alive.filter((pod) => pod.status?.conditions?.some(({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True')).length,
    );
  });
  it.release('web:2');
  await it.until(() => it.rolledOut());
  expect({ most, least }).toEqual({ most: 10, least: 7 });
});

test('minReadySeconds paces the rollout', async () => {
  await using it = new TestCluster();
  it.install(2, ({ spec }) => {
    spec.minReadySeconds = 10;
    spec.strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  });
  await it.until(() => it.rolledOut());
  const startMs = it.clock.monotonicMs();
  it.release('web:2');
  await it.until(() => it.rolledOut());
  expect(it.clock.monotonicMs() - startMs).toBeGreaterThan(19_000);
  expect(it.clock.monotonicMs() - startMs).toBeLessThan(24_000);
});

test('a template that returns uses its ReplicaSet again, under a new number', async () => {
  await using it = new TestCluster();
  it.install(2);
  await it.until(() => it.rolledOut());
  const first = it.sets()[0]?.metadata.name;
  it.release('web:2');
  await it.until(() => it.rolledOut());
  expect(revisionOf(it)).toBe('2');
  it.release('web:1');
  await it.until(() => it.rolledOut() && it.sets().at(-1)?.metadata.name === first);
  expect(revisionOf(it)).toBe('3');
  expect(it.sets().at(-1)?.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '3', 'deployment.kubernetes.io/revision-history': '1' });
  expect(it.sets()).toHaveLength(2);
  expect(it.deployment().metadata.generation).toBe(3);
});

test('the deadline is exceeded where nothing moves, and forgiven when it does', async () => {
  await using it = new TestCluster();
  it.install(2, ({ spec }) => {
    spec.progressDeadlineSeconds = 20;
  });
  await it.until(() => it.rolledOut());
  it.cluster.images.set('web:bad', { health: 503 });
  it.release('web:bad');
  const startMs = it.clock.monotonicMs();
  await it.until(() => it.condition('Progressing')?.reason === 'ProgressDeadlineExceeded');
  expect(it.clock.monotonicMs() - startMs).toBeGreaterThan(20_000);
  expect(it.clock.monotonicMs() - startMs).toBeLessThan(25_000);
  expect(it.condition('Progressing')).toMatchObject({ status: 'False', message: `ReplicaSet "${it.sets().at(-1)?.metadata.name}" has timed out progressing.` });
  expect(it.condition('Available')?.status).toBe('True');
  it.release('web:2');
  await it.until(() => it.rolledOut());
  expect(it.condition('Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
});

test('old pods that are not available go first', async () => {
  await using it = new TestCluster();
  it.install(3, ({ spec }) => {
    spec.strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  });
  await it.until(() => it.rolledOut());
  it.cluster.images.set('web:bad', { crash: { exitCode: 1 } });
  it.release('web:bad');
  await it.until(() => it.sizes() === '1:3 2:1');
  await it.clock.sleep(5_000);
  const seen = sizes(it);
  it.release('web:2');
  await it.until(() => it.rolledOut());
  expect(seen.slice(0, 4)).toEqual(['1:3 2:1', '1:3 2:1 3:0', '1:3 2:0 3:0', '1:3 2:0 3:1']);
});

test('paused: no new ReplicaSet, but scaling works', async () => {
  await using it = new TestCluster();
  it.install(2);
  await it.until(() => it.rolledOut());
  it.edit(({ spec }) => {
    spec.paused = true;
    spec.replicas = 4;
    spec.template.spec.containers[0].image = 'web:2';
  });
  await it.until(() => it.deployment().status?.availableReplicas === 4);
  expect(it.sizes()).toBe('1:4');
  expect(it.condition('Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
  it.edit(({ spec }) => {
    spec.paused = false;
  });
  await it.until(() => it.rolledOut());
  expect(it.sizes()).toBe('1:0 2:4');
});

test('scaled in the middle of a rollout, both ReplicaSets take their share', async () => {
  await using it = new TestCluster();
  it.install(10);
  await it.until(() => it.rolledOut());
  it.cluster.images.set('web:bad', { health: 503 });
  it.release('web:bad');
  await it.until(() => it.sizes() === '1:8 2:5');
  it.edit(({ spec }) => {
    spec.replicas = 15;
  });
  await it.until(() => it.sizes() === '1:12 2:7');
});

test('Recreate: no new pod before the last old one is gone', async () => {
  await using it = new TestCluster();
  it.install(2, ({ spec }) => {
    spec.strategy = { type: 'Recreate' };
  });
  await it.until(() => it.rolledOut());
  let together = false;
  it.objects.watch('pods', () => {
    together ||= new Set(it.pods().map((pod) => pod.spec.containers[0].image)).size > 1;
  });
  it.release('web:2');
  await it.until(() => it.rolledOut());
  expect(together).toBe(false);
  expect(it.sizes()).toBe('1:0 2:2');
});

test('old ReplicaSets beyond the history limit are removed', async () => {
  await using it = new TestCluster();
  it.install(1, ({ spec }) => {
    spec.revisionHistoryLimit = 1;
  });
  await it.until(() => it.rolledOut());
  for (const image of ['web:2', 'web:3', 'web:4']) {
    it.cluster.images.set(image, {});
    it.release(image);
    await it.until(() => it.rolledOut());
  }
  await it.until(() => it.sets().length === 2);
  expect(it.sizes()).toBe('3:0 4:1');
});

describe('ownership', () => {
  test('deleting a Deployment takes its ReplicaSets and pods along, and a Service its slices', async () => {
    await using it = new TestCluster();
    it.install(2);
    await it.until(() => it.rolledOut());
    it.objects.delete('deployments.apps', 'default', 'web');
    it.objects.delete('services', 'default', 'web');
    await it.until(() => it.pods().length === 0 && it.sets().length === 0 && it.objects.list('endpointslices.discovery.k8s.io').length === 0);
  });

  test('a pod that loses its label is let go and replaced; one that fits is adopted', async () => {
    await using it = new TestCluster();
    it.install(2);
    await it.until(() => it.rolledOut());
    const [pod] = it.pods();
    it.objects.update('pods', { ...pod, metadata: { ...pod?.metadata, labels: { app: 'mine' } } } as never);
    await it.until(() => it.pods().length === 3 && it.rolledOut());
    expect(it.pod(pod?.metadata.name ?? '').metadata.ownerReferences ?? []).toEqual([]);
    const loose = it.pod(pod?.metadata.name ?? '');
    it.objects.update('pods', { ...loose, metadata: { ...loose.metadata, labels: pod?.metadata.labels } } as never);
    await it.until(() => it.pods().length === 2);
  });

  test('a namespace that is deleted is emptied and goes', async () => {
    await using it = new TestCluster();
    it.objects.create('namespaces', { metadata: { name: 'shop' } });
    it.objects.create('configmaps', { metadata: { name: 'a', namespace: 'shop' } });
    it.objects.delete('namespaces', undefined, 'shop');
    await it.until(() => it.objects.get('namespaces', undefined, 'shop') === undefined && it.objects.get('configmaps', 'shop', 'a') === undefined);
  });
});
