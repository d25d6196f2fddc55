import { type ClientRequest, type IncomingMessage, request as plain } from 'node:http';
import { request as secure } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Milliseconds since the request began, as curl counts them (GC J9). */
export interface Timing {
  /** The name was resolved. */
  readonly dns: number;
  /** TCP stood. */
  readonly connect: number;
  /** TLS stood; for http the same as connect. */
  readonly tls: number;
  /** The request was about to be sent. */
  readonly pretransfer: number;
  /** All redirects before the last request took this long. */
  readonly redirect: number;
  /** The first byte of the answer came. */
  readonly firstByte: number;
  readonly total: number;
}

export interface TimedAnswer {
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly timing: Timing;
}

export interface TimedOptions {
  readonly signal: AbortSignal;
  /** Ms on a clock that only runs forward. */
  readonly now: () => number;
  /** Of the whole, redirects too. @default 15000 */
  readonly timeoutMs?: number | undefined;
}

const mostRedirects = 5;
const mostBytes = 1024 * 1024;

/** One GET over a connection of its own, with the time of each part. Follows redirects. @throws Error where nothing answers */
export async function timedRequest(address: string, { signal, now, timeoutMs = 15_000 }: TimedOptions): Promise<TimedAnswer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const began = now();
  let url = new URL(address);
  for (let hops = 0; ; hops += 1) {
    const startedMs = hops === 0 ? 0 : now() - began;
    const { answer, timing } = await once(url, limit, now);
    const location = answer.status >= 300 && answer.status < 400 ? answer.headers['location'] : undefined;
    if (location === undefined || hops === mostRedirects) {
      const since = (ms: number): number => round(startedMs + ms);
      const { dns, connect, tls, pretransfer, firstByte, total } = timing;
      return {
        ...answer,
        url: url.href,
        timing: {
          dns: since(dns),
          connect: since(connect),
          tls: since(tls),
          pretransfer: since(pretransfer),
          redirect: round(startedMs),
          firstByte: since(firstByte),
          total: since(total),
        },
      };
    }
    const next = new URL(location, url);
    if (next.protocol !== 'http:' && next.protocol !== 'https:') throw new Error(`redirect to ${next.protocol}`);
    url = next;
  }
}

const round = (ms: number): number => Math.round(ms * 100) / 100;

type Parts = Omit<Timing, 'redirect'>;

function once(url: URL, signal: AbortSignal, now: () => number): Promise<{ readonly answer: Omit<TimedAnswer, 'url' | 'timing'>; readonly timing: Parts }> {
  return new Promise((resolve, reject) => {
    const began = now();
    const at = (): number => now() - began;
    const seen: { -readonly [K in keyof Parts]?: number } = {};
    const send = url.protocol === 'https:' ? secure : plain;
    const sent: ClientRequest = send(url, { agent: false, signal, headers: { accept: '*/*', 'user-agent': 'shepherd' } });
    sent.on('socket', (socket: Socket) => {
      socket.once('lookup', () => (seen.dns = at()));
      socket.once('connect', () => (seen.connect = at()));
      (socket as TLSSocket).once('secureConnect', () => (seen.tls = at()));
    });
    sent.once('finish', () => (seen.pretransfer = at()));
    sent.once('error', reject);
    sent.once('response', (response: IncomingMessage) => {
      seen.firstByte = at();
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.byteLength;
        if (size > mostBytes) response.destroy(new Error(`more than ${mostBytes} bytes`));
        else chunks.push(chunk);
      });
      response.once('error', reject);
      response.once('end', () => {
        const connect = seen.connect ?? 0;
        const tls = seen.tls ?? connect;
        // An address needs no name server.
        const dns = Math.min(seen.dns ?? 0, connect);
        // The socket takes what is written before it stands.
        const pretransfer = Math.max(seen.pretransfer ?? tls, tls);
        const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
        const firstByte = Math.max(seen.firstByte ?? 0, pretransfer);
        resolve({
          answer: { status: response.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString('utf8') },
          timing: { dns, connect, tls, pretransfer, firstByte, total: Math.max(at(), firstByte) },
        });
      });
    });
    sent.end();
  });
}
