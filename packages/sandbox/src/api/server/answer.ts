import type { KubeObject } from '../objects.js';
import { StatusError } from '../status-error.js';

const JSON_TYPE = { 'content-type': 'application/json', 'cache-control': 'no-cache, private' };

/** Stored objects never change, so their text need not be made twice. */
const texts = new WeakMap<object, string>();

export function textOf(object: KubeObject): string {
  if (!Object.isFrozen(object)) return JSON.stringify(object);
  let text = texts.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    texts.set(object, text);
  }
  return text;
}

/** An object inside a list: without apiVersion and kind, as the real server leaves them out of typed lists. */
export function itemTextOf(object: KubeObject): string {
  const text = textOf(object);
  const head = `{"apiVersion":${JSON.stringify(object.apiVersion)},"kind":${JSON.stringify(object.kind)},`;
  if (text.startsWith(head)) return `{${text.slice(head.length)}`;
  const { apiVersion: _, kind: __, ...rest } = object;
  return JSON.stringify(rest);
}

/** Bodies that are known whole: the listener sends them in one piece instead of through a stream. */
const bodies = new WeakMap<Response, string>();

export const wholeBodyOf = (response: Response): string | undefined => bodies.get(response);

function respond(body: string, status: number, headers: Readonly<Record<string, string>>): Response {
  const response = new Response(body, { status, headers });
  bodies.set(response, body);
  return response;
}

export const json = (body: string | object, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  respond(typeof body === 'string' ? body : JSON.stringify(body), status, { ...JSON_TYPE, ...headers });

export const text = (body: string, status = 200): Response => respond(body, status, { 'content-type': 'text/plain; charset=utf-8' });

/** A failure as the client sees it; what is no StatusError is a mistake of the sandbox and says so. */
export function failure(error: unknown): Response {
  const known = error instanceof StatusError ? error : new StatusError(500, 'InternalError', `Internal error occurred: ${String(error)}`);
  const seconds = known.details?.retryAfterSeconds;
  return json(known.toStatus(), known.code, seconds === undefined ? {} : { 'retry-after': String(seconds) });
}

/** `Warning` headers of one answer, as one value. */
export const warningHeader = (warnings: readonly string[]): Readonly<Record<string, string>> =>
  warnings.length === 0 ? {} : { warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ') };
