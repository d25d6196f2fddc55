import { describe, expect, test } from 'vitest';
import { TestCluster } from '../cluster-fixture.js';

/** What `kubectl get pods` would say about the container. */
function stateOf(it: TestCluster, name: string): string {
  const status = it.pod(name).status?.containerStatuses?.[0];
  if (status === undefined) return it.pod(name).status?.phase ?? '';
  const { waiting, running, terminated } = status.state;
  return waiting?.reason ?? terminated?.reason ?? (running === undefined ? '' : status.ready ? 'Ready' : 'Running');
}

/** The states that a pod's container goes through, without repetition. */
function history(it: TestCluster, name: string): string[] {
  const seen: string[] = [];
  it.objects.watch('pods', ({ object }) => {
    if (object.metadata.name !== name) return;
    const state = stateOf(it, name);
    if (seen.at(-1) !== state) seen.push(state);
  });
  return seen;
}

const web = (it: TestCluster, name = 'web') => it.pod(name).status.containerStatuses?.[0];

test('a pod without probes is ready once it runs', async () => {
  await using it = new TestCluster();
  it.run('web');
  const seen = history(it, 'web');
  await it.until(() => stateOf(it, 'web') === 'Ready');
  expect(seen).toEqual(['Pending', 'ContainerCreating', 'Ready']);
  expect(it.pod('web').status).toMatchObject({ phase: 'Running', podIP: '10.244.1.2', hostIP: '10.244.0.1' });
  expect(
    it
      .pod('web')
      .status.conditions.map(({ type, status }: { type: string; status: string }) => `${type}=${status}`)
      .sort(),
  ).toEqual(['ContainersReady=True', 'Initialized=True', 'PodReadyToStartContainers=True', 'PodScheduled=True', 'Ready=True']);
  expect(it.events('Scheduled')).toEqual(['Successfully assigned default/web to node-1']);
});

