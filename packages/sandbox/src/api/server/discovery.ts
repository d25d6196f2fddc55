import { createHash } from 'node:crypto';
import { apiVersionOf, type ResourceInfo, type Resources } from '../resources.js';
import { isReview } from './access-review.js';
import { type Answer, json, text } from './answer.js';
import { acceptedOf } from './form.js';
import type { Incoming } from './incoming.js';
import { openapi } from './openapi.js';

/** What the sandbox says it is: the minor version whose types and defaults it has. */
const VERSION = { major: '1', minor: '34', gitVersion: 'v1.34.0+sandbox', gitCommit: '', gitTreeState: 'clean', buildDate: '1970-01-01T00:00:00Z' };

interface Subresource {
  readonly verbs: readonly string[];
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
}

const SUBRESOURCES: Readonly<Record<string, Subresource>> = {
  status: { verbs: ['get', 'patch', 'update'] },
  scale: { verbs: ['get', 'patch', 'update'], kind: 'Scale', group: 'autoscaling', version: 'v1' },
  log: { verbs: ['get'] },
  eviction: { verbs: ['create'], kind: 'Eviction', group: 'policy', version: 'v1' },
  finalize: { verbs: ['update'] },
};

function subresourceOf({ kind }: ResourceInfo, name: string): Subresource & { readonly kind: string } {
  const known = SUBRESOURCES[name] ?? { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: `${kind}ProxyOptions` };
  return { ...known, kind: known.kind ?? kind };
}

/** By which clients tell whether a kind is stored in the same version on two servers. */
const storageHash = ({ group, version, kind }: ResourceInfo): string =>
  createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64');

function entriesOf(info: ResourceInfo): object[] {
  const main = {
    name: info.plural,
    singularName: info.singular,
    namespaced: info.namespaced,
    kind: info.kind,
    verbs: info.verbs,
    ...(info.shortNames.length > 0 && { shortNames: info.shortNames }),
    ...(info.categories.length > 0 && { categories: info.categories }),
    ...(!isReview(info) && { storageVersionHash: storageHash(info) }),
  };
  const subresources = info.subresources.map((name) => {
    const { verbs, kind, group, version } = subresourceOf(info, name);
    const foreign = group !== undefined && { group, version };
    return { name: `${info.plural}/${name}`, singularName: '', namespaced: info.namespaced, ...foreign, kind, verbs };
  });
  return [main, ...subresources];
}

const groupOf = (group: string, versions: readonly string[]): object => {
  const told = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: told, preferredVersion: told[0] };
};

const resourceOf = (info: ResourceInfo): object => ({
  resource: info.plural,
  responseKind: { group: info.group, version: info.version, kind: info.kind },
  scope: info.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: info.singular,
  verbs: info.verbs,
  ...(info.shortNames.length > 0 && { shortNames: info.shortNames }),
  ...(info.categories.length > 0 && { categories: info.categories }),
  ...(info.subresources.length > 0 && {
    subresources: info.subresources.map((name) => {
      const { verbs, kind, group, version } = subresourceOf(info, name);
      return { subresource: name, responseKind: { group: group ?? info.group, version: version ?? info.version, kind }, verbs };
    }),
  }),
});

const AGGREGATED = 'apidiscovery.k8s.io';

/** All groups with all their resources at once, for clients that ask for it; undefined for others. */
function aggregated(request: Incoming, rows: readonly ResourceInfo[]): Answer | undefined {
  const asked = acceptedOf(request).find(({ parameters }) => parameters.get('as') === undefined || parameters.get('g') === AGGREGATED)?.parameters;
  const form = asked?.get('v');
  if (asked?.get('as') !== 'APIGroupDiscoveryList' || (form !== 'v2' && form !== 'v2beta1')) return undefined;
  const groups = [...new Set(rows.map(({ group }) => group))].map((group) => {
    const own = rows.filter((row) => row.group === group);
    const versions = [...new Set(own.map(({ version }) => version))].map((version) => ({
      version,
      resources: own.filter((row) => row.version === version).map(resourceOf),
      freshness: 'Current',
    }));
    return { metadata: { ...(group !== '' && { name: group }), creationTimestamp: null }, versions };
  });
  const type = `application/json;g=${AGGREGATED};v=${form};as=APIGroupDiscoveryList`;
  return json({ kind: 'APIGroupDiscoveryList', apiVersion: `${AGGREGATED}/${form}`, metadata: {}, items: groups }, 200, { 'content-type': type });
}

/** Answers what every user may ask: discovery, version, health. Undefined for other addresses. */
export function discover(path: string, resources: Resources, request: Incoming): Answer | undefined {
  const [, root, group, version, extra] = path.replace(/\/$/, '').split('/');
  if (['healthz', 'readyz', 'livez'].includes(root ?? '')) return text('ok');
  if (root === 'version' && group === undefined) return json({ ...VERSION, goVersion: '', compiler: '', platform: 'linux/amd64' });
  if (root === 'openapi') return openapi(path, resources);
  const rows = resources.all();
  if (root === 'api') {
    const core = rows.filter((row) => row.group === '');
    if (group === undefined) return aggregated(request, core) ?? json({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });
    return group === 'v1' && version === undefined ? listOf('v1', rows) : undefined;
  }
  if (root !== 'apis') return undefined;
  const groups = [...new Set(rows.map((row) => row.group))].filter((name) => name !== '');
  const versionsOf = (name: string): string[] => [...new Set(rows.filter((row) => row.group === name).map((row) => row.version))];
  const others = rows.filter((row) => row.group !== '');
  if (group === undefined)
    return aggregated(request, others) ?? json({ kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((name) => groupOf(name, versionsOf(name))) });
  if (!groups.includes(group) || extra !== undefined) return undefined;
  if (version === undefined) return json({ kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, versionsOf(group)) });
  return versionsOf(group).includes(version) ? listOf(`${group}/${version}`, rows) : undefined;
}

function listOf(groupVersion: string, rows: readonly ResourceInfo[]): Answer {
  const resources = rows.filter((row) => apiVersionOf(row) === groupVersion).flatMap(entriesOf);
  return json({ kind: 'APIResourceList', ...(groupVersion !== 'v1' && { apiVersion: 'v1' }), groupVersion, resources });
}
