// WebSockets by the rules of calls: the authority, the name, the client certificate and the proxy of the connection.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createKubeApi } from './client.js';
import { type Connection, type Credential, staticCredentials } from './kubeconfig/connection.js';
import { withoutSecrets } from './kubeconfig/without-secrets.js';

const pem = (file: string): string => readFileSync(join(import.meta.dirname, '__fixtures__', 'tls', file), 'utf8');
const certificate = (name: string) => ({ cert: pem(`${name}.crt`), key: pem(`${name}.key`) });
const trusting = { ca: pem('ca.crt'), serverName: 'cluster.test' };
const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ending.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

let port: number;
/** Tells the client who it is, by its certificate and its token. */
beforeEach(async () => {
  const https = createTlsServer({ ...certificate('server'), ca: pem('ca.crt'), requestCert: true, rejectUnauthorized: false });
  const websockets = new WebSocketServer({ server: https, handleProtocols: () => 'v4.channel.k8s.io' });
  websockets.on('connection', (socket, { socket: raw, headers, url }) => {
    const { CN } = (raw as TLSSocket).getPeerCertificate().subject ?? {};
    socket.send(`${CN ?? 'nobody'} ${headers.authorization ?? 'no token'} ${url}`, () => socket.close());
  });
  port = await listen(https);
});

async function ask(more: Partial<Connection>): Promise<string> {
  const connection = withoutSecrets({
    server: `https://127.0.0.1:${port}/base`,
    namespace: 'shop',
    context: 'loopback',
    contextFrom: 'caller',
    tls: trusting,
    credentials: staticCredentials({ headers: { authorization: 'Bearer t0ken' } }),
    ...more,
  });
  const api = createKubeApi({ connection });
  ending.push(() => api.close());
  const options = {
    query: [
      ['command', 'a b'],
      ['command', 'c&d'],
    ],
    protocols: ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
    signal: new AbortController().signal,
  } as const;
  const socket = await api.socket('/api/v1/namespaces/shop/pods/web-1/exec', options);
  expect(socket.protocol).toBe('v4.channel.k8s.io');
  let text = '';
  for await (const message of socket.messages) text += new TextDecoder().decode(message);
  return text;
}

const url = '/base/api/v1/namespaces/shop/pods/web-1/exec?command=a+b&command=c%26d';

test('the authority and the name of the connection are asked for, and its client certificate is shown', async () => {
  const own: Credential = { headers: {}, clientCertificate: certificate('one') };
  expect(await ask({ credentials: staticCredentials(own) })).toBe(`one no token ${url}`);
  expect(await ask({})).toBe(`nobody Bearer t0ken ${url}`);
  expect(await ask({ tls: { insecure: true } })).toBe(`nobody Bearer t0ken ${url}`);
  for (const tls of [{ serverName: 'cluster.test' }, { ca: pem('ca.crt'), serverName: 'other.test' }])
    await expect(ask({ tls })).rejects.toMatchObject({ status: 0, reason: expect.stringMatching(/CERT|UNABLE_TO_VERIFY/) });
});

test('a proxy carries it through a tunnel that it cannot look into, and one that refuses is an error', async () => {
  const asked: string[] = [];
  let answer = '200 OK';
  const proxy = createServer();
  proxy.on('connect', (request, socket: Socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
    if (answer !== '200 OK') return socket.end(`HTTP/1.1 ${answer}\r\n\r\n`);
    const [host = '', to] = (request.url ?? '').split(':');
    const upstream = connect(Number(to), host, () => {
      socket.write(`HTTP/1.1 ${answer}\r\n\r\n`);
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => upstream.destroy());
    ending.push(async () => upstream.destroy());
    return socket;
  });
  const at = `http://user:secret@127.0.0.1:${await listen(proxy)}`;
  expect(await ask({ proxy: at })).toBe(`nobody Bearer t0ken ${url}`);
  await expect(ask({ proxy: at, tls: { serverName: 'cluster.test' } })).rejects.toMatchObject({
    status: 0,
    reason: expect.stringMatching(/CERT|UNABLE_TO_VERIFY/),
  });
  expect(asked[0]).toBe(`127.0.0.1:${port} Basic ${Buffer.from('user:secret').toString('base64')}`);
  answer = '407 Proxy Authentication Required';
  await expect(ask({ proxy: at })).rejects.toMatchObject({ status: 0, reason: 'ProxyRefused' });
});
