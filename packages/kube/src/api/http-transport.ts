import type { Dispatcher } from 'undici';
import type { ClientCertificate, Wire, WireAnswer, WireRequest, WireTarget } from './transport.js';

const connectMs = 10_000;
/** Load balancers drop idle connections at 60 s (KC REQ-1). */
const keepAliveMs = 30_000;
const parallelCalls = 32;

interface Pools {
  readonly calls: Dispatcher;
  readonly streams: Dispatcher;
}

/** HTTP/1.1 over pooled connections of undici: one pool for calls, one for streams, and new ones for another client certificate. */
export function createHttpWire(target: WireTarget): Wire {
  const { server } = target;
  const url = new URL(server);
  const prefix = url.pathname.replace(/\/$/, '');
  let current: { readonly key: string; readonly pools: Promise<Pools> } | undefined;
  const retired = new Set<Promise<Pools>>();
  let closed = false;

  const poolsFor = (certificate: ClientCertificate | undefined): Promise<Pools> => {
    const key = certificate === undefined ? '' : `${certificate.cert}\n${certificate.key}`;
    if (current?.key === key) return current.pools;
    if (current !== undefined) retire(current.pools, retired);
    current = { key, pools: openPools(target, certificate) };
    return current.pools;
  };

  return {
    async send(request) {
      if (closed) throw Object.assign(new Error('the client is closed'), { code: 'Closed' });
      const pools = await poolsFor(request.clientCertificate);
      return sendBy(request.stream === true ? pools.streams : pools.calls, url.origin, prefix, request);
    },
    async socket(request) {
      if (closed) throw Object.assign(new Error('the client is closed'), { code: 'Closed' });
      const { openSocket } = await import('./web-socket.js');
      return openSocket(target, request);
    },
    async close() {
      closed = true;
      const open = [...retired, ...(current === undefined ? [] : [current.pools])];
      await Promise.all(open.map(async (pools) => destroy(await pools.catch(() => undefined))));
    },
  };
}

async function sendBy(pool: Dispatcher, origin: string, prefix: string, request: WireRequest): Promise<WireAnswer> {
  const { method, path, headers, body, signal } = request;
  const answer = await pool.request({
    origin,
    path: `${prefix}${path}`,
    method: method as Dispatcher.HttpMethod,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]])),
    body: body ?? null,
    signal,
  });
  const flat = Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : (value ?? '')] as const);
  return { status: answer.statusCode, headers: Object.fromEntries(flat), body: answer.body };
}

async function openPools({ server, tls, proxy }: WireTarget, certificate: ClientCertificate | undefined): Promise<Pools> {
  const { Pool, ProxyAgent } = await import('undici');
  const { ca, serverName, insecure } = tls;
  const connect = {
    timeout: connectMs,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
    ...certificate,
  };
  // Deadlines are the caller's, by the Clock port; undici's own would run on real time.
  const common = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: keepAliveMs, keepAliveMaxTimeout: keepAliveMs, pipelining: 1 };
  const open = (connections: number | null): Dispatcher => {
    if (proxy === undefined) return new Pool(new URL(server).origin, { ...common, connections, connect });
    return new ProxyAgent({ ...common, uri: proxy, connections, requestTls: connect, proxyTls: { timeout: connectMs } });
  };
  return { calls: open(parallelCalls), streams: open(null) };
}

/** What is under way on the old pools ends by itself. */
function retire(pools: Promise<Pools>, retired: Set<Promise<Pools>>): void {
  retired.add(pools);
  const done = (): boolean => retired.delete(pools);
  pools.then(({ calls, streams }) => Promise.all([calls.close(), streams.close()])).then(done, done);
}

async function destroy(pools: Pools | undefined): Promise<void> {
  if (pools === undefined) return;
  await Promise.all([pools.calls.destroy(), pools.streams.destroy()]);
}
