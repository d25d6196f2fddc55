import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, json, LoopbackServer } from './__fixtures__/loopback-server.js';
import { createKubeApi } from './client.js';
import type { KubeApi } from './kube-api.js';
import type { Connection, Credential } from './kubeconfig/connection.js';

const pem = (file: string): string => readFileSync(join(import.meta.dirname, '__fixtures__', 'tls', file), 'utf8');
const certificate = (name: string) => ({ cert: pem(`${name}.crt`), key: pem(`${name}.key`) });
const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

/** Says who the client is, by its certificate. */
const whoami: Answer = (response, _request, incoming) => {
  const { CN } = (incoming.socket as TLSSocket).getPeerCertificate().subject ?? {};
  json(response, { metadata: { name: CN ?? 'nobody' } });
};

async function secureServer(answer = whoami): Promise<LoopbackServer> {
  const server = await LoopbackServer.start(answer, { ...certificate('server'), ca: pem('ca.crt'), requestCert: true, rejectUnauthorized: false });
  ending.push(() => server[Symbol.asyncDispose]());
  return server;
}

function open(connection: Connection): KubeApi {
  const api = createKubeApi({ connection });
  ending.push(() => api.close());
  return api;
}

const over = (server: LoopbackServer, more: Partial<Connection>): Connection => server.connection({ server: `https://127.0.0.1:${server.port}`, ...more });
const trusting = { ca: pem('ca.crt'), serverName: 'cluster.test' };

describe('TLS', () => {
  it('trusts the given authority, expects the given name and shows the client certificate', async () => {
    const server = await secureServer();
    const credentials = { get: async () => ({ headers: {}, clientCertificate: certificate('one') }), drop: () => false };
    expect((await open(over(server, { tls: trusting, credentials })).get('/api')).metadata.name).toBe('one');
    expect((await open(over(server, { tls: trusting })).get('/api')).metadata.name).toBe('nobody');
  });

  it('refuses another authority and another name at once, without trying again', async () => {
    const server = await secureServer();
    for (const tls of [{ serverName: 'cluster.test' }, { ca: pem('ca.crt') }, { ca: pem('ca.crt'), serverName: 'other.test' }])
      await expect(open(over(server, { tls })).get('/api')).rejects.toMatchObject({ status: 0, reason: expect.stringMatching(/CERT|UNABLE_TO_VERIFY/) });
    expect(server.seen).toHaveLength(0);
  });

  it('skips the check only where it is told to', async () => {
    const server = await secureServer();
    expect((await open(over(server, { tls: { insecure: true } })).get('/api')).metadata.name).toBe('nobody');
  });

  it('opens new connections for a rotated client certificate, and closes the old ones', async () => {
    const server = await secureServer();
    let credential: Credential = { headers: {}, clientCertificate: certificate('one') };
    const api = open(over(server, { tls: trusting, credentials: { get: async () => credential, drop: () => false } }));
    expect((await api.get('/api')).metadata.name).toBe('one');
    const [old] = server.sockets;
    const closed = new Promise((resolve) => old?.once('close', resolve));
    credential = { headers: {}, clientCertificate: certificate('two') };
    expect((await api.get('/api')).metadata.name).toBe('two');
    await closed;
  });
});

describe('a proxy', () => {
  async function proxy(): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    const sockets = new Set<Socket>();
    const server = createServer();
    server.on('connect', (request, socket: Socket) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
      const [host = '', port] = (request.url ?? '').split(':');
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
      for (const one of [socket, upstream]) {
        sockets.add(one);
        one.on('error', () => one.destroy());
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ending.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    return { url: `http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  it('carries calls and streams through a tunnel that it cannot look into', async () => {
    const server = await secureServer((response, { query }) => {
      if (query['watch'] === undefined) return json(response, { kind: 'PodList', items: [], metadata: { resourceVersion: '1' } });
      response.writeHead(200);
      response.write(`${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'a', uid: 'u', resourceVersion: '2' } } })}\n`);
    });
    const { url, asked } = await proxy();
    const api = open(over(server, { tls: trusting, proxy: url }));
    const seen: number[] = [];
    for await (const pods of api.follow('/api/v1/namespaces/shop/pods', { signal: new AbortController().signal })) {
      seen.push(pods.length);
      if (pods.length === 1) break;
    }
    expect(seen).toEqual([0, 1]);
    const target = `127.0.0.1:${server.port} Basic ${Buffer.from('user:secret').toString('base64')}`;
    expect(asked).toEqual([target, target]);
  });

  it('that is not there makes the cluster unreachable', async () => {
    const server = await secureServer();
    const api = open(over(server, { tls: trusting, proxy: 'http://127.0.0.1:1' }));
    await expect(api.raw('GET', '/api')).rejects.toMatchObject({ status: 0, reason: 'ECONNREFUSED' });
  });
});

describe('connections', () => {
  it('that the server closed while idle are replaced', async () => {
    const server = await LoopbackServer.start((response) => json(response, { metadata: { name: 'a' } }));
    ending.push(() => server[Symbol.asyncDispose]());
    const api = open(server.connection());
    await api.get('/api');
    const [idle] = server.sockets;
    const closed = new Promise((resolve) => idle?.once('close', resolve));
    idle?.destroy();
    await closed;
    expect((await api.get('/api')).metadata.name).toBe('a');
  });

  it('of watches do not take the place of calls', async () => {
    let watches = 0;
    let all: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      all = resolve;
    });
    const server = await LoopbackServer.start((response, { query }) => {
      if (query['watch'] === undefined) return json(response, { kind: 'PodList', items: [], metadata: { resourceVersion: '1' } });
      response.writeHead(200);
      response.flushHeaders();
      if (++watches === 40) all();
    });
    ending.push(() => server[Symbol.asyncDispose]());
    const api = open(server.connection());
    const stop = new AbortController();
    const followers = Array.from({ length: 40 }, (_, i) => api.follow(`/api/v1/namespaces/n${i}/pods`, { signal: stop.signal })[Symbol.asyncIterator]());
    await Promise.all(followers.map((follower) => follower.next()));
    await opened;
    await api.raw('GET', '/version');
    stop.abort();
    await Promise.all(followers.map((follower) => follower.next()));
  });

  it('keep the path that the address of the server has (Rancher)', async () => {
    const server = await LoopbackServer.start((response) => json(response, { metadata: { name: 'a' } }));
    ending.push(() => server[Symbol.asyncDispose]());
    const api = open(server.connection({ server: `http://127.0.0.1:${server.port}/k8s/clusters/c-1` }));
    await api.get('/api/v1/namespaces/shop');
    expect(server.seen[0]?.url).toBe('/k8s/clusters/c-1/api/v1/namespaces/shop');
  });
});
