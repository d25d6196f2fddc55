import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { wholeBodyOf } from './answer.js';

export interface Listening {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Ends all connections, watches too. */
  close(): Promise<void>;
}

type Handler = (request: Request) => Promise<Response>;

const bodyless = (method: string): boolean => method === 'GET' || method === 'HEAD';

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const method = incoming.method ?? 'GET';
  const url = `http://${incoming.headers.host ?? '127.0.0.1'}${incoming.url ?? '/'}`;
  if (bodyless(method)) return new Request(url, { method, headers, signal });
  return new Request(url, { method, headers, signal, body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } as RequestInit);
}

async function serve(handle: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  try {
    const response = await handle(requestOf(incoming, gone.signal));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    const whole = wholeBodyOf(response);
    if (whole !== undefined || response.body === null) return void outgoing.end(whole);
    // Headers of a watch go out before its first event, or the client would wait for them.
    outgoing.flushHeaders();
    await pipeline(Readable.fromWeb(response.body as never), outgoing);
  } catch {
    // A fault that drops the answer, or a client that has gone: both see a broken connection.
    outgoing.destroy();
  }
}

/** The same server over loopback HTTP, on a free port. */
export async function listenOn(handle: Handler): Promise<Listening> {
  const server = createServer((incoming, outgoing) => void serve(handle, incoming, outgoing));
  // The sandbox ends its connections itself; a timer here would break watches and kept connections under a test.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
