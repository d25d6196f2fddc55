import type { Fault } from '../faults/fault.js';
import type { Asked } from '../faults/faults.js';
import type { ResourceInfo, Resources } from '../resources.js';
import { noSuchPath, StatusError } from '../status-error.js';
import type { Incoming } from './incoming.js';
import type { User } from './users.js';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** What an address asks for, before anybody asks whether it may. */
export interface Target {
  readonly info: ResourceInfo;
  readonly verb: Verb;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** Behind `proxy/`, with its query. */
  readonly tail: string;
}

/** One request to a resource. */
export interface Call extends Target {
  readonly request: Incoming;
  readonly query: URLSearchParams;
  readonly user: User;
  /** The request, as faults see it, and what is to go wrong with it. */
  readonly asked: () => Asked;
  readonly fault: Fault | undefined;
}

const VERBS: Readonly<Record<string, Verb>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete', GET: 'get', HEAD: 'get', OPTIONS: 'get' };

const isTrue = (value: string | null): boolean => value === '1' || value === 'true';

function verbOf(method: string, name: string | undefined, subresource: string | undefined, query: URLSearchParams): Verb {
  const verb = VERBS[method] ?? 'get';
  if (name !== undefined || subresource !== undefined) return verb;
  if (verb === 'get') return isTrue(query.get('watch')) ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/** Namespaces are resources and prefixes of others: `namespaces/a/status` is about the namespace itself. */
const isPrefix = (parts: readonly string[]): boolean => parts[0] === 'namespaces' && parts.length > 2 && parts[2] !== 'status' && parts[2] !== 'finalize';

/** Reads an address below `/api/v1` or `/apis/GROUP/VERSION`; undefined where it is none. @throws StatusError 404 for a resource that is not served */
export function targetOf(url: URL, method: string, resources: Resources): Target | undefined {
  const parts = url.pathname.split('/').slice(1);
  const isCore = parts[0] === 'api';
  if (!isCore && parts[0] !== 'apis') return undefined;
  const [group, version] = isCore ? ['', parts[1]] : [parts[1], parts[2]];
  const raw = parts.slice(isCore ? 2 : 3);
  if (raw.at(-1) === '' && raw.length < 4) raw.pop();
  if (group === undefined || version === undefined || raw.length === 0) return undefined;
  const rest = raw.map(decodePart);
  const namespace = isPrefix(rest) ? rest[1] : undefined;
  const at = namespace === undefined ? 0 : 2;
  const info = resources.at(group, version, rest[at] ?? '');
  if (!info && !resources.all().some((one) => one.group === group)) return undefined;
  if (!info || (namespace !== undefined && !info.namespaced)) throw noSuchPath();
  const name = rest[at + 1] || undefined;
  const subresource = rest[at + 2] || undefined;
  if (subresource !== undefined && !info.subresources.includes(subresource)) throw noSuchPath();
  // A namespaced object has no address without its namespace; lists over all namespaces have.
  if (info.namespaced && namespace === undefined && name !== undefined) throw noSuchPath();
  const tail = raw.slice(at + 3).join('/') + url.search;
  return { info, verb: verbOf(method, name, subresource, url.searchParams), namespace, name, subresource, tail };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new StatusError(400, 'BadRequest', `invalid URL escape ${JSON.stringify(part)}`);
  }
}
