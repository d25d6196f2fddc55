import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { devNull } from 'node:os';
import type { PortContext, WriteContext } from '@shepherd/core';
import type { ForwardRequest } from '../api/kube-api.js';
import type { Cluster } from '../cluster.js';
import { cacheFor } from './discovery-cache.js';
import { guarded, isHarmless, statusOf } from './guard.js';

/** Headers that belong to one connection, or that say something of a body which we may change. */
const hop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'host',
  'content-length',
  'accept-encoding',
  'authorization',
]);
const maxBodyBytes = 64 * 1024 * 1024;

/**
 * A door to the cluster for a child process: a server on 127.0.0.1 that forwards what the child asks with our own credential. Its address is in the child's
 * environment, which only this user may read, so no file is needed. The child never has a credential of the cluster, and what it can write ends with this
 * process, with the signal, or with the lock. `until`: its writes wait for that, and are refused where it rejects.
 */
export async function childEnv(
  cluster: Cluster,
  context: PortContext | WriteContext,
  { until }: { readonly until?: Promise<unknown> | undefined } = {},
): Promise<Readonly<Record<string, string>>> {
  // Refused or not, that is told to the child.
  until?.catch(() => undefined);
  context.signal.throwIfAborted();
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => void answer({ cluster, context, token, until }, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  // In the path, because clients send no credential without TLS.
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${token}`;
  const cache = await cacheFor(cluster, address);
  const shut = (): void => {
    server.close();
    server.closeAllConnections();
    void cache?.remove();
  };
  context.signal.addEventListener('abort', shut, { once: true });
  if (context.signal.aborted) shut();
  context.signal.throwIfAborted();
  // A kubeconfig of this machine would add its own credential to the address.
  return { HELM_KUBEAPISERVER: address, KUBECONFIG: devNull, KUBECACHEDIR: cache?.folder ?? devNull };
}

const same = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

interface Door {
  readonly cluster: Cluster;
  readonly context: PortContext | WriteContext;
  readonly token: string;
  readonly until: Promise<unknown> | undefined;
}

async function answer({ cluster, context, token, until }: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  const signal = AbortSignal.any([context.signal, left.signal]);
  try {
    const [, key = '', path = ''] = /^\/([^/?]*)(.*)$/.exec(request.url ?? '') ?? [];
    if (!same(key, token)) return refuse(response, 401, 'not the child of this process');
    const body = await bodyOf(request);
    if (body === undefined) return refuse(response, 413, `more than ${maxBodyBytes} bytes`);
    const forward = forwardOf(request, path, body, signal);
    if (until !== undefined && !isHarmless(forward)) await until;
    const { status, headers, body: stream } = await guarded(cluster, { ...context, signal }, forward);
    response.writeHead(status, Object.fromEntries(Object.entries(headers).filter(([name]) => !hop.has(name))));
    // What watches must know that it was heard before the first event.
    response.flushHeaders();
    for await (const chunk of stream) if (!response.write(chunk)) await once(response, 'drain', { signal });
    response.end();
  } catch (error) {
    if (response.headersSent || response.destroyed) return void response.destroy();
    const { code, text } = statusOf(error);
    response.writeHead(code, { 'content-type': 'application/json' }).end(text);
  }
}

function refuse(response: ServerResponse, code: number, message: string): void {
  response
    .writeHead(code, { 'content-type': 'application/json' })
    .end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason: 'Unauthorized', message: `shepherd: ${message}` }));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function forwardOf(request: IncomingMessage, path: string, body: Buffer<ArrayBuffer>, signal: AbortSignal): ForwardRequest {
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    hop.has(name) || value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return {
    method: request.method ?? 'GET',
    path: path === '' ? '/' : path,
    headers: Object.fromEntries(headers),
    ...(body.length === 0 ? {} : { body }),
    signal,
  };
}
