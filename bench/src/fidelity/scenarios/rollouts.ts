import type { Json } from '../json.js';
import type { Probe } from '../probe.js';
import { Rollout } from '../rollout.js';
import { type Scenario, scenario } from '../scenario.js';
import { jsonPatch, merge, workload } from './objects.js';

const start = async (probe: Probe, spec: object): Promise<Rollout> => {
  await probe.need('POST', 'deployments', workload('web', spec));
  const rollout = new Rollout(probe);
  await rollout.allReady();
  return rollout;
};

/** Each step of a rolling update: one pod becomes ready, then everybody reacts. */
const steps = (replicas: number, maxSurge: number | string, maxUnavailable: number | string): Scenario =>
  scenario(`rollout: ${replicas} replicas, surge ${maxSurge}, unavailable ${maxUnavailable}`, async (probe) => {
    const rollout = await start(probe, { replicas, strategy: { rollingUpdate: { maxSurge, maxUnavailable } } });
    await rollout.note('before');
    await rollout.release('2');
    await rollout.note('begins', ({ sets }) => sets.length === 2);
    await rollout.ready();
  });

const revisionsOf = async (probe: Probe, label: string, count: number): Promise<void> => {
  const sets = await probe.until(
    ['replicasets'],
    async () => {
      const { items } = await probe.need('GET', 'replicasets');
      return items.length === count ? items : undefined;
    },
    label,
  );
  const told = sets.map(({ metadata, spec }: Json) => {
    const { annotations } = metadata;
    const value = spec.template.spec.containers[0].env?.[0]?.value;
    return { release: value ?? null, annotations, labels: Object.keys(metadata.labels), owner: metadata.ownerReferences[0].kind };
  });
  probe.note(
    label,
    told.toSorted((a: Json, b: Json) => (String(a.release) < String(b.release) ? -1 : 1)),
  );
};

