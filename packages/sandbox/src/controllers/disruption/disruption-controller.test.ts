import { afterEach, expect, it } from 'vitest';
import type { KubeObject } from '../../api/objects.js';
import { TestCluster } from '../../cluster-fixture.js';

const cluster = new TestCluster();
afterEach(() => cluster[Symbol.asyncDispose]());

it('tells how many of the pods may go, from what their Deployment wants', async () => {
  const pdb = (): KubeObject => cluster.objects.get('poddisruptionbudgets.policy', 'default', 'web') as KubeObject;
  cluster.objects.create('poddisruptionbudgets.policy', {
    metadata: { name: 'web', namespace: 'default' },
    spec: { maxUnavailable: '30%', selector: { matchLabels: { app: 'web' } } },
  });
  await cluster.until(() => pdb().status.observedGeneration === 1);
  expect(pdb().status).toMatchObject({ disruptionsAllowed: 0, conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }] });
  cluster.install(4);
  await cluster.until(() => cluster.rolledOut());
  await cluster.until(() => pdb().status.disruptionsAllowed === 2);
  expect(pdb().status).toMatchObject({ expectedPods: 4, currentHealthy: 4, desiredHealthy: 2, conditions: [{ status: 'True', reason: 'SufficientPods' }] });
  cluster.objects.delete('pods', 'default', cluster.pods()[0]?.metadata.name ?? '');
  await cluster.until(() => pdb().status.disruptionsAllowed === 1);
});
