import type { KubeObject } from '../objects.js';
import type { Registry } from '../registry.js';
import { apiVersionOf } from '../resources.js';
import { matchesLabels, parseFieldSelector, parseLabelSelector } from '../selectors.js';
import { badRequest, expired, qualified, StatusError } from '../status-error.js';
import { itemTextOf, json } from './answer.js';
import type { Call } from './call.js';

/** What a query selects, or undefined where it selects everything. @throws StatusError 400 */
export function filterOf({ query, info }: Call): ((object: KubeObject) => boolean) | undefined {
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  if (!labels && !fields) return undefined;
  const requirements = labels ? parseLabelSelector(labels) : [];
  const byFields = fields ? parseFieldSelector(fields, qualified(info)) : () => true;
  return (object) => matchesLabels(requirements, object.metadata.labels) && byFields(object);
}

/** @throws StatusError 500 for what is no number, as the real server has it */
export function versionOf(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion');
  if (text === null || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new StatusError(500, '', `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
}

interface Page {
  /** The version all pages show; -1: whatever is there now. */
  readonly rv: number;
  /** The first key of the next page. */
  readonly start: string;
}

const tokenOf = (page: Page): string => Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', ...page })).toString('base64url');

function pageOf(token: string): Page {
  const decoded = Buffer.from(token, 'base64url').toString();
  try {
    const { v, rv, start } = JSON.parse(decoded);
    if (v === 'meta.k8s.io/v1' && Number.isInteger(rv) && typeof start === 'string') return { rv, start };
  } catch {
    // Told below, like every other token that is not ours.
  }
  throw badRequest('invalid continue token: continue key is not valid: it was not issued by this server');
}

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

function objectsOf(registry: Registry, { info, namespace, query }: Call, page: Page | undefined): { objects: readonly KubeObject[]; rv: number } {
  const { store } = registry;
  const resource = qualified(info);
  if (page && page.rv >= 0) {
    try {
      return { objects: store.listAt(resource, namespace, page.rv), rv: page.rv };
    } catch (error) {
      if (error instanceof StatusError && error.code === 410) throw expired(TOO_OLD, tokenOf({ rv: -1, start: page.start }));
      throw error;
    }
  }
  const asked = versionOf(query);
  if (asked !== undefined && asked > store.version) {
    throw new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${store.version}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
  }
  if (asked && query.get('resourceVersionMatch') === 'Exact') return { objects: store.listAt(resource, namespace, asked), rv: asked };
  return { objects: store.list(resource, namespace), rv: store.version };
}

/** All objects, or one page of them: the pages of one list show one moment. */
export function list(registry: Registry, call: Call): Response {
  const { info, query } = call;
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(query.get('limit'))}: invalid syntax`);
  const token = query.get('continue');
  const page = token ? pageOf(token) : undefined;
  const filter = filterOf(call);
  const { objects, rv } = objectsOf(registry, call, page);
  const rest = page ? objects.filter((object) => keyOf(object) >= page.start) : objects;
  const found = filter ? rest.filter(filter) : rest;
  const shown = limit > 0 ? found.slice(0, limit) : found;
  const left = found.length - shown.length;
  const last = shown.at(-1);
  const metadata = {
    resourceVersion: String(rv),
    ...(left > 0 && last && { continue: tokenOf({ rv, start: `${keyOf(last)}\0` }) }),
    ...(left > 0 && !filter && { remainingItemCount: left }),
  };
  const head = JSON.stringify({ kind: `${info.kind}List`, apiVersion: apiVersionOf(info), metadata });
  return json(`${head.slice(0, -1)},"items":[${shown.map(itemTextOf).join(',')}]}`);
}
