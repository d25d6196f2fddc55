import { conditionsOf } from '../conditions.js';
import type { Json } from '../json.js';
import type { Probe } from '../probe.js';
import { Rollout } from '../rollout.js';
import { type Scenario, scenario } from '../scenario.js';
import { budget, configMap, merge, pod, workload } from './objects.js';

const evict = (probe: Probe, name: string, more: object = {}): Promise<unknown> =>
  probe.show('POST', `pods/${name}/eviction`, { body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, ...more } });

export const lifecycle: readonly Scenario[] = [
  // before the namespaces of other scenarios wait for their end too: a real cluster takes seconds for each
  scenario('namespace: what a new one holds, and how it goes', async (probe) => {
    const name = `${probe.namespace}-more`;
    probe.names.learn(name, 'MORE');
    const path = `/api/v1/namespaces/${name}`;
    await probe.show('POST', '/api/v1/namespaces', { body: { metadata: { name, labels: { a: 'b' } } } });
    await probe.until(
      [`${path}/configmaps`, `${path}/serviceaccounts`],
      async () => {
        const [maps, accounts] = [await probe.need('GET', `${path}/configmaps`), await probe.need('GET', `${path}/serviceaccounts`)];
        return maps.items.length === 1 && accounts.items.length === 1 ? true : undefined;
      },
      'the first objects of a namespace',
    );
    const maps = await probe.need('GET', `${path}/configmaps`);
    probe.note(
      'maps',
      maps.items.map(({ metadata, data }: Json) => [metadata.name, metadata.annotations, Object.keys(data)]),
    );
    probe.note(
      'accounts',
      (await probe.need('GET', `${path}/serviceaccounts`)).items.map(({ metadata }: Json) => metadata.name),
    );
    await probe.need('POST', `${path}/secrets`, { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    await probe.show('DELETE', path);
    await probe.show('POST', `${path}/configmaps`, { body: configMap('late') });
    await probe.until(
      [`${path}/configmaps`, `${path}/secrets`],
      async () => {
        const [maps, secrets] = [await probe.need('GET', `${path}/configmaps`), await probe.need('GET', `${path}/secrets`)];
        return maps.items.length === 0 && secrets.items[0]?.metadata.deletionTimestamp ? true : undefined;
      },
      'an empty namespace',
    );
    const held = await probe.need('GET', `${path}/secrets`);
    probe.note(
      'held',
      held.items.map(({ metadata }: Json) => [metadata.name, metadata.finalizers, metadata.deletionGracePeriodSeconds]),
    );
    await probe.need('PATCH', `${path}/secrets/held`, { metadata: { finalizers: null } }, merge);
  }),
  scenario('budget: status and evictions', async (probe) => {
    await probe.need('POST', 'replicasets', workload('web', { replicas: 3 }));
    await probe.need('POST', 'poddisruptionbudgets', budget('web', { minAvailable: 2 }));
    await probe.whenObject('replicasets/web', ({ status }) => status.replicas === 3);
    const none = await probe.whenObject('poddisruptionbudgets/web', ({ status }) => status.observedGeneration === 1 && status.expectedPods === 3);
    probe.note('nobody is ready', { ...none.status, conditions: conditionsOf(none) });
    const { items } = await probe.need('GET', 'pods');
    probe.names.meet(items);
    const rollout = new Rollout(probe);
    for (const { metadata } of items) await rollout.makeReady(metadata.name);
    const all = await probe.whenObject('poddisruptionbudgets/web', ({ status }) => status.currentHealthy === 3);
    probe.note('all are ready', { ...all.status, conditions: conditionsOf(all) });
    const [first, second] = items.map(({ metadata }: Json) => metadata.name);
    await evict(probe, first, { deleteOptions: { dryRun: ['All'] } });
    await evict(probe, first);
    const less = await probe.whenObject(
      'poddisruptionbudgets/web',
      ({ status }) => status.currentHealthy === 2 && status.expectedPods === 3 && !status.disruptedPods,
    );
    probe.note('one is gone', { ...less.status, conditions: conditionsOf(less) });
    await evict(probe, second);
    await evict(probe, 'none');
  }),
  scenario('budget: percent of what a Deployment wants', async (probe) => {
    await probe.need('POST', 'deployments', workload('web', { replicas: 5 }));
    await probe.need('POST', 'poddisruptionbudgets', budget('web', { maxUnavailable: '30%' }));
    await new Rollout(probe).allReady();
    const pdb = await probe.whenObject('poddisruptionbudgets/web', ({ status }) => status.currentHealthy === 5);
    probe.note('status', { ...pdb.status, conditions: conditionsOf(pdb) });
  }),
  scenario('budget: pods that need no leave', async (probe) => {
    await probe.need('POST', 'pods', pod('a'));
    await probe.need('POST', 'pods', pod('b', {}, { labels: { app: 'a' } }));
    await probe.need('POST', 'poddisruptionbudgets', budget('a', { minAvailable: '100%' }));
    await probe.whenObject('poddisruptionbudgets/a', ({ status }) => status.observedGeneration === 1);
    await evict(probe, 'a');
    await new Rollout(probe).makeReady('b', false);
    await evict(probe, 'b', { deleteOptions: { preconditions: { uid: 'other' } } });
  }),
  scenario('budget: two for one pod', async (probe) => {
    await probe.need('POST', 'pods', pod('a'));
    await new Rollout(probe).makeReady('a');
    for (const name of ['one', 'two']) await probe.need('POST', 'poddisruptionbudgets', { ...budget('a', { minAvailable: 1 }), metadata: { name } });
    for (const name of ['one', 'two']) await probe.whenObject(`poddisruptionbudgets/${name}`, ({ status }) => status.observedGeneration === 1);
    await evict(probe, 'a');
  }),
  scenario('namespace: the built-in ones stay', async (probe) => {
    await probe.show('DELETE', '/api/v1/namespaces/default');
    await probe.show('DELETE', '/api/v1/namespaces/kube-system');
    await probe.show('POST', '/api/v1/namespaces', { body: { metadata: { name: 'default' } } });
  }),
  scenario('quota: what a namespace may hold', async (probe) => {
    await probe.need('POST', 'resourcequotas', {
      metadata: { name: 'q' },
      spec: { hard: { pods: '1', 'requests.cpu': '500m', 'count/deployments.apps': '1' } },
    });
    const counted = await probe.whenObject('resourcequotas/q', ({ status }) => status.used?.pods === '0');
    probe.note('counted', counted.status);
    await probe.show('POST', 'pods', { body: pod('a') });
    const asking = (name: string, cpu: string): Json => pod(name, { containers: [{ ...pod(name).spec.containers[0], resources: { requests: { cpu } } }] });
    await probe.show('POST', 'pods', { body: asking('a', '600m') });
    await probe.need('POST', 'pods', asking('a', '300m'));
    await probe.show('POST', 'pods', { body: asking('b', '100m') });
    await probe.need('POST', 'deployments', workload('one', { replicas: 0 }));
    await probe.show('POST', 'deployments', { body: workload('two', { replicas: 0 }) });
    const used = await probe.whenObject('resourcequotas/q', ({ status }) => status.used?.pods === '1' && status.used?.['count/deployments.apps'] === '1');
    probe.note('used', used.status);
    await probe.need('DELETE', 'pods/a');
    await probe.whenObject('resourcequotas/q', ({ status }) => status.used?.pods === '0');
    await probe.show('POST', 'pods', { body: asking('b', '500m') });
  }),
  scenario('quota: a rollout that has no room', async (probe) => {
    await probe.need('POST', 'resourcequotas', { metadata: { name: 'q' }, spec: { hard: { pods: '2' } } });
    await probe.whenObject('resourcequotas/q', ({ status }) => status.used?.pods === '0');
    await probe.need('POST', 'deployments', workload('web', { replicas: 3 }));
    const isStuck = ({ status }: Json): boolean => status.conditions?.some(({ type }: Json) => type === 'ReplicaFailure') && status.replicas === 2;
    const deployment = await probe.whenObject('deployments/web', isStuck);
    const { conditions: _, ...status } = deployment.status;
    probe.note('deployment', status);
    const failure = conditionsOf(deployment).find(({ type }: Json) => type === 'ReplicaFailure');
    // the pod that was refused has a name of its own
    probe.note('failure', { ...failure, message: failure.message.replace(/"web-[^"]*"/, 'POD') });
  }),
  scenario('pods: really run, and end', async (probe) => {
    const spec = { ...pod('run').spec, schedulerName: undefined, terminationGracePeriodSeconds: 1, tolerations: undefined };
    await probe.need('POST', 'pods', { metadata: { name: 'run', labels: { app: 'run' } }, spec });
    const running = await probe.whenObject('pods/run', ({ status }) =>
      status.conditions?.some(({ type, status: is }: Json) => type === 'Ready' && is === 'True'),
    );
    probe.note('phase', running.status.phase);
    probe.note('conditions', running.status.conditions.map(({ type, status }: Json) => `${type}=${status}`).toSorted());
    const [{ name, ready, started, restartCount, state }] = running.status.containerStatuses;
    probe.note('container', { name, ready, started, restartCount, state: Object.keys(state) });
    const { body } = await probe.call('DELETE', 'pods/run');
    probe.note('deleted', { grace: body.metadata.deletionGracePeriodSeconds, generation: body.metadata.generation });
    await probe.whenGone('pods/run');
  }),
  scenario('pods: an image that is not there', async (probe) => {
    const spec = { ...pod('x').spec, schedulerName: undefined, containers: [{ name: 'web', image: 'registry.invalid/none:1' }] };
    await probe.need('POST', 'pods', { metadata: { name: 'x' }, spec });
    const waits = await probe.whenObject('pods/x', ({ status }) =>
      ['ErrImagePull', 'ImagePullBackOff'].includes(status.containerStatuses?.[0]?.state.waiting?.reason),
    );
    const { ready, started, restartCount, image, imageID } = waits.status.containerStatuses[0];
    probe.note('status', { phase: waits.status.phase, ready, started, restartCount, image, imageID });
    await probe.show('DELETE', 'pods/x', { query: { gracePeriodSeconds: '0' } }).then(() => probe.notes.pop());
    await probe.whenGone('pods/x');
  }),
  scenario('Lease: taken by one, refused to another', async (probe) => {
    const spec = {
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      renewTime: '2026-01-01T00:00:00.000000Z',
      acquireTime: '2026-01-01T00:00:00.123456Z',
    };
    const { body } = await probe.show('POST', 'leases', { body: { metadata: { name: 'l' }, spec } });
    await probe.show('PUT', 'leases/l', { body: { ...body, spec: { ...spec, holderIdentity: 'b', leaseTransitions: 1 } } });
    await probe.show('PUT', 'leases/l', { body: { ...body, spec: { ...spec, holderIdentity: 'c' } } });
    await probe.show('PATCH', 'leases/l', { body: { spec: { holderIdentity: null } }, ...merge });
  }),
];