export const rollouts: readonly Scenario[] = [
  steps(1, '25%', '25%'),
  steps(4, '25%', '25%'),
  steps(3, 1, 0),
  steps(5, 0, 1),
  steps(6, 2, 3),
  steps(10, '30%', '20%'),
  steps(2, '100%', 0),
  steps(3, '34%', '34%'),
  steps(7, '1%', '1%'),
  scenario('rollout: Recreate', async (probe) => {
    const rollout = await start(probe, { replicas: 3, strategy: { type: 'Recreate' } });
    await rollout.note('before');
    await rollout.release('2');
    await rollout.note('begins', ({ sets }) => sets.length === 2);
    await rollout.ready();
  }),
  scenario('rollout: a third release before the second is done', async (probe) => {
    const rollout = await start(probe, { replicas: 4, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } });
    await rollout.release('2');
    await rollout.note('second', ({ sets }) => sets.length === 2);
    await rollout.ready(1, 'second ready');
    await rollout.release('3');
    await rollout.note('third', ({ sets }) => sets.length === 3);
    await rollout.ready(Number.POSITIVE_INFINITY, 'third ready');
  }),
  scenario('rollout: scaled in its middle', async (probe) => {
    const rollout = await start(probe, { replicas: 6, strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } } });
    await rollout.release('2');
    await rollout.note('begins', ({ sets }) => sets.length === 2);
    await rollout.ready(1);
    await rollout.change({ replicas: 12 });
    await rollout.note('up', ({ deployment }) => deployment.spec.replicas === 12);
    await rollout.change({ replicas: 3 });
    await rollout.note('down', ({ deployment }) => deployment.spec.replicas === 3);
  }),
  scenario('rollout: scaled outside of one', async (probe) => {
    const rollout = await start(probe, { replicas: 2 });
    await rollout.change({ replicas: 5 });
    await rollout.note('up');
    await rollout.change({ replicas: 0 });
    await rollout.note('zero');
    await probe.need('PATCH', 'deployments/web/scale', { spec: { replicas: 1 } }, merge);
    await rollout.note('one');
    await probe.show('GET', 'deployments/web/scale');
  }),
  scenario('rollout: paused and resumed', async (probe) => {
    const rollout = await start(probe, { replicas: 2 });
    await rollout.change({ paused: true });
    await rollout.note('paused', ({ deployment }) => deployment.status.conditions.some(({ reason }: Json) => reason === 'DeploymentPaused'));
    await rollout.release('2');
    await rollout.note('released while paused');
    await rollout.change({ replicas: 4 });
    await rollout.note('scaled while paused');
    await rollout.change({ paused: false });
    await rollout.note('resumed', ({ sets }) => sets.length === 2);
    await rollout.ready();
  }),
  scenario('rollout: made paused', async (probe) => {
    await probe.need('POST', 'deployments', workload('web', { paused: true }));
    const seen = await probe.whenObject('deployments/web', ({ status }) => status.observedGeneration === 1 && status.conditions?.length === 2);
    probe.note('paused', seen.status);
    await new Rollout(probe).change({ paused: false });
    await new Rollout(probe).note('resumed', ({ sets }) => sets.length === 1);
  }),
  scenario('rollout: progress deadline', async (probe) => {
    const rollout = new Rollout(probe);
    await probe.need('POST', 'deployments', workload('web', { replicas: 2, progressDeadlineSeconds: 1 }));
    const late = ({ deployment }: Json): boolean => deployment.status.conditions.some(({ reason }: Json) => reason === 'ProgressDeadlineExceeded');
    await rollout.note('late', late);
    await rollout.allReady();
    await rollout.note('done after all', ({ deployment }) => deployment.status.conditions.some(({ reason }: Json) => reason === 'NewReplicaSetAvailable'));
  }),
  scenario('rollout: pods that are ready are not yet available', async (probe) => {
    const rollout = new Rollout(probe);
    await probe.need('POST', 'deployments', workload('web', { replicas: 1, minReadySeconds: 3600, progressDeadlineSeconds: 7200 }));
    await rollout.allReady();
    await rollout.note('ready');
    await rollout.change({ minReadySeconds: 0 });
    await rollout.note('no wait', ({ deployment }) => deployment.status.availableReplicas === 1);
    await rollout.release('2');
    await rollout.note('next', ({ sets }) => sets.length === 2);
  }),
  scenario('rollout: a pod that is no longer ready', async (probe) => {
    const rollout = await start(probe, { replicas: 3 });
    const { pods } = await rollout.settled();
    await rollout.makeReady(pods[0].metadata.name, false);
    await rollout.note('unready', ({ deployment }) => deployment.status.readyReplicas === 2);
    await rollout.release('2');
    await rollout.note('the broken one goes first', ({ sets }) => sets.length === 2);
  }),
  scenario('revisions: numbers and annotations', async (probe) => {
    const rollout = await start(probe, { replicas: 1 });
    await probe.need('PATCH', 'deployments/web', { metadata: { annotations: { 'kubernetes.io/change-cause': 'second', own: 'x' } } }, merge);
    await rollout.settled();
    await rollout.release('2');
    await rollout.allReady();
    await rollout.settled(({ sets }) => sets.length === 2);
    await revisionsOf(probe, 'two', 2);
    probe.note('deployment', (await probe.need('GET', 'deployments/web')).metadata.annotations);
  }),
  scenario('revisions: going back renumbers', async (probe) => {
    const rollout = await start(probe, { replicas: 1 });
    await rollout.release('2');
    await rollout.settled(({ sets }) => sets.length === 2);
    await rollout.allReady();
    await probe.need('PATCH', 'deployments/web', [{ op: 'remove', path: '/spec/template/spec/containers/0/env' }], jsonPatch);
    await rollout.settled(({ deployment }) => deployment.metadata.annotations['deployment.kubernetes.io/revision'] === '3');
    await rollout.allReady();
    await rollout.note('back');
    await revisionsOf(probe, 'history', 2);
  }),
  scenario('revisions: how many are kept', async (probe) => {
    const rollout = await start(probe, { replicas: 1, revisionHistoryLimit: 1 });
    for (const value of ['2', '3', '4']) {
      await rollout.release(value);
      await rollout.settled(({ deployment }) => deployment.metadata.annotations['deployment.kubernetes.io/revision'] === value);
      await rollout.allReady();
    }
    await revisionsOf(probe, 'kept', 2);
    await rollout.change({ revisionHistoryLimit: 0 });
    await revisionsOf(probe, 'none kept', 1);
  }),
  scenario('ReplicaSets: made by a Deployment', async (probe) => {
    await start(probe, { replicas: 2, minReadySeconds: 0 });
    await probe.show('GET', 'replicasets');
  }),
  scenario('ReplicaSets: orphans that fit are taken', async (probe) => {
    await probe.need(
      'POST',
      'replicasets',
      workload('old', { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: workload('web').spec.template }),
    );
    await probe.whenObject('replicasets/old', ({ status }) => status.replicas === 1);
    await probe.need('POST', 'deployments', workload('web', { replicas: 2 }));
    const rollout = new Rollout(probe);
    await rollout.note('adopted', ({ sets }) => sets.length === 1);
    const { metadata } = await probe.need('GET', 'replicasets/old');
    probe.note('owner', { annotations: metadata.annotations, owner: metadata.ownerReferences });
  }),
  scenario('ReplicaSets: pods are taken and let go by their labels', async (probe) => {
    await probe.need('POST', 'replicasets', workload('web', { replicas: 2 }));
    await probe.whenObject('replicasets/web', ({ status }) => status.replicas === 2 && status.observedGeneration === 1);
    const { items } = await probe.need('GET', 'pods');
    await probe.need('PATCH', `pods/${items[0].metadata.name}`, { metadata: { labels: { app: 'other' } } }, merge);
    const freed = await probe.whenObject(`pods/${items[0].metadata.name}`, ({ metadata }) => metadata.ownerReferences === undefined);
    probe.note('let go', freed.metadata.labels);
    await probe.until(['pods'], async () => ((await probe.need('GET', 'pods')).items.length === 3 ? true : undefined), 'a replacement');
    await probe.need('PATCH', `pods/${items[0].metadata.name}`, { metadata: { labels: { app: 'web' } } }, merge);
    await probe.until(['pods'], async () => ((await probe.need('GET', 'pods')).items.length === 2 ? true : undefined), 'one too many to go');
    const set = await probe.whenObject('replicasets/web', ({ status }) => status.replicas === 2);
    probe.note('status', set.status);
  }),
];
