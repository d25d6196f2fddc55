/** What an API path names. `group` is empty for the core group; `resource` is empty for paths outside of it (`/version`). */
export interface KubePath {
  readonly group: string;
  readonly namespace: string | undefined;
  readonly resource: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Takes an API path apart: `/apis/apps/v1/namespaces/shop/deployments/web/scale` is group apps, namespace shop, deployments, web, scale. */
export function parseKubePath(path: string): KubePath {
  const parts = (path.split('?', 1)[0] ?? '').split('/').filter(Boolean).map(decode);
  const none: KubePath = { group: '', namespace: undefined, resource: '', name: undefined, subresource: undefined };
  const [root] = parts;
  const group = root === 'apis' ? (parts[1] ?? '') : '';
  const rest = root === 'api' ? parts.slice(2) : root === 'apis' ? parts.slice(3) : [];
  if (rest.length === 0) return none;
  const scoped = rest[0] === 'namespaces' && rest.length > 2;
  const [resource = '', name, subresource] = scoped ? rest.slice(2) : rest;
  const namespace = rest[0] === 'namespaces' ? rest[1] : undefined;
  // `/namespaces/shop/status` reads like a resource of the namespace; it is a subresource of it.
  if (scoped && rest.length === 3 && (resource === 'status' || resource === 'finalize'))
    return { group, namespace, resource: 'namespaces', name: namespace, subresource: resource };
  return { group, namespace, resource, name, subresource };
}

/** The verb that RBAC knows for a request. */
export function rbacVerb(method: string, path: string, query: Readonly<Record<string, string>> = {}): string {
  const { name, resource } = parseKubePath(path);
  switch (method.toUpperCase()) {
    case 'GET':
    case 'HEAD':
      if (query['watch'] === 'true' || query['watch'] === '1') return 'watch';
      return name === undefined && resource !== '' ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      return method.toLowerCase();
  }
}

/** The resource as `kubectl auth can-i` takes it: `deployments.apps`, `pods/proxy`, or the bare path outside of resources. */
export function rbacResource(path: string): string {
  const { group, resource, subresource } = parseKubePath(path);
  if (resource === '') return path.split('?', 1)[0] ?? path;
  return `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** Short name for messages: `deployments/web in shop`. */
export function describePath(path: string): string {
  const { namespace, resource, name, subresource } = parseKubePath(path);
  if (resource === '') return path.split('?', 1)[0] ?? path;
  const object = [resource, name, subresource].filter((part) => part !== undefined).join('/');
  return namespace === undefined || resource === 'namespaces' ? object : `${object} in ${namespace}`;
}

/** Path and query as one text; the keys sorted, so that equal queries are equal texts. */
export function withQuery(path: string, query: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(query ?? {}).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (entries.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(entries).toString()}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
