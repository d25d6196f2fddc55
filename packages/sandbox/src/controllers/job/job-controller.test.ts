import { expect, test } from 'vitest';
import type { Wire } from '../../api/json.js';
import type { KubeObject } from '../../api/objects.js';
import { TestCluster } from '../../cluster-fixture.js';

const jobOf = (it: TestCluster): KubeObject => it.objects.get('jobs.batch', 'default', 'task') as KubeObject;
const holds = (it: TestCluster, type: string): Wire => jobOf(it)?.status?.conditions?.find((one: Wire) => one.type === type);

function start(it: TestCluster, spec: Wire, { image = 'task:good', restartPolicy = 'Never' } = {}): void {
  it.cluster.images.set('task:good', { crash: { exitCode: 0, log: 'done' } });
  it.cluster.images.set('task:bad', { crash: { exitCode: 1 } });
  it.cluster.images.set('task:slow', { drainMs: 900 });
  const template = { spec: { restartPolicy, terminationGracePeriodSeconds: 1, containers: [{ name: 'task', image }] } };
  it.objects.create('jobs.batch', { metadata: { name: 'task', namespace: 'default' }, spec: { template, ...spec } });
}

test('runs as many pods as it may at once until enough have ended well', async () => {
  await using it = new TestCluster();
  start(it, { completions: 5, parallelism: 2 });
  let most = 0;
  it.objects.watch('pods', () => {
    most = Math.max(most, it.pods().filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending').length);
  });
  await it.until(() => holds(it, 'Complete') !== undefined);
  expect(most).toBe(2);
  expect(jobOf(it).status).toMatchObject({ succeeded: 5, ready: 0, uncountedTerminatedPods: {}, completionTime: expect.any(String) });
  expect(jobOf(it).status.conditions.map(({ type, reason }: Wire) => [type, reason])).toEqual([
    ['SuccessCriteriaMet', 'CompletionsReached'],
    ['Complete', 'CompletionsReached'],
  ]);
  expect(it.pods()).toHaveLength(5);
  expect(it.pods().every(({ metadata }) => metadata.finalizers === undefined)).toBe(true);
  expect(it.events('SuccessfulCreate')).toHaveLength(5);
  expect(it.events('Completed')).toEqual(['Job completed']);
});

test('a task that fails is tried again, after longer and longer waits, until the limit', async () => {
  await using it = new TestCluster();
  start(it, { backoffLimit: 2 }, { image: 'task:bad' });
  const startedMs = it.clock.monotonicMs();
  await it.until(() => holds(it, 'Failed') !== undefined);
  expect(jobOf(it).status).toMatchObject({ failed: 3 });
  expect(holds(it, 'Failed')).toMatchObject({ status: 'True', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' });
  // 10 s and 20 s between the three.
  expect(it.clock.monotonicMs() - startedMs).toBeGreaterThan(30_000);
  expect(it.clock.monotonicMs() - startedMs).toBeLessThan(40_000);
});

test('where pods restart their containers, restarts count', async () => {
  await using it = new TestCluster();
  start(it, { backoffLimit: 1 }, { image: 'task:bad', restartPolicy: 'OnFailure' });
  await it.until(() => holds(it, 'Failed') !== undefined);
  expect(it.events('SuccessfulCreate')).toHaveLength(1);
});

test('a deadline ends what still runs', async () => {
  await using it = new TestCluster();
  start(it, { activeDeadlineSeconds: 30 }, { image: 'task:slow' });
  await it.until(() => holds(it, 'Failed') !== undefined);
  expect(holds(it, 'Failed')).toMatchObject({ reason: 'DeadlineExceeded' });
  await it.until(() => it.pods().length === 0);
});

test('a suspended job runs nothing until it is resumed', async () => {
  await using it = new TestCluster();
  start(it, { suspend: true });
  await it.until(() => holds(it, 'Suspended')?.status === 'True');
  expect(it.pods()).toEqual([]);
  const job = jobOf(it);
  it.objects.update('jobs.batch', { ...job, spec: { ...job.spec, suspend: false } });
  await it.until(() => holds(it, 'Complete') !== undefined);
});

test('a pod that somebody deletes is replaced and counted as failed', async () => {
  await using it = new TestCluster();
  start(it, {}, { image: 'task:slow' });
  await it.until(() => it.pods()[0]?.status?.phase === 'Running');
  // Until it serves: a program that ends well at once has done its work.
  await it.clock.sleep(1_000);
  const [first] = it.pods();
  it.objects.delete('pods', 'default', first?.metadata.name ?? '');
  await it.until(() => it.pods().length === 1 && it.pods()[0]?.metadata.uid !== first?.metadata.uid);
  expect(jobOf(it).status).toMatchObject({ failed: 1 });
});

test('a job that is deleted takes its pods along; one whose time is up goes by itself', async () => {
  await using it = new TestCluster();
  start(it, {}, { image: 'task:slow' });
  await it.until(() => it.pods()[0]?.status?.phase === 'Running');
  it.objects.delete('jobs.batch', 'default', 'task');
  await it.until(() => it.pods().length === 0);
  start(it, { ttlSecondsAfterFinished: 60 });
  await it.until(() => holds(it, 'Complete') !== undefined);
  const endedMs = it.clock.monotonicMs();
  await it.until(() => jobOf(it) === undefined);
  expect(it.clock.monotonicMs() - endedMs).toBeGreaterThan(58_000);
  await it.until(() => it.pods().length === 0);
});
