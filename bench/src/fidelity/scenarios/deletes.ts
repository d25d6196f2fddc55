import { type Scenario, scenario } from '../scenario.js';
import { configMap, merge } from './objects.js';

/** How objects go, and the names that the server makes. */
export const deletes: readonly Scenario[] = [
  scenario('delete: preconditions', async (probe) => {
    const { metadata } = await probe.need('POST', 'configmaps', configMap('a'));
    const options = (preconditions: object): object => ({ body: { preconditions } });
    await probe.show('DELETE', 'configmaps/a', options({ uid: 'wrong' }));
    await probe.show('DELETE', 'configmaps/a', options({ resourceVersion: '1' }));
    await probe.show('DELETE', 'configmaps/a', options({ uid: metadata.uid, resourceVersion: metadata.resourceVersion }));
    await probe.show('DELETE', 'configmaps/a');
    await probe.show('DELETE', 'configmaps/a', { body: { propagationPolicy: 'Sometimes' } });
    await probe.need('POST', 'configmaps', configMap('a'));
    await probe.show('DELETE', 'configmaps/a', { body: { propagationPolicy: 'Orphan', orphanDependents: true } });
    await probe.show('DELETE', 'configmaps/a', { query: { gracePeriodSeconds: '-5' } });
  }),
  scenario('delete: finalizers', async (probe) => {
    await probe.need('POST', 'configmaps', { ...configMap('a'), metadata: { name: 'a', finalizers: ['example.com/hold'] } });
    await probe.show('DELETE', 'configmaps/a');
    await probe.show('DELETE', 'configmaps/a');
    await probe.show('PATCH', 'configmaps/a', { body: { data: { a: '2' } }, ...merge });
    await probe.show('PATCH', 'configmaps/a', { body: { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } }, ...merge });
    await probe.show('POST', 'configmaps', { body: configMap('a') });
    await probe.show('PATCH', 'configmaps/a', { body: { metadata: { finalizers: null } }, ...merge });
    await probe.show('GET', 'configmaps/a');
    await probe.show('POST', 'configmaps', { body: { ...configMap('b'), metadata: { name: 'b', finalizers: ['nonsense'] } } });
  }),
  scenario('delete: collections', async (probe) => {
    for (const [name, app] of [
      ['a', 'x'],
      ['b', 'x'],
      ['c', 'y'],
    ] as const)
      await probe.need('POST', 'secrets', { metadata: { name, labels: { app } } });
    await probe.show('DELETE', 'secrets', { query: { labelSelector: 'app=x' } });
    await probe.show('GET', 'secrets');
    await probe.show('DELETE', '/api/v1/namespaces');
  }),
  scenario('names made by the server', async (probe) => {
    const { body } = await probe.show('POST', 'configmaps', { body: { metadata: { generateName: 'made-' } } });
    await probe.show('GET', `configmaps/${body.metadata.name}`);
    const refused = await probe.call('POST', 'configmaps', { body: { metadata: { generateName: 'Made_' } } });
    probe.names.learn(refused.body.details.name, 'Made_suffix');
    probe.note('a wrong prefix', refused);
    await probe.show('POST', 'configmaps', { body: { metadata: { generateName: 'made-', name: 'chosen' } } });
    const long = await probe.need('POST', 'configmaps', { metadata: { generateName: 'x'.repeat(70) } });
    probe.note('length of a long name', long.metadata.name.length);
  }),
];
