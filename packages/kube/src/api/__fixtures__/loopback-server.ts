import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Connection } from '../kubeconfig/connection.js';
import { staticCredentials } from '../kubeconfig/connection.js';
import { withoutSecrets } from '../kubeconfig/without-secrets.js';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: Seen, incoming: IncomingMessage) => void | Promise<void>;

/** A real server on 127.0.0.1 that does what a test says and counts requests and connections. */
export class LoopbackServer {
  readonly seen: Seen[] = [];
  readonly sockets = new Set<Socket>();
  connections = 0;
  readonly #server: Server;

  private constructor(answer: Answer, tls: ServerOptions | undefined) {
    const listener = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
      let body = '';
      for await (const chunk of incoming) body += String(chunk);
      const url = new URL(incoming.url ?? '/', 'http://loopback');
      const request = { method: incoming.method ?? '', url: incoming.url ?? '', path: url.pathname, query: Object.fromEntries(url.searchParams), headers: incoming.headers, body };
      this.seen.push(request);
      await answer(response, request, incoming);
    };
    const guarded = (incoming: IncomingMessage, response: ServerResponse): void => void listener(incoming, response).catch(() => response.destroy());
    this.#server = tls === undefined ? createServer(guarded) : createTlsServer(tls, guarded);
    // So that only the client closes what is idle.
    this.#server.keepAliveTimeout = 120_000;
    this.#server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async start(answer: Answer, tls?: ServerOptions): Promise<LoopbackServer> {
    const server = new LoopbackServer(answer, tls);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  connection(more: Partial<Connection> = {}): Connection {
    return withoutSecrets({
      server: `http://127.0.0.1:${this.port}`,
      namespace: 'shop',
      context: 'loopback',
      contextFrom: 'caller',
      tls: {},
      credentials: staticCredentials({ headers: { authorization: 'Bearer t0ken' } }),
      ...more,
    });
  }

  /** Resolves when the sockets that were open are gone. */
  async drained(): Promise<void> {
    await Promise.all([...this.sockets].map((socket) => new Promise((resolve) => (socket.destroyed ? resolve(undefined) : socket.once('close', resolve)))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export const json = (response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

export const status = (response: ServerResponse, code: number, reason: string, more: Record<string, unknown> = {}, headers: Record<string, string> = {}): void =>
  json(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `the server says ${reason}`, ...more }, code, headers);

/** Answers one after the other; the last one again and again. */
export const inTurn = (...answers: Answer[]): Answer => {
  let at = 0;
  return (response, request, incoming) => answers[Math.min(at++, answers.length - 1)]?.(response, request, incoming);
};

export const pod = (name: string, resourceVersion: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion, ...more },
});
