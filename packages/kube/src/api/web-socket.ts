import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { onAbort } from './on-abort.js';
import type { SocketAnswer, SocketRequest, WireTarget } from './transport.js';

/** The kubelet sends pieces of 32 KiB; nothing that is longer than this comes from one. */
const maxMessageBytes = 1024 * 1024;
const maxRefusalBytes = 64 * 1024;

/** A WebSocket to the server, or the answer by which it refused one. Rejects with the socket's own error. The only place that knows `ws`. */
export async function openSocket({ server, tls, proxy }: WireTarget, request: SocketRequest): Promise<SocketAnswer> {
  const { path, headers, protocols, signal, clientCertificate } = request;
  const { WebSocket, createWebSocketStream } = await import('ws');
  const url = new URL(server);
  const { ca, serverName, insecure } = tls;
  const trust = {
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
    ...clientCertificate,
  };
  const tunnel = proxy === undefined ? undefined : await tunnelTo(url, proxy, signal);
  signal.throwIfAborted();
  const through = tunnel === undefined ? {} : { createConnection: () => (url.protocol === 'https:' ? overTls(tunnel, url, trust) : tunnel) };
  const socket = new WebSocket(`${url.protocol === 'https:' ? 'wss:' : 'ws:'}//${url.host}${url.pathname.replace(/\/$/, '')}${path}`, [...protocols], {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]])),
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    ...trust,
    ...through,
  });
  const undo = onAbort(signal, () => socket.terminate());
  socket.once('close', undo);
  return new Promise((resolve, reject) => {
    socket.on('error', (error) => {
      undo();
      reject(error);
    });
    socket.once('unexpected-response', (_, response) => {
      refusal(response)
        .then(resolve, reject)
        .finally(() => {
          undo();
          socket.terminate();
        });
    });
    socket.once('open', () => {
      // Object mode keeps one message one chunk; the stream holds the socket back while nobody reads.
      const messages = createWebSocketStream(socket, { readableObjectMode: true });
      // It may fail before anybody reads; whoever reads then is told.
      messages.on('error', () => undefined);
      resolve({ protocol: socket.protocol, messages: bytesOf(messages), close: () => socket.terminate() });
    });
  });
}

/** A message may be text. */
async function* bytesOf(messages: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for await (const message of messages) yield typeof message === 'string' ? new TextEncoder().encode(message) : message;
}

async function refusal(response: IncomingMessage): Promise<SocketAnswer> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > maxRefusalBytes) break;
  }
  const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
  return { refused: { status: response.statusCode ?? 0, headers, text: text.slice(0, maxRefusalBytes) } };
}

const overTls = (socket: Socket, url: URL, trust: { readonly servername?: string }): Socket => connectTls({ ...nameOf(url), ...trust, socket });

/** An address is no server name. */
const nameOf = ({ hostname }: URL): { servername?: string } => (/^[\d.]+$|:/.test(hostname) ? {} : { servername: hostname });

/** A connection to the server through an HTTP proxy. */
async function tunnelTo(url: URL, proxy: string, signal: AbortSignal): Promise<Socket> {
  const { Client } = await import('undici');
  const { username, password, origin } = new URL(proxy);
  const login = username === '' ? {} : { 'proxy-authorization': `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}` };
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const { statusCode, socket } = await new Client(origin).connect({ path: `${url.hostname}:${port}`, headers: login, signal });
  if (statusCode === 200) return socket as Socket;
  socket.destroy();
  throw Object.assign(new Error(`the proxy answered ${statusCode}`), { code: 'ProxyRefused' });
}
