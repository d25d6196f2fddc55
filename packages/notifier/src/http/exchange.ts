import { lookup as systemLookup } from 'node:dns';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { kindOf } from './addresses.js';

/** An address that notices do not go to, whoever tries again. The message shows host and scheme alone. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden';
}

export interface Ask {
  readonly url: string;
  /** @default POST */
  readonly method?: 'POST' | 'PATCH' | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** Addresses of one's own network too, and http to loopback. @default false */
  readonly allowPrivate?: boolean | undefined;
  /** @default the system's */
  readonly lookup?: LookupFunction | undefined;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Its first 64 KiB: no channel's answer is longer. */
  readonly body: string;
}

const longestBody = 64 * 1024;

/** The address, if a notice may go there; what a name stands for is judged when it is connected to. @throws Forbidden */
export function checkedUrl(text: string, allowPrivate: boolean): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Forbidden('the address is no URL');
  }
  if (url.username !== '' || url.password !== '') throw new Forbidden(`the address of ${url.host} has a name or password in it`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const kind = isIP(host) === 0 ? undefined : kindOf(host);
  const isLoopback = kind === 'loopback' || host === 'localhost';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback && allowPrivate))
    throw new Forbidden(`${url.protocol}//${url.host}: only https is allowed`);
  // A literal is connected to without a look-up.
  if (kind !== undefined && kind !== 'public' && !allowPrivate) throw new Forbidden(notPublic(url.host));
  return url;
}

const notPublic = (host: string): string => `${host} is an address inside a network (allowPrivate: true allows it)`;

/** Looks a name up and leaves only addresses that may be connected to, each time anew: what a name says may change between two attempts (DNS rebinding). */
const judging =
  (lookup: LookupFunction): LookupFunction =>
  (hostname, options, done) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, '');
      const all = Array.isArray(found) ? found : [{ address: found as string, family: isIP(found as string) }];
      const allowed = all.filter(({ address }) => kindOf(address) === 'public');
      const [first] = allowed;
      if (first === undefined) return done(new Forbidden(notPublic(hostname)), '');
      if (options.all === true) return done(null, allowed);
      done(null, first.address, first.family);
    });

/**
 * One request on a connection of its own, without redirects. Rejects where there is no answer. @throws Forbidden before anything is sent
 */
export async function exchange({ url: text, method = 'POST', headers, body, signal, allowPrivate = false, lookup }: Ask): Promise<Reply> {
  const url = checkedUrl(text, allowPrivate);
  signal.throwIfAborted();
  const from = lookup ?? (systemLookup as unknown as LookupFunction);
  const bytes = Buffer.from(body);
  const options: RequestOptions = {
    method,
    agent: false,
    signal,
    lookup: allowPrivate ? from : judging(from),
    headers: { 'user-agent': 'shepherd', accept: 'application/json, text/plain', ...headers, 'content-length': bytes.length },
  };
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).on('error', reject);
    request.end(bytes);
  });
  try {
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await beginning(answer) };
  } finally {
    answer.destroy();
    request.destroy();
  }
}

async function beginning(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length >= longestBody) break;
  }
  return Buffer.concat(chunks).subarray(0, longestBody).toString();
}
