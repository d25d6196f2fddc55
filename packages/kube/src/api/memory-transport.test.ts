import { VirtualClock } from '@shepherd/core/testing';
import { expect, it } from 'vitest';
import { pod } from './__fixtures__/loopback-server.js';
import { createKubeApi } from './client.js';
import { loadConnection } from './kubeconfig/load-connection.js';

type Handler = (request: Request) => Response | Promise<Response>;

const open = (handler: Handler) => {
  const clock = new VirtualClock({ auto: true });
  const api = createKubeApi({ connection: () => loadConnection({ transport: async (request) => handler(request) }), clock });
  return { api, clock };
};

it('brings the same requests to an API in this process', async () => {
  const requests: string[] = [];
  const { api } = open(async (request) => {
    requests.push(`${request.method} ${request.url} ${request.headers.get('content-type')} ${await request.text()}`);
    return Response.json(pod('a', '1'));
  });
  await api.patch('/api/v1/namespaces/shop/pods/a', 'merge', { a: 1 });
  expect(requests).toEqual(['PATCH http://127.0.0.1/api/v1/namespaces/shop/pods/a?fieldManager=shepherd application/merge-patch+json {"a":1}']);
  await api.close();
  await expect(api.get('/api')).rejects.toMatchObject({ status: 0, reason: 'Closed' });
});

it('ends a call whose server never answers, and one whose body never ends', async () => {
  const { api, clock } = open(({ url }) => (url.endsWith('/never') ? new Promise(() => undefined) : new Response(new ReadableStream({}))));
  for (const path of ['/never', '/endless']) await expect(api.raw('GET', path, { timeoutMs: 1000 })).rejects.toMatchObject({ status: 0, reason: 'Timeout' });
  expect(clock.monotonicMs()).toBe(2000);
  expect(clock.sleeping).toBe(0);
  await api.close();
});

it('follows, and tells the server when nobody reads any more', async () => {
  let push: (text: string) => void = () => undefined;
  let opened = 0;
  let ending: () => void = () => undefined;
  const cancelled = new Promise<void>((resolve) => {
    ending = resolve;
  });
  const { api, clock } = open(({ url }) => {
    if (!url.includes('watch=true')) return Response.json({ kind: 'PodList', items: [pod('a', '1')], metadata: { resourceVersion: '1' } });
    opened++;
    return new Response(
      new ReadableStream({
        start: (controller) => {
          push = (text) => controller.enqueue(new TextEncoder().encode(text));
        },
        cancel: () => ending(),
      }),
    );
  });
  const seen: number[] = [];
  for await (const pods of api.follow('/api/v1/namespaces/shop/pods', { signal: new AbortController().signal })) {
    seen.push(pods.length);
    if (pods.length === 2) break;
    while (opened === 0) await new Promise((resolve) => setImmediate(resolve));
    push(`${JSON.stringify({ type: 'ADDED', object: pod('b', '2') })}\n`);
  }
  expect(seen).toEqual([1, 2]);
  await cancelled;
  expect(clock.sleeping).toBe(0);
  await api.close();
});
