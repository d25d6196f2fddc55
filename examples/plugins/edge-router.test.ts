import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BlueGreen, Canary, Shepherd } from '@shepherd/core';
import { health, pods } from '@shepherd/core/checks';
import { assertOutcome, createMemoryPlatform, routerCases } from '@shepherd/core/testing';
import { kubernetes } from '@shepherd/kube';
import { createSandbox } from '@shepherd/sandbox';
import { openLoop } from '@shepherd/sandbox/load';
import { describe, expect, test } from 'vitest';
import { atTheEdge } from './edge-router.js';

/** Such a load balancer, on loopback: its API below `/apps`, and everything else to where the weight says. */
async function startEdge(backendOf: (candidate: boolean) => Promise<string>) {
  let stored = { candidate: 0, fence: 0 };
  let version = 0;
  const seen: number[] = [];
  const server = createServer(async (asked, answer) => {
    if (!asked.url?.startsWith('/apps/')) {
      const target = new URL(asked.url ?? '/', await backendOf(stored.candidate > 0));
      const onward = forward(target, { method: asked.method, agent: false }, (reply) => {
        answer.writeHead(reply.statusCode ?? 502, { 'content-type': 'application/json' });
        reply.pipe(answer);
      });
      onward.on('error', () => answer.writeHead(502).end());
      asked.pipe(onward);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk as Buffer);
    if (asked.method === 'PUT' && asked.headers['if-match'] !== `"${version}"`) return void answer.writeHead(412).end();
    if (asked.method === 'PUT') {
      stored = JSON.parse(Buffer.concat(chunks).toString()) as typeof stored;
      seen.push(stored.candidate);
      version += 1;
    }
    answer.writeHead(200, { etag: `"${version}"` }).end(JSON.stringify(stored));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('the contract of a router', () => {
  const cases = routerCases(async () => {
    const edge = await startEdge(() => Promise.reject(new Error('no user comes here')));
    return {
      platform: atTheEdge(createMemoryPlatform({ replicas: 3 }), { url: edge.url, token: () => 'test' }),
      app: { cluster: 'memory', namespace: 'default', name: 'web' },
      replicas: 3,
      release: { version: '1.0.0' },
      next: { version: '1.1.0' },
      broken: { version: '6.6.6' },
      close: () => edge[Symbol.asyncDispose](),
    };
  });
  for (const { name, run } of cases) test(name, run);
});

describe('with Kubernetes', () => {
  test('blue/green moves the users at the edge and back, and none of them loses a request', async () => {
    await using sandbox = await createSandbox({ time: 'real' });
    for (const tag of ['1.2.0', '1.3.0']) sandbox.image(`registry/web:${tag}`);
    await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.2.0', replicas: 3 });
    await using edge = await startEdge(async (candidate) => (await sandbox.addresses(candidate ? 'shop/web-preview' : 'shop/web'))['http'] ?? '');
    await using shepherd = new Shepherd({ platform: atTheEdge(kubernetes(sandbox.connection), { url: edge.url, token: () => 'test', settle: '2s' }) });

    const users = openLoop({ url: edge.url, rate: 25 });
    const strategy = new BlueGreen({ soak: '2s', analysis: false });
    const { outcome } = shepherd.deploy({ app: 'shop/web', release: { image: 'registry/web:1.3.0' }, strategy, checks: [pods({}), health({})], drain: '1s' });
    assertOutcome(await outcome, 'succeeded');

    const { failed, failures, byVersion } = await users.stop();
    expect({ failed, failures }).toEqual({ failed: 0, failures: {} });
    expect(Object.keys(byVersion)).toEqual(['1.2.0', '1.3.0']);
    expect([...new Set(edge.seen)]).toEqual([0, 100]);
    expect(edge.seen.at(-1)).toBe(0);
  });

  test('a canary is refused: this router has no shares', async () => {
    await using edge = await startEdge(() => Promise.reject(new Error('no user comes here')));
    await using shepherd = new Shepherd({ platform: atTheEdge(createMemoryPlatform(), { url: edge.url, token: () => 'test' }) });
    const { outcome } = shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: new Canary({ stages: [50, 100], analysis: false }) });
    expect(await outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_UNSUPPORTED_WORKLOAD' } });
    expect(edge.seen.every((weight) => weight === 0)).toBe(true);
  });
});
