import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { arrayBuffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

import { type Answer, isStream, writtenOf } from './answer.js';
import type { Incoming } from './incoming.js';

export interface Listening {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Ends all connections, watches too. */
  close(): Promise<void>;
}

type Handler = (request: Incoming) => Promise<Answer>;

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Incoming {
  const headerOf = (name: string): string | null => {
    const value = incoming.headers[name.toLowerCase()];
    return value === undefined ? null : typeof value === 'string' ? value : value.join(', ');
  };
  return {
    method: incoming.method ?? 'GET',
    url: `http://${incoming.headers.host ?? '127.0.0.1'}${incoming.url ?? '/'}`,
    headers: { get: headerOf },
    signal,
    text: () => text(incoming),
    arrayBuffer: () => arrayBuffer(incoming),
  };
}

async function serve(handle: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController();
  // What was answered needs no abort, whose DOMException is dear.
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  try {
    const { status, headers, body } = await handle(requestOf(incoming, gone.signal));
    outgoing.writeHead(status, headers);
    if (!isStream(body)) return void outgoing.end(writtenOf(body));
    // Headers of a watch go out before its first event, or the client would wait for them.
    outgoing.flushHeaders();
    await pipeline(Readable.fromWeb(body as never), outgoing);
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
