import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Pod } from '../../objects.js';
import { container, deployment, pod, replicaSet, service, slice } from '../../__fixtures__/make.js';

/** What the server does with a command: speaks on the socket, which is open. */
export type Play = (socket: WebSocket, command: Command) => void | Promise<void>;

export interface Command {
  readonly path: string;
  readonly command: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly offered: readonly string[];
}

/** A message of a channel: 1 stdout, 2 stderr, 3 the Status. */
export const piece = (channel: number, text: string): Uint8Array => Uint8Array.from([channel, ...new TextEncoder().encode(text)]);
export const success = JSON.stringify({ metadata: {}, status: 'Success' });
export const failure = (message: string, more: object = { reason: 'InternalError', code: 500 }): string => JSON.stringify({ metadata: {}, status: 'Failure', message, ...more });
export const exit = (code: number): string =>
  failure(`command terminated with non-zero exit code: exit status ${code}`, { reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: String(code) }] } });

export interface ExecServer extends AsyncDisposable {
  readonly kubeconfig: string;
  readonly seen: Command[];
  /** Connections that are open now. */
  readonly open: number;
  play: Play;
  /** The pods from now on. */
  remain: (pods: (all: readonly Pod[]) => readonly Pod[]) => void;
  /** Answers in place of a connection: status and body. */
  refuse: { readonly status: number; readonly body: object } | undefined;
  /** Sub-protocols that it knows. */
  speaks: readonly string[];
}

const app = deployment({ replicas: 2, containers: [container({ name: 'sidecar', ports: [], readinessProbe: undefined }), container()] });
const set = replicaSet(app);
const pods: readonly Pod[] = [
  { ...pod(set, 0, { ready: false }) },
  { ...pod(set, 1), metadata: { ...pod(set, 1).metadata, creationTimestamp: '2026-01-01T00:00:00Z' } },
  { ...pod(set, 2), metadata: { ...pod(set, 2).metadata, creationTimestamp: '2026-01-02T00:00:00Z' } },
  { ...pod(set, 3, { leaving: true }) },
];
const web = service('web', { app: 'web' });
const listsOf = (): Record<string, readonly object[]> => ({ deployments: [app], replicasets: [set], pods, services: [web], endpointslices: [slice('web', pods)] });

/** A real API server on 127.0.0.1 as far as a command in a pod of `shop/web` goes: the app, and the exec of its pods. */
export async function startExecServer(): Promise<ExecServer> {
  const sockets = new Set<Socket>();
  const lists = listsOf();
  const http = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://x').pathname.split('/').at(-1) ?? '';
    const body = name in lists ? { metadata: { resourceVersion: '1' }, items: lists[name] } : name === 'web' && request.url?.includes('/deployments/') ? app : undefined;
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404, message: 'not found' }));
  });
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const websockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => server.speaks.find((name) => offered.has(name)) ?? false });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const command = { path: url.pathname, command: url.searchParams.getAll('command'), query: Object.fromEntries(url.searchParams), headers: request.headers, offered };
    server.seen.push(command);
    if (server.refuse !== undefined) {
      const text = JSON.stringify(server.refuse.body);
      socket.end(`HTTP/1.1 ${server.refuse.status} No\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`);
      return;
    }
    websockets.handleUpgrade(request, socket, head, (ws) => void server.play(ws, command));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const server: ExecServer = {
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
      clusters: [{ name: 'c', cluster: { server: address } }],
      users: [{ name: 'u', user: { token: 't0ken' } }],
    }),
    seen: [],
    get open() {
      return websockets.clients.size;
    },
    play: (socket) => socket.send(piece(3, success)),
    remain: (change) => {
      lists['pods'] = change(pods);
    },
    refuse: undefined,
    speaks: ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}
