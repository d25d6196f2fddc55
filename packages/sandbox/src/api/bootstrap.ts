import type { Registry } from './registry.js';
import { builtInResources } from './resources.js';

const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
const GROUP = 'rbac.authorization.k8s.io';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const DISCOVERY = ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/'];

const isStored = (group: string): boolean => group !== 'authorization.k8s.io' && group !== 'authentication.k8s.io';

/** One rule a group, over the namespaced kinds that are served and their subresources. */
function rulesFor(verbs: readonly string[], { secrets, roles }: { readonly secrets: boolean; readonly roles: boolean }): object[] {
  const rows = builtInResources.filter(
    ({ group, plural, namespaced }) =>
      namespaced && isStored(group) && (secrets || plural !== 'secrets') && (roles || group !== GROUP) && plural !== 'resourcequotas',
  );
  // What reaches into pods is no reading.
  const isFor = (subresource: string): boolean => verbs.includes('create') || !['eviction', 'proxy'].includes(subresource);
  const groups = [...new Set(rows.map(({ group }) => group))];
  return groups.map((group) => {
    const own = rows.filter((row) => row.group === group);
    const resources = own.flatMap(({ plural, subresources }) => [plural, ...subresources.filter(isFor).map((name) => `${plural}/${name}`)]);
    return { apiGroups: [group], resources, verbs };
  });
}

const quota = { apiGroups: [''], resources: ['namespaces', 'resourcequotas', 'resourcequotas/status'], verbs: READ };
const reviews = { apiGroups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'], verbs: ['create'] };

const clusterRoles = (): Readonly<Record<string, readonly object[]>> => ({
  admin: [...rulesFor([...READ, ...WRITE], { secrets: true, roles: true }), quota, reviews],
  'cluster-admin': [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ],
  edit: [...rulesFor([...READ, ...WRITE], { secrets: true, roles: false }), quota],
  'system:basic-user': [
    { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], verbs: ['create'] },
    { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
  ],
  'system:discovery': [{ nonResourceURLs: DISCOVERY, verbs: ['get'] }],
  view: [...rulesFor(READ, { secrets: false, roles: false }), quota],
});

const BINDINGS: Readonly<Record<string, string>> = {
  'cluster-admin': 'system:masters',
  'system:basic-user': 'system:authenticated',
  'system:discovery': 'system:authenticated',
};

/** What every cluster has from the start: its own namespaces, and the roles that people bind. */
export function bootstrap(registry: Registry): void {
  const make = (resource: string, object: object): void => void registry.create(registry.resources.get(resource), object);
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  for (const name of SYSTEM_NAMESPACES) make('namespaces', { metadata: { name } });
  for (const [name, rules] of Object.entries(clusterRoles())) make(`clusterroles.${GROUP}`, { metadata: { name, labels }, rules });
  for (const [name, group] of Object.entries(BINDINGS)) {
    const roleRef = { apiGroup: GROUP, kind: 'ClusterRole', name };
    make(`clusterrolebindings.${GROUP}`, { metadata: { name, labels }, roleRef, subjects: [{ kind: 'Group', apiGroup: GROUP, name: group }] });
  }
}
