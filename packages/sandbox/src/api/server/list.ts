import { isLag } from '../faults/fault.js';
import { forbiddenField, notSupported } from '../kinds/causes.js';
import type { KubeObject } from '../objects.js';
import type { Registry } from '../registry.js';
import { matchesLabels, parseFieldSelector, parseLabelSelector } from '../selectors.js';
import { badRequest, expired, invalid, notFound, qualified, type StatusCause, StatusError } from '../status-error.js';
import { type Answer, answerOf } from './answer.js';
import type { Call } from './call.js';
import { writerFor } from './form.js';

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
  if (query.get('watch') === null) {
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
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
  const bytes = Buffer.from(token, 'base64url');
  const decoded = bytes.toString();
  if (bytes[0] !== undefined && bytes[0] !== 0x7b) {
    const shown = bytes[0] > 0x7e ? `\\u${bytes[0].toString(16).padStart(4, '0')}` : String.fromCharCode(bytes[0]);
    throw badRequest(`invalid continue token: continue key is not valid: invalid character '${shown}' looking for beginning of value`);
  }
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

/** The version that reads of this call show: the newest, unless a fault has them lag. */
export const seenVersion = ({ store }: Registry, { fault, info }: Call): number =>
  fault !== undefined && isLag(fault) ? store.versionAgo(qualified(info), fault.lagMs) : store.version;

/** One object, as reads of this call see it. @throws StatusError 404 */
export function readOne(registry: Registry, call: Call): KubeObject {
  const { info, namespace, name = '' } = call;
  const version = seenVersion(registry, call);
  if (version === registry.store.version) return registry.need(info, namespace, name);
  const found = registry.store.listAt(qualified(info), namespace, version).find(({ metadata }) => metadata.name === name);
  if (!found) throw notFound(info, name);
  return found;
}

function objectsOf(registry: Registry, call: Call, page: Page | undefined): { objects: readonly KubeObject[]; rv: number } {
  const { info, namespace, query } = call;
  const { store } = registry;
  const resource = qualified(info);
  const version = seenVersion(registry, call);
  if (page && page.rv >= 0) {
    try {
      return { objects: store.listAt(resource, namespace, page.rv), rv: page.rv };
    } catch (error) {
      if (error instanceof StatusError && error.code === 410) throw expired(TOO_OLD, tokenOf({ rv: -1, start: page.start }));
      throw error;
    }
  }
  const asked = versionOf(query);
  if (asked !== undefined && asked > version) {
    throw new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${version}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
  }
  if (asked && query.get('resourceVersionMatch') === 'Exact') return { objects: store.listAt(resource, namespace, asked), rv: asked };
  return { objects: store.listAt(resource, namespace, version), rv: version };
}

const MATCHES = ['Exact', 'NotOlderThan', ''];

/** @throws StatusError 422 for options that do not go together */
function needSense({ query }: Call): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const version = query.get('resourceVersion') ?? '';
  const field = 'resourceVersionMatch';
  const causes: StatusCause[] = [];
  if (query.get('sendInitialEvents') !== null) causes.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  if (match !== '') {
    if (version === '') causes.push(forbiddenField(field, `${field} is forbidden unless resourceVersion is provided`));
    if (query.get('continue')) causes.push(forbiddenField(field, `${field} is forbidden when continue is provided`));
    if (!MATCHES.includes(match)) causes.push(notSupported(field, match, MATCHES));
    if (match === 'Exact' && version === '0') causes.push(forbiddenField(field, `${field} "exact" is forbidden for resourceVersion "0"`));
  }
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes);
}

/** All objects, or one page of them: the pages of one list show one moment. */
export function list(registry: Registry, call: Call, now: () => Date): Answer {
  const { query } = call;
  needSense(call);
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(query.get('limit'))}: invalid syntax`);
  const token = query.get('continue');
  const page = token ? pageOf(token) : undefined;
  const filter = filterOf(call);
  const { objects, rv } = objectsOf(registry, call, page);
  const rest = page ? objects.filter((object) => keyOf(object) >= page.start) : objects;
  const found = filter ? rest.filter(filter) : rest;
  const shown = limit > 0 ? found.slice(0, limit) : found;
  const last = shown.at(-1);
  // with a selector the server cannot tell whether what is left has anything to show
  const left = limit > 0 && last && shown.length === limit ? rest.length - rest.indexOf(last) - 1 : 0;
  const metadata = {
    resourceVersion: String(rv),
    ...(left > 0 && last && { continue: tokenOf({ rv, start: `${keyOf(last)}\0` }) }),
    ...(left > 0 && !filter && { remainingItemCount: left }),
  };
  return answerOf(writerFor(call, now).list(shown, metadata));
}
