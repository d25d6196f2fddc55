import type { Json } from '../json.js';
import { Rollout } from '../rollout.js';
import { type Scenario, scenario } from '../scenario.js';
import { configMap, workload } from './objects.js';

const owned = (name: string, owner: Json, more: object = {}): Json => ({
  metadata: { name, ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid: owner.metadata.uid, ...more }] },
});

/** What goes with its owner, and what stays. */
export const garbage: readonly Scenario[] = [
  ...(['Background', 'Foreground', 'Orphan'] as const).map((propagationPolicy) =>
    scenario(`garbage: ${propagationPolicy}`, async (probe) => {
      const owner = await probe.need('POST', 'configmaps', configMap('owner'));
      await probe.need('POST', 'secrets', owned('blocking', owner, { blockOwnerDeletion: true }));
      await probe.need('POST', 'secrets', owned('other', owner));
      await probe.show('DELETE', 'configmaps/owner', { body: { propagationPolicy } });
      await probe.whenGone('configmaps/owner');
      if (propagationPolicy === 'Orphan') {
        const freed = await probe.whenObject('secrets/blocking', ({ metadata }) => metadata.ownerReferences === undefined);
        probe.note('freed', freed.metadata);
      } else {
        await probe.whenGone('secrets/blocking');
        await probe.whenGone('secrets/other');
      }
      probe.note(
        'left',
        (await probe.need('GET', 'secrets')).items.map(({ metadata }: Json) => metadata.name),
      );
    }),
  ),
  scenario('garbage: owners that are not there, or not all', async (probe) => {
    const one = await probe.need('POST', 'configmaps', configMap('one'));
    const two = await probe.need('POST', 'configmaps', configMap('two'));
    const both = owned('both', one);
    both.metadata.ownerReferences.push(owned('both', two).metadata.ownerReferences[0]);
    await probe.need('POST', 'secrets', both);
    await probe.need('POST', 'secrets', owned('lost', { metadata: { name: 'never', uid: '00000000-0000-0000-0000-000000000000' } }));
    await probe.whenGone('secrets/lost');
    await probe.need('DELETE', 'configmaps/one');
    const left = await probe.whenObject('secrets/both', ({ metadata }) => metadata.ownerReferences.length === 1);
    probe.note('one owner left', left.metadata.ownerReferences);
  }),
  scenario('garbage: a Deployment and all that is its own', async (probe) => {
    await probe.need('POST', 'deployments', workload('web', { replicas: 2 }));
    await new Rollout(probe).settled(({ pods }) => pods.length === 2);
    await probe.show('DELETE', 'deployments/web');
    await probe.until(['pods'], async () => ((await probe.need('GET', 'pods')).items.length === 0 ? true : undefined), 'pods to go');
    probe.note('sets', (await probe.need('GET', 'replicasets')).items.length);
  }),
  scenario('garbage: a Deployment let go of its ReplicaSet', async (probe) => {
    await probe.need('POST', 'deployments', workload('web', { replicas: 1 }));
    await new Rollout(probe).settled(({ pods }) => pods.length === 1);
    await probe.need('DELETE', 'deployments/web', { propagationPolicy: 'Orphan' });
    await probe.whenGone('deployments/web');
    const { items } = await probe.need('GET', 'replicasets');
    probe.note(
      'owners',
      items.map(({ metadata }: Json) => metadata.ownerReferences ?? null),
    );
  }),
];
