import { requests, requestsOfSpecs, type Scenario, scenario } from '../scenario.js';
import { asTable, autoscaler, budget, configMap, merge, pod, service, workload } from './objects.js';

const fill = async (probe: Parameters<Scenario['run']>[0], count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await probe.need('POST', 'secrets', { metadata: { name: `s${i}`, labels: { half: String(i % 2) } } });
};

export const reads: readonly Scenario[] = [
  scenario('list: pages', async (probe) => {
    await fill(probe, 7);
    const one = await probe.show('GET', 'secrets', { query: { limit: '3' } });
    await probe.need('DELETE', 'secrets/s6');
    await probe.need('POST', 'secrets', { metadata: { name: 's9' } });
    const two = await probe.show('GET', 'secrets', { query: { limit: '3', continue: one.body.metadata.continue } });
    await probe.show('GET', 'secrets', { query: { limit: '3', continue: two.body.metadata.continue } });
    await probe.show('GET', 'secrets', { query: { limit: '3', labelSelector: 'half=0' } });
    await probe.show('GET', 'secrets', { query: { limit: '100' } });
    await probe.show('GET', 'secrets', { query: { limit: '-1' } });
    await probe.show('GET', 'secrets', { query: { limit: 'x' } });
  }),
  requests('list: tokens and versions that make no sense', [
    ['GET', 'secrets', undefined, { query: { continue: 'nonsense' } }],
    ['GET', 'secrets', undefined, { query: { resourceVersion: 'x' } }],
    ['GET', 'secrets', undefined, { query: { resourceVersionMatch: 'Exact' } }],
    ['GET', 'secrets', undefined, { query: { resourceVersion: '0', resourceVersionMatch: 'Exact' } }],
    ['GET', 'secrets', undefined, { query: { resourceVersion: '1', resourceVersionMatch: 'Near' } }],
    ['GET', 'secrets', undefined, { query: { sendInitialEvents: 'true' } }],
  ]),
  scenario('list: selectors of labels', async (probe) => {
    await fill(probe, 3);
    for (const labelSelector of [
      'half=1',
      'half!=1',
      'half in (0,1)',
      'half notin (0)',
      '!half',
      'half',
      'half>0',
      'half=',
      'a b',
      'half in 0',
      'half=1,',
      'half==-x',
    ]) {
      await probe.show('GET', 'secrets', { query: { labelSelector } });
    }
  }),
  scenario('list: selectors of fields', async (probe) => {
    await probe.need('POST', 'pods', pod('a'));
    await probe.need('POST', 'pods', pod('b'));
    const selectors = [
      'metadata.name=a',
      'metadata.name!=a',
      'status.phase=Pending',
      'spec.nodeName=',
      'spec.restartPolicy=Always,metadata.name=b',
      'spec.x=1',
      'metadata.name',
      '',
    ];
    for (const fieldSelector of selectors) await probe.show('GET', 'pods', { query: { fieldSelector } });
    await probe.show('GET', 'configmaps', { query: { fieldSelector: 'data.a=1' } });
    await probe.show('GET', 'secrets', { query: { fieldSelector: 'type=Opaque' } });
  }),
  scenario('watch: order of changes', async (probe) => {
    const { metadata } = (await probe.call('GET', 'secrets')).body;
    await probe.need('POST', 'secrets', { metadata: { name: 'a', labels: { x: '1' } } });
    await probe.need('PATCH', 'secrets/a', { metadata: { labels: { x: '2' } } }, merge);
    await probe.need('POST', 'secrets', { metadata: { name: 'b', labels: { x: '1' } } });
    await probe.need('PATCH', 'secrets/b', { metadata: { labels: { x: '1' } } }, merge);
    await probe.need('DELETE', 'secrets/a');
    const query = { resourceVersion: metadata.resourceVersion };
    probe.note('all', await probe.watch('secrets', query, (events) => events.length === 4));
    probe.note('selected', await probe.watch('secrets', { ...query, labelSelector: 'x=1' }, (events) => events.length === 3));
    probe.note('one', await probe.watch('secrets', { ...query, fieldSelector: 'metadata.name=b' }, (events) => events.length === 1));
  }),
  scenario('watch: what is there, then a bookmark', async (probe) => {
    await fill(probe, 2);
    const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' };
    probe.note('events', await probe.watch('secrets', query, (events) => events.some(({ type }) => type === 'BOOKMARK')));
    probe.note('from nothing', await probe.watch('secrets', {}, (events) => events.length === 2));
    probe.note('from 0', await probe.watch('secrets', { resourceVersion: '0' }, (events) => events.length === 2));
  }),
  requests('watch: refused', [
    ['GET', 'secrets', undefined, { query: { watch: '1', resourceVersion: 'x' } }],
    ['GET', 'secrets', undefined, { query: { watch: '1', sendInitialEvents: 'true' } }],
    ['GET', 'secrets', undefined, { query: { watch: '1', fieldSelector: 'x=1' } }],
    ['GET', 'secrets', undefined, { query: { watch: '1', timeoutSeconds: '1', resourceVersion: '0' } }],
  ]),
  scenario('tables: workloads', async (probe) => {
    await probe.need('POST', 'deployments', workload('a', { replicas: 0 }));
    await probe.whenObject('deployments/a', ({ status }) => status.observedGeneration === 1 && status.conditions?.length === 2);
    await probe.need('POST', 'replicasets', workload('r', { replicas: 0 }));
    await probe.whenObject('replicasets/r', ({ status }) => status.observedGeneration === 1);
    await probe.need('POST', 'pods', pod('p'));
    for (const path of ['deployments', 'deployments/a', 'replicasets/r', 'pods', 'pods/p']) await probe.show('GET', path, asTable);
  }),
  scenario('tables: the rest', async (probe) => {
    await probe.need(
      'POST',
      'services',
      service('a', {
        ports: [
          { port: 80, name: 'a' },
          { port: 81, name: 'b', targetPort: 'x' },
        ],
      }),
    );
    await probe.need('POST', 'configmaps', configMap('a'));
    await probe.need('POST', 'secrets', { metadata: { name: 'a' }, stringData: { a: 'b' } });
    await probe.need('POST', 'leases', { metadata: { name: 'a' }, spec: { holderIdentity: 'me' } });
    await probe.need('POST', 'poddisruptionbudgets', budget('a', { maxUnavailable: '50%' }));
    await probe.need('POST', 'horizontalpodautoscalers', autoscaler('a', { minReplicas: 2 }));
    await probe.need('POST', 'endpointslices', {
      metadata: { name: 'x' },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.9.9.9'] }],
      ports: [{ port: 80 }],
    });
    for (const path of ['services/a', 'configmaps/a', 'secrets', 'leases', 'poddisruptionbudgets', 'horizontalpodautoscalers', 'endpointslices/x']) {
      await probe.show('GET', path, asTable);
    }
    await probe.show('GET', '/api/v1/namespaces/{ns}', asTable);
  }),
  scenario('tables: only what identifies an object', async (probe) => {
    await probe.need('POST', 'secrets', { metadata: { name: 'a', labels: { x: 'y' } } });
    await probe.show('GET', 'secrets', { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' });
    await probe.show('GET', 'secrets/a', { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' });
    await probe.show('GET', 'secrets', { ...asTable, query: { includeObject: 'None' } });
    await probe.show('GET', 'secrets', { ...asTable, query: { includeObject: 'Object' } });
    await probe.show('GET', 'secrets', { accept: 'application/json;as=Chair;v=v1;g=meta.k8s.io' });
  }),
  requests('errors: 404, 405, 406', [
    ['GET', 'configmaps/none'],
    ['GET', 'deployments/none'],
    ['GET', 'chairs'],
    ['GET', '/apis/apps/v2/namespaces/{ns}/deployments'],
    ['GET', '/apis/example.com/v1/namespaces/{ns}/chairs'],
    ['GET', '/nothing'],
    ['GET', 'configmaps/a/scale'],
    ['GET', 'deployments/none/scale'],
    ['POST', 'configmaps/a', configMap('a')],
    ['PUT', 'configmaps', configMap('a')],
    ['PATCH', 'configmaps', {}, merge],
    ['PUT', 'pods/a/eviction', {}],
    ['GET', 'pods/a/eviction'],
    ['DELETE', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
    ['GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
    ['POST', '/api/v1/namespaces/none-of-this-name/configmaps', configMap('a')],
    ['GET', '/api/v1/namespaces/none-of-this-name/configmaps'],
    ['POST', 'configmaps', { metadata: { name: 'a', namespace: 'other' } }],
    ['GET', 'configmaps', undefined, { accept: 'application/xml' }],
  ]),
  requestsOfSpecs('scale: reads and writes', [
    ['POST', 'replicasets', workload('a', { replicas: 0 })],
    ['GET', 'replicasets/a/scale'],
    ['PUT', 'replicasets/a/scale', { metadata: { name: 'a' }, spec: { replicas: -1 } }],
    ['PUT', 'replicasets/a/scale', { metadata: { name: 'b' }, spec: { replicas: 1 } }],
    ['PUT', 'replicasets/a/scale', { metadata: { name: 'a', resourceVersion: '1' }, spec: { replicas: 0 } }],
    ['PATCH', 'replicasets/a/scale', { spec: { replicas: 'x' } }, merge],
    ['PATCH', 'replicasets/a/scale', { spec: { replicas: 0, more: 1 } }, { ...merge, query: { fieldValidation: 'Strict' } }],
    ['PATCH', 'replicasets/a/scale', [{ op: 'test', path: '/spec/replicas', value: 3 }], { type: 'json-patch+json' }],
    ['POST', 'replicasets/a/scale', {}],
  ]),
  requests('discovery: what is served of a group', [
    ['GET', '/apis/policy'],
    ['GET', '/apis/policy/v1'],
    ['GET', '/apis/coordination.k8s.io/v1'],
    ['GET', '/apis/discovery.k8s.io/v1'],
    ['GET', '/healthz'],
    ['GET', '/readyz'],
  ]),
];
