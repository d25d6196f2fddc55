import { lookup as lookUp } from 'node:dns';
import { type IncomingHttpHeaders, request as plainRequest, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address that is not asked, since it is not of the internet. */
export class NotAsked extends Error {
  override readonly name = 'NotAsked';
}

export interface SafeRequest {
  readonly method: 'HEAD' | 'GET';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Addresses that are not of the internet are asked, too. */
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

export interface SafeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** At most 64 KiB; of a HEAD nothing. */
  readonly text: string;
}

const longestBody = 65_536;

/** Of the internet at large. Loopback, private, link-local (a cloud's metadata), translated and reserved addresses are not. */
export const isPublic = (address: string): boolean => ipaddr.process(address.replace(/%.*$/, '')).range() === 'unicast';

/** Looked at where the connection is made, so that no second answer of a name server gets around it. */
const guarded =
  (allowPrivate: boolean): LookupFunction =>
  (host, options, done) =>
    lookUp(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, '');
      const barred = allowPrivate ? undefined : addresses.find(({ address }) => !isPublic(address));
      if (barred !== undefined) return done(new NotAsked(`${host} is ${barred.address}, which is not an address of the internet`), '');
      const [first] = addresses;
      return options.all === true ? done(null, addresses) : done(null, first?.address ?? '', first?.family);
    });

const isLocal = (host: string): boolean => host === 'localhost' || host.startsWith('127.') || host === '::1';

/** As runtimes do it: over TLS; a registry of this very machine, where such may be asked, over plain HTTP. */
export const schemeOf = (host: string, allowPrivate: boolean): 'http' | 'https' =>
  allowPrivate && isLocal(new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '')) ? 'http' : 'https';

/**
 * One request to an address that somebody else named: over TLS, to the internet alone unless that is allowed, without a redirect, a credential or a proxy.
 * @throws NotAsked; Error as node has it
 */
export function safeRequest({ method, url, headers = {}, allowPrivate, signal }: SafeRequest): Promise<SafeAnswer> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:' && isLocal(host))) throw new NotAsked(`${url.origin} is not asked without TLS`);
  if (url.username !== '' || url.password !== '') throw new NotAsked(`${url.host} is not asked with a credential in its address`);
  if (isIP(host) !== 0 && !allowPrivate && !isPublic(host)) throw new NotAsked(`${host} is not an address of the internet`);
  const options: RequestOptions = { method, headers: { 'user-agent': 'shepherd', ...headers }, agent: false, lookup: guarded(allowPrivate), signal };
  return new Promise((resolve, reject) => {
    const asking = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, options, (answer) => {
      let text = '';
      const end = (): void => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
        if (text.length <= longestBody) return;
        text = text.slice(0, longestBody);
        end();
        asking.destroy();
      });
      answer.once('end', end);
      answer.once('error', reject);
    });
    asking.once('error', reject);
    asking.end();
  });
}
