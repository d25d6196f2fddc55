import { apiVersionOf, type ResourceInfo, type Resources } from '../resources.js';
import { json, text } from './answer.js';
import { openapi } from './openapi.js';

/** What the sandbox says it is: the minor version whose types and defaults it has. */
const VERSION = { major: '1', minor: '34', gitVersion: 'v1.34.0+sandbox', gitCommit: '', gitTreeState: 'clean', buildDate: '1970-01-01T00:00:00Z' };

const SUBRESOURCES: Readonly<Record<string, { verbs: readonly string[]; kind?: string; group?: string; version?: string }>> = {
  status: { verbs: ['get', 'patch', 'update'] },
  scale: { verbs: ['get', 'patch', 'update'], kind: 'Scale', group: 'autoscaling', version: 'v1' },
  log: { verbs: ['get'] },
  eviction: { verbs: ['create'], kind: 'Eviction', group: 'policy', version: 'v1' },
  finalize: { verbs: ['update'] },
};

function entriesOf(info: ResourceInfo): object[] {
  const main = {
    name: info.plural,
    singularName: info.singular,
    namespaced: info.namespaced,
    kind: info.kind,
    verbs: info.verbs,
    ...(info.shortNames.length > 0 && { shortNames: info.shortNames }),
    ...(info.categories.length > 0 && { categories: info.categories }),
  };
  const subresources = info.subresources.map((name) => {
    const { verbs, kind, group, version } = SUBRESOURCES[name] ?? { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: `${info.kind}ProxyOptions` };
    const foreign = group !== undefined && { group, version };
    return { name: `${info.plural}/${name}`, singularName: '', namespaced: info.namespaced, ...foreign, kind: kind ?? info.kind, verbs };
  });
  return [main, ...subresources];
}

const groupOf = (group: string, versions: readonly string[]): object => {
  const told = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: told, preferredVersion: told[0] };
};

/** Answers what every user may ask: discovery, version, health. Undefined for other addresses. */
export function discover(path: string, resources: Resources): Response | undefined {
  const [, root, group, version, extra] = path.replace(/\/$/, '').split('/');
  if (['healthz', 'readyz', 'livez'].includes(root ?? '')) return text('ok');
  if (root === 'version' && group === undefined) return json({ ...VERSION, goVersion: '', compiler: '', platform: 'linux/amd64' });
  if (root === 'openapi') return openapi(path, resources);
  const rows = resources.all();
  if (root === 'api') {
    if (group === undefined) return json({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });
    return group === 'v1' && version === undefined ? listOf('v1', rows) : undefined;
  }
  if (root !== 'apis') return undefined;
  const groups = [...new Set(rows.map((row) => row.group))].filter((name) => name !== '');
  const versionsOf = (name: string): string[] => [...new Set(rows.filter((row) => row.group === name).map((row) => row.version))];
  if (group === undefined) return json({ kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((name) => groupOf(name, versionsOf(name))) });
  if (!groups.includes(group) || extra !== undefined) return undefined;
  if (version === undefined) return json({ kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, versionsOf(group)) });
  return versionsOf(group).includes(version) ? listOf(`${group}/${version}`, rows) : undefined;
}

function listOf(groupVersion: string, rows: readonly ResourceInfo[]): Response {
  const resources = rows.filter((row) => apiVersionOf(row) === groupVersion).flatMap(entriesOf);
  return json({ kind: 'APIResourceList', ...(groupVersion !== 'v1' && { apiVersion: 'v1' }), groupVersion, resources });
}