describe('crash loop', () => {
  test('restarts at once, then after 10 s, 20 s, 40 s, up to 5 min, and keeps the last words', async () => {
    await using it = new TestCluster();
    it.cluster.images.set('web:bad', { crash: { exitCode: 3, log: 'no DATABASE_URL' } });
    it.run('web', { image: 'web:bad' });
    const starts: number[] = [];
    it.objects.watch('pods', ({ object }) => {
      const startedAt = object.status?.containerStatuses?.[0]?.state.running?.startedAt;
      if (startedAt !== undefined && starts.at(-1) !== Date.parse(startedAt)) starts.push(Date.parse(startedAt));
    });
    await it.until(() => web(it)?.restartCount === 8, 3_600_000);
    const gaps = starts.slice(1).map((at, index) => Math.round((at - (starts[index] as number)) / 1_000));
    expect(gaps.map((gap) => Math.round(gap / 10) * 10)).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  });

  test('says so as the kubelet does', async () => {
    await using it = new TestCluster();
    it.cluster.images.set('web:bad', { crash: { exitCode: 3, log: 'no DATABASE_URL\nbye' } });
    it.run('web', { image: 'web:bad' });
    const seen = history(it, 'web');
    await it.until(() => stateOf(it, 'web') === 'CrashLoopBackOff');
    expect(seen).toEqual(['Pending', 'ContainerCreating', 'Ready', 'Error', 'Ready', 'Error', 'CrashLoopBackOff']);
    const { uid } = it.pod('web').metadata;
    expect(web(it)).toMatchObject({
      restartCount: 1,
      ready: false,
      state: { waiting: { message: `back-off 10s restarting failed container=web pod=web_default(${uid})` } },
      lastState: { terminated: { exitCode: 3, reason: 'Error', startedAt: expect.any(String), finishedAt: expect.any(String) } },
    });
    expect(it.events('BackOff')).toEqual([`Back-off restarting failed container web in pod web_default(${uid})`]);
    expect(it.cluster.nodePort.log(it.pod('web'), { previous: true }).text).toBe('no DATABASE_URL\nbye\n');
    expect(it.cluster.nodePort.log(it.pod('web'), { tailLines: 1 }).text).toBe('bye\n');
    expect(it.pod('web').status.phase).toBe('Running');
  });

  test('a release that gets fixed comes back', async () => {
    await using it = new TestCluster();
    it.run('web', { env: [{ name: 'CRASH_AFTER_MS', value: '200' }] });
    await it.until(() => stateOf(it, 'web') === 'CrashLoopBackOff');
    expect(web(it).lastState.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
    expect(it.cluster.nodePort.log(it.pod('web'), {}).text).toBe('version 1 listens on :5000\nfatal: crashing as told\n');
  });
});

describe('images', () => {
  test.each([
    [
      'nobody:9',
      'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nobody:9": failed to resolve reference "docker.io/library/nobody:9": docker.io/library/nobody:9: not found',
    ],
    ['registry.test/web:denied', 'pull access denied, repository does not exist or may require authorization'],
  ])('%s is not pulled, again and again with longer waits', async (image, message) => {
    await using it = new TestCluster();
    it.cluster.images.set('registry.test/web:denied', { pull: 'denied' });
    it.run('web', { image });
    const seen = history(it, 'web');
    await it.until(() => seen.filter((state) => state === 'ErrImagePull').length === 3, 120_000);
    expect(seen).toEqual(['Pending', 'ContainerCreating', 'ErrImagePull', 'ImagePullBackOff', 'ErrImagePull', 'ImagePullBackOff', 'ErrImagePull']);
    expect(it.clock.monotonicMs()).toBeGreaterThan(30_000);
    expect(it.clock.monotonicMs()).toBeLessThan(32_000);
    expect(web(it).state.waiting.message).toContain(message);
    expect(it.pod('web').status.phase).toBe('Pending');
    expect(it.events('Failed')).toContain('Error: ErrImagePull');
    expect(it.events('BackOff')).toEqual([`Back-off pulling image "${image}"`]);
    expect(() => it.cluster.nodePort.log(it.pod('web'), {})).toThrow('is waiting to start');
    it.cluster.images.set(image, {});
    await it.until(() => stateOf(it, 'web') === 'Ready');
  });
});

describe('configuration', () => {
  test.each([
    [{ secretKeyRef: { name: 'db', key: 'url' } }, 'secret "db" not found'],
    [{ configMapKeyRef: { name: 'there', key: 'nokey' } }, "couldn't find key nokey in ConfigMap default/there"],
  ])('%o that does not exist holds the container', async (valueFrom, message) => {
    await using it = new TestCluster();
    it.objects.create('configmaps', { metadata: { name: 'there', namespace: 'default' }, data: { key: 'value' } });
    it.run('web', { env: [{ name: 'DB', valueFrom }] });
    await it.until(() => stateOf(it, 'web') === 'CreateContainerConfigError');
    expect(web(it).state.waiting.message).toBe(message);
    expect(it.events('Failed')).toEqual([`Error: ${message}`]);
  });

  test('a Secret that comes later is found, and decoded', async () => {
    await using it = new TestCluster();
    it.run('web', { env: [{ name: 'VERSION', valueFrom: { secretKeyRef: { name: 'db', key: 'url' } } }] });
    await it.until(() => stateOf(it, 'web') === 'CreateContainerConfigError');
    it.objects.create('secrets', { metadata: { name: 'db', namespace: 'default' }, data: { url: Buffer.from('7.0').toString('base64') } });
    await it.until(() => stateOf(it, 'web') === 'Ready');
    await it.clock.sleep(100);
    const answer = await it.cluster.nodePort.proxyPod(it.pod('web'), '5000', { method: 'GET', path: '/', signal: new AbortController().signal });
    expect(JSON.parse(String(answer.body))).toMatchObject({ version: '7.0' });
  });

  test('a volume of a ConfigMap that does not exist', async () => {
    await using it = new TestCluster();
    it.run('web', {}, { volumes: [{ name: 'v', configMap: { name: 'gone' } }] });
    await it.clock.sleep(5_000);
    expect(stateOf(it, 'web')).toBe('ContainerCreating');
    expect(it.events('FailedMount')).toEqual(['MountVolume.SetUp failed for volume "v" : configmap "gone" not found']);
  });
});

describe('probes', () => {
  const http = (path: string, more = {}) => ({ httpGet: { path, port: 5000 }, periodSeconds: 1, ...more });

  test('readiness follows the health of the app, both ways', async () => {
    await using it = new TestCluster();
    const env = [
      { name: 'READY_AFTER_MS', value: '4000' },
      { name: 'SICK_AFTER_MS', value: '20000' },
    ];
    it.run('web', { env, readinessProbe: http('/api/health') });
    const seen = history(it, 'web');
    await it.until(() => seen.length === 5);
    expect(seen).toEqual(['Pending', 'ContainerCreating', 'Running', 'Ready', 'Running']);
    expect(it.clock.monotonicMs()).toBeGreaterThan(22_000);
    expect(it.clock.monotonicMs()).toBeLessThan(24_000);
    expect(it.events('Unhealthy')).toContain('Readiness probe failed: HTTP probe failed with statuscode: 503');
  });

  test('liveness restarts the container, gracefully', async () => {
    await using it = new TestCluster();
    it.run('web', { env: [{ name: 'SICK_AFTER_MS', value: '5000' }], livenessProbe: http('/api/health', { failureThreshold: 2 }) });
    await it.until(() => web(it)?.restartCount === 1);
    expect(it.events('Killing')).toEqual(['Container web failed liveness probe, will be restarted']);
    expect(web(it).lastState.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
  });

  test('a startup probe holds the others back, and kills in the end', async () => {
    await using it = new TestCluster();
    const startupProbe = { tcpSocket: { port: 9 }, periodSeconds: 1, failureThreshold: 3 };
    it.run('web', { startupProbe, readinessProbe: http('/api/health') });
    await it.until(() => web(it)?.restartCount === 1);
    expect(it.events('Unhealthy')).toEqual([expect.stringMatching(/^Startup probe failed: dial tcp 10\.244\.1\.2:9: connect: connection refused$/)]);
    expect(it.events('Killing')).toEqual(['Container web failed startup probe, will be restarted']);
  });

  test('a slow app runs into the timeout', async () => {
    await using it = new TestCluster();
    it.run('web', { env: [{ name: 'LATENCY_MS', value: '3000' }], readinessProbe: http('/') });
    await it.clock.sleep(5_000);
    expect(it.events('Unhealthy')).toContain(
      'Readiness probe failed: Get "http://10.244.1.2:5000/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    );
  });

  test('a healthy cluster at rest has nothing to do', async () => {
    await using it = new TestCluster();
    it.install(3);
    await it.until(() => it.rolledOut());
    await it.clock.sleep(2_000);
    expect(it.cluster.scheduler.pending).toBe(0);
  });
});

test('more memory than the limit is OOMKilled', async () => {
  await using it = new TestCluster();
  it.run('web', { env: [{ name: 'MEMORY_MB', value: '200' }], resources: { limits: { memory: '64Mi' } } });
  await it.until(() => stateOf(it, 'web') === 'CrashLoopBackOff');
  expect(web(it).lastState.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
});

describe('scheduling', () => {
  test('a pod larger than the node is unschedulable', async () => {
    await using it = new TestCluster();
    it.run('web', { resources: { requests: { memory: '900Gi' } } });
    await it.until(() => it.pod('web').status.conditions !== undefined);
    const message =
      '0/1 nodes are available: 1 Insufficient memory. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
    expect(it.pod('web').status).toMatchObject({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] });
    expect(it.events('FailedScheduling')).toEqual([message]);
  });

  test('one that waits for room gets it', async () => {
    await using it = new TestCluster({ node: { cpu: '1' } });
    const half = { resources: { requests: { cpu: '600m' } } };
    it.run('one', half);
    await it.until(() => stateOf(it, 'one') === 'Ready');
    it.run('two', half);
    await it.clock.sleep(1_000);
    expect(it.pod('two').status.conditions[0].message).toContain('1 Insufficient cpu');
    it.objects.delete('pods', 'default', 'one');
    await it.until(() => stateOf(it, 'two') === 'Ready');
  });
});

describe('the end of a pod', () => {
  const goneAfterMs = async (it: TestCluster): Promise<number> => {
    await it.until(() => stateOf(it, 'web') === 'Ready');
    await it.clock.sleep(1_000);
    const askedMs = it.clock.monotonicMs();
    it.objects.delete('pods', 'default', 'web');
    await it.until(() => it.pod('web') === undefined);
    return it.clock.monotonicMs() - askedMs;
  };

  test('drains, then ends', async () => {
    await using it = new TestCluster();
    it.run('web');
    expect(await goneAfterMs(it)).toBeCloseTo(3_000, -2);
    expect(it.events('Killing')).toEqual(['Stopping container web']);
  });

  test('preStop comes before SIGTERM', async () => {
    await using it = new TestCluster();
    it.run('web', { lifecycle: { preStop: { sleep: { seconds: 5 } } } });
    expect(await goneAfterMs(it)).toBeCloseTo(8_000, -2);
  });

  test('a hook that fails is told and does not hold', async () => {
    await using it = new TestCluster();
    it.run('web', { lifecycle: { preStop: { httpGet: { path: '/', port: 9 } } } });
    expect(await goneAfterMs(it)).toBeCloseTo(3_000, -2);
    expect(it.events('FailedPreStopHook')).toEqual(['PreStopHook failed']);
  });

  test('SIGKILL when the grace is over', async () => {
    await using it = new TestCluster();
    it.cluster.images.set('web:1', { drainMs: 60_000 });
    it.run('web', {}, { terminationGracePeriodSeconds: 10 });
    expect(await goneAfterMs(it)).toBeCloseTo(10_000, -2);
  });

  test('without grace at once', async () => {
    await using it = new TestCluster();
    it.run('web');
    await it.until(() => stateOf(it, 'web') === 'Ready');
    it.objects.delete('pods', 'default', 'web', { grace: 0 });
    expect(it.pod('web')).toBeUndefined();
    await it.clock.sleep(1);
    expect(it.cluster.network.find('10.244.1.2:5000')).toBeUndefined();
  });

  test('a program that is done is not started again where it need not be', async () => {
    await using it = new TestCluster();
    it.cluster.images.set('job:1', { crash: { exitCode: 0, log: 'done' } });
    it.run('web', { image: 'job:1' }, { restartPolicy: 'OnFailure' });
    await it.until(() => it.pod('web').status.phase === 'Succeeded');
    expect(web(it)).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } });
  });

  test('init containers run first', async () => {
    await using it = new TestCluster();
    it.cluster.images.set('job:1', { crash: { exitCode: 0 }, startup: '5s' });
    it.run('web', {}, { initContainers: [{ name: 'prepare', image: 'job:1' }] });
    await it.clock.sleep(2_000);
    expect(it.pod('web').status.phase).toBe('Pending');
    expect(it.pod('web').status.conditions.find(({ type }: { type: string }) => type === 'Initialized')).toMatchObject({
      status: 'False',
      message: 'containers with incomplete status: [prepare]',
    });
    await it.until(() => stateOf(it, 'web') === 'Ready');
  });
});
