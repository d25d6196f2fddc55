import type { Json } from '../json.js';
import { Rollout } from '../rollout.js';
import { type Scenario, scenario } from '../scenario.js';
import { merge, pod, service } from './objects.js';

export const endpoints: readonly Scenario[] = [
  scenario('endpoints: slices of a Service', async (probe) => {
    await probe.need('POST', 'services', service('a', { ports: [{ port: 80, targetPort: 'http', name: 'web' }] }));
    // nobody runs pods there, but a pod without a node is behind no Service
    const nodeName = `${probe.namespace}-node`;
    probe.names.learn(nodeName, 'NODE');
    await probe.need('POST', '/api/v1/nodes', { metadata: { name: nodeName } });
    const ports = [{ name: 'http', containerPort: 5000 }];
    for (const name of ['one', 'two']) {
      await probe.need('POST', 'pods', pod(name, { nodeName, containers: [{ ...pod('x').spec.containers[0], ports }] }, { labels: { app: 'a' } }));
    }
    const rollout = new Rollout(probe);
    await rollout.makeReady('one');
    await rollout.makeReady('two', false);
    const slices = async (isSo: (slice: Json) => boolean): Promise<Json> =>
      probe.until(
        ['endpointslices'],
        async () => {
          const { items } = await probe.need('GET', 'endpointslices');
          return items.length === 1 && isSo(items[0]) ? items[0] : undefined;
        },
        'a slice',
      );
    // how many changes a controller takes together is its own affair
    const sorted = (slice: Json): Json => ({
      ...slice,
      metadata: { ...slice.metadata, generation: undefined, resourceVersion: undefined },
      endpoints: slice.endpoints?.toSorted((a: Json, b: Json) => (a.targetRef.name < b.targetRef.name ? -1 : 1)) ?? null,
    });
    probe.note('both', sorted(await slices(({ endpoints }) => endpoints?.length === 2)));
    await rollout.makeReady('two');
    probe.note('ready', sorted(await slices(({ endpoints }) => endpoints?.every(({ conditions }: Json) => conditions.ready))));
    await probe.need('DELETE', 'pods/one', { gracePeriodSeconds: 0 });
    probe.note('one left', sorted(await slices(({ endpoints }) => endpoints?.length === 1)));
    await probe.need('PATCH', 'services/a', { spec: { selector: { app: 'b' } } }, merge);
    probe.note('nobody', sorted(await slices(({ endpoints }) => !endpoints?.length)));
    await probe.need('DELETE', 'services/a');
    await probe.until(['endpointslices'], async () => ((await probe.need('GET', 'endpointslices')).items.length === 0 ? true : undefined), 'slices to go');
    await probe.need('DELETE', 'pods/two', { gracePeriodSeconds: 0 });
    await probe.need('DELETE', `/api/v1/nodes/${nodeName}`);
  }),
  scenario('endpoints: Services of other kinds', async (probe) => {
    await probe.need('POST', 'services', service('headless', { clusterIP: 'None' }));
    await probe.need('POST', 'services', service('unready', { publishNotReadyAddresses: true }));
    await probe.need('POST', 'services', { metadata: { name: 'nobody' }, spec: { ports: [{ port: 80 }] } });
    await probe.need('POST', 'pods', pod('x', {}, { labels: { app: 'unready' } }));
    await new Rollout(probe).makeReady('x', false);
    const slices = await probe.until(
      ['endpointslices'],
      async () => {
        const { items } = await probe.need('GET', 'endpointslices');
        return items.length === 2 && items.some(({ endpoints }: Json) => endpoints?.length === 1) ? items : undefined;
      },
      'two slices',
    );
    probe.note(
      'slices',
      slices.toSorted((a: Json, b: Json) => (a.metadata.name < b.metadata.name ? -1 : 1)),
    );
  }),
];
