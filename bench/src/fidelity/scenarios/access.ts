import { requests, type Scenario } from '../scenario.js';
import { configMap, merge, workload } from './objects.js';

const nobody = { as: 'nobody' } as const;
const question = (resourceAttributes: object): object => ({ spec: { resourceAttributes } });
const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

export const access: readonly Scenario[] = [
  requests('access: refused to nobody', [
    ['GET', 'pods', undefined, nobody],
    ['GET', 'pods/a', undefined, nobody],
    ['POST', 'configmaps', configMap('a'), nobody],
    ['PATCH', 'deployments/a', {}, { ...merge, ...nobody }],
    ['PUT', 'deployments/a', workload('a'), nobody],
    ['DELETE', 'deployments/a', undefined, nobody],
    ['DELETE', 'deployments', undefined, nobody],
    ['GET', 'secrets', undefined, { ...nobody, query: { watch: '1' } }],
    ['PATCH', 'deployments/a/scale', {}, { ...merge, ...nobody }],
    ['GET', 'pods/a/log', undefined, nobody],
    ['POST', 'pods/a/eviction', {}, nobody],
    ['GET', '/api/v1/nodes', undefined, nobody],
    ['GET', '/api/v1/pods', undefined, nobody],
    ['GET', '/api/v1/namespaces/{ns}', undefined, nobody],
    ['GET', '/api/v1/nodes/a/proxy/metrics', undefined, nobody],
    ['GET', '/metrics', undefined, nobody],
  ]),
  requests('access: what may I do', [
    ['POST', reviews, question({ verb: 'create', resource: 'pods', namespace: 'x' })],
    ['POST', reviews, question({ verb: 'create', resource: 'pods', namespace: 'x' }), nobody],
    ['POST', reviews, question({ verb: 'get', group: 'apps', resource: 'deployments', subresource: 'scale', name: 'a' }), nobody],
    ['POST', reviews, { spec: {} }, nobody],
    ['POST', reviews, { spec: { nonResourceAttributes: { path: '/metrics', verb: 'get' } } }, nobody],
    // Of a path that two bindings allow, such as /healthz, a server names the one that it comes upon first, which changes when it is restarted.
    ['POST', reviews, { spec: { nonResourceAttributes: { path: '/apis', verb: 'get' } } }, nobody],
    ['POST', reviews, { spec: { nonResourceAttributes: { path: '/a' }, resourceAttributes: {} } }],
  ]),
  requests('access: given by a role', [
    [
      'POST',
      '/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles',
      { metadata: { name: 'read' }, rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['a'] }] },
    ],
    [
      'POST',
      '/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings',
      {
        metadata: { name: 'read' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'read' },
        subjects: [{ kind: 'User', name: 'reader', apiGroup: 'rbac.authorization.k8s.io' }],
      },
    ],
    ['POST', 'configmaps', configMap('a')],
    ['GET', 'configmaps/a', undefined, { as: 'reader' }],
    ['GET', 'configmaps/b', undefined, { as: 'reader' }],
    ['GET', 'configmaps', undefined, { as: 'reader' }],
    ['POST', reviews, question({ verb: 'get', resource: 'configmaps', namespace: '{ns}', name: 'a' }), { as: 'reader' }],
  ]),
];
