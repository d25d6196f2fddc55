import type { JsonBody, PlainAnswer } from '@shepherd/core';
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

/** What the server says, before it is bytes or a `Response`. */
export type Answer = PlainAnswer;

/** A body that is known whole: as it is written, or as it is stored for who needs no text. */
export type WholeBody = JsonBody | string;

/** Whoever is in the same process gets a stored object itself; what is not stored may hold what no JSON has. */
export const bodyOf = (object: KubeObject): WholeBody =>
  Object.isFrozen(object) ? { kind: 'json', value: object, text: () => textOf(object) } : textOf(object);

export const answerOf = (body: WholeBody, status = 200, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { ...JSON_TYPE, ...headers },
  body,
});

export const isStream = (body: Answer['body']): body is ReadableStream<Uint8Array> => body instanceof ReadableStream;

export const writtenOf = (body: WholeBody): string => (typeof body === 'string' ? body : body.text());

/** For who asked with a `Request`. */
export function responseOf({ status, headers, body }: Answer): Response {
  const whole = isStream(body) ? body : writtenOf(body);
  return new Response(status === 204 || status === 205 || status === 304 ? null : whole, { status, headers });
}

export const json = (body: string | object, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  answerOf(typeof body === 'string' ? body : JSON.stringify(body), status, headers);

export const text = (body: string, status = 200): Answer => ({ status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body });

export const html = (body: string, status: number, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'text/html', ...headers },
  body,
});

/** A failure as the client sees it; what is no StatusError is a mistake of the sandbox and says so. */
export function failure(error: unknown): Answer {
  const known = error instanceof StatusError ? error : new StatusError(500, 'InternalError', `Internal error occurred: ${String(error)}`);
  const seconds = known.details?.retryAfterSeconds;
  return json(known.toStatus(), known.code, seconds === undefined ? {} : { 'retry-after': String(seconds) });
}

/** `Warning` headers of one answer, as one value. */
export const warningHeader = (warnings: readonly string[]): Readonly<Record<string, string>> =>
  warnings.length === 0 ? {} : { warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ') };
