import { afterEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api/objects.js';
import { TestCluster } from '../../cluster-fixture.js';

const minute = 60_000;
let cluster: TestCluster;
afterEach(() => cluster[Symbol.asyncDispose]());

function autoscale(spec: object): void {
  cluster.objects.create('horizontalpodautoscalers.autoscaling', {
    metadata: { name: 'web', namespace: 'default' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 10, ...spec },
  });
}

async function start(replicas: number, spec: object = {}): Promise<void> {
  cluster = new TestCluster();
  cluster.install(replicas, (deployment) => {
    deployment.spec.template.spec.containers[0].resources = { requests: { cpu: '100m', memory: '100Mi' } };
  });
  await cluster.until(() => cluster.rolledOut());
  // past the minutes in which a pod's CPU may be that of its start
  await cluster.clock.sleep(6 * minute);
  autoscale(spec);
}

const use = (cpu: string, of: 'pod' | 'app' = 'pod'): void => cluster.cluster.usage.set('default', 'web', { cpu, of });
const size = (): number => cluster.deployment().spec.replicas;
const hpa = (): KubeObject => cluster.objects.get('horizontalpodautoscalers.autoscaling', 'default', 'web') as KubeObject;
const condition = (type: string): { status: string; reason: string; message: string } | undefined =>
  hpa().status.conditions?.find((one: { type: string }) => one.type === type);

describe('without metrics', () => {
  it('raises what is below the minimum and lowers what is above the maximum', async () => {
    await start(1, { minReplicas: 3 });
    await cluster.until(() => size() === 3, 20_000);
    expect(condition('AbleToScale')).toMatchObject({ status: 'True', reason: 'SucceededRescale' });
    cluster.edit((deployment) => (deployment.spec.replicas = 14));
    await cluster.until(() => size() === 10, 20_000);
    expect(cluster.events('SuccessfulRescale')).toEqual([
      'New size: 3; reason: Current number of replicas below Spec.MinReplicas',
      'New size: 10; reason: Current number of replicas above Spec.MaxReplicas',
    ]);
  });

  it('leaves a size within bounds as it is and says what it lacks', async () => {
    await start(4, { minReplicas: 2 });
    await cluster.clock.sleep(minute);
    expect(size()).toBe(4);
    expect(condition('ScalingActive')).toMatchObject({ status: 'False', reason: 'FailedGetResourceMetric' });
  });

  it('leaves an app alone that someone scaled to zero', async () => {
    await start(2, { minReplicas: 2 });
    cluster.edit((deployment) => (deployment.spec.replicas = 0));
    await cluster.clock.sleep(minute);
    expect(size()).toBe(0);
    expect(condition('ScalingActive')).toMatchObject({ status: 'False', reason: 'ScalingDisabled' });
  });

  it('says that its target is not there', async () => {
    await start(2, { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'other' } });
    await cluster.clock.sleep(minute);
    expect(condition('AbleToScale')).toMatchObject({ status: 'False', reason: 'FailedGetScale' });
  });
});

describe('with the CPU of its pods', () => {
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }];

  it('takes the size that brings usage to its target', async () => {
    await start(2, { metrics });
    use('100m');
    await cluster.until(() => size() === 4, 20_000);
    expect(hpa().status).toMatchObject({
      desiredReplicas: 4,
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '100m' } } }],
    });
  });

  it('follows a load that is shared by more pods until it is at its target', async () => {
    await start(2, { metrics });
    use('380m', 'app');
    await cluster.clock.sleep(10 * minute);
    expect(size()).toBe(8);
    expect(condition('ScalingLimited')).toMatchObject({ status: 'False', reason: 'DesiredWithinRange' });
  });

  it('does nothing within a tenth of the target', async () => {
    await start(4, { metrics });
    use('54m');
    await cluster.clock.sleep(10 * minute);
    expect(size()).toBe(4);
  });

  it('more than doubles at no look', async () => {
    await start(4, { metrics, maxReplicas: 50 });
    use('1');
    await cluster.until(() => size() !== 4, 20_000);
    expect(size()).toBe(8);
    expect(condition('ScalingLimited')).toMatchObject({ status: 'True', reason: 'ScaleUpLimit' });
  });

  it('takes pods away only after five minutes in which fewer were enough', async () => {
    await start(6, { metrics });
    use('50m');
    await cluster.clock.sleep(minute);
    use('10m');
    await cluster.clock.sleep(4 * minute);
    expect(size()).toBe(6);
    expect(condition('AbleToScale')).toMatchObject({ reason: 'ScaleDownStabilized' });
    await cluster.until(() => size() === 2, 2 * minute);
  });

  it('takes pods away as fast as its behaviour says', async () => {
    const scaleDown = { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] };
    await start(6, { metrics, behavior: { scaleDown } });
    use('10m');
    await cluster.until(() => size() === 5, 20_000);
    expect(condition('ScalingLimited')).toMatchObject({ status: 'True', reason: 'ScaleDownLimit' });
    await cluster.clock.sleep(50_000);
    expect(size()).toBe(5);
    await cluster.until(() => size() === 4, 20_000);
  });

  it('needs requests to tell a share', async () => {
    await start(2, { metrics });
    cluster.edit((deployment) => delete deployment.spec.template.spec.containers[0].resources);
    await cluster.until(() => cluster.rolledOut());
    use('100m');
    await cluster.clock.sleep(minute);
    expect(size()).toBe(2);
    expect(condition('ScalingActive')?.message).toMatch(/missing request for cpu in container web of Pod web-/);
  });
});
