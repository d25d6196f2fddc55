import { VirtualClock } from '@shepherd/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, inTurn, json, LoopbackServer, pod, status } from './__fixtures__/loopback-server.js';
import { createKubeApi, type KubeApiOptions } from './client.js';
import type { KubeApi } from './kube-api.js';
import { KubeError } from './kube-error.js';

const path = '/apis/apps/v1/namespaces/shop/deployments/web';
const items = '/api/v1/namespaces/shop/configmaps';
const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

/** A server, a client with the longest waits, and time that jumps. */
async function setup(answer: Answer, more: Partial<KubeApiOptions> = {}): Promise<{ server: LoopbackServer; api: KubeApi; clock: VirtualClock }> {
  const server = await LoopbackServer.start(answer);
  const clock = new VirtualClock({ auto: true });
  const api = createKubeApi({ connection: server.connection(), clock, random: () => 1, ...more });
  ending.push(
    () => server[Symbol.asyncDispose](),
    () => api.close(),
  );
  return { server, api, clock };
}

const web = (version: string, more: object = {}) => ({ kind: 'Deployment', metadata: { name: 'web', uid: 'u', resourceVersion: version }, ...more });
const lost: Answer = (response) => void response.socket?.destroy();
const failure = (run: Promise<unknown>): Promise<KubeError> =>
  run.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error as KubeError,
  );

describe('requests', () => {
  it('carry credential, user agent and accept, and reuse connections', async () => {
    const { server, api } = await setup((response) => json(response, web('1')));
    for (let i = 0; i < 20; i++) await api.get(path);
    // One rests for a turn of the event loop after each answer, meanwhile the others serve.
    expect(server.connections).toBeLessThanOrEqual(3);
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'Bearer t0ken', accept: 'application/json' });
    expect(server.seen[0]?.headers['user-agent']).toMatch(/^shepherd\/\d/);
    expect(server.seen[0]?.url).toBe(path);
  });

  it('open at most 32 connections for calls', async () => {
    const { server, api } = await setup((response) => void setImmediate(() => json(response, web('1'))));
    await Promise.all(Array.from({ length: 100 }, () => api.get(path)));
    expect(server.connections).toBeLessThanOrEqual(32);
  });

  it.each([
    ['merge', 'application/merge-patch+json', { fieldManager: 'shepherd' }],
    ['strategic', 'application/strategic-merge-patch+json', { fieldManager: 'shepherd' }],
    ['json', 'application/json-patch+json', { fieldManager: 'shepherd' }],
    ['apply', 'application/apply-patch+yaml', { fieldManager: 'shepherd', force: 'false', fieldValidation: 'Strict' }],
  ] as const)('send a %s patch with its content type', async (type, contentType, query) => {
    const { server, api } = await setup((response) => json(response, web('2')));
    await api.patch(path, type, { spec: {} });
    expect(server.seen[0]).toMatchObject({ method: 'PATCH', query, body: '{"spec":{}}' });
    expect(server.seen[0]?.headers['content-type']).toBe(contentType);
  });

  it('let the caller force an apply and run it dry', async () => {
    const { server, api } = await setup((response) => json(response, web('2')));
    await api.patch(path, 'apply', {}, { query: { force: 'true', dryRun: 'All' } });
    expect(server.seen[0]?.query).toMatchObject({ force: 'true', dryRun: 'All', fieldManager: 'shepherd' });
  });

  it('delete with preconditions and an explicit propagation; gone is a success', async () => {
    const { server, api } = await setup((response) => status(response, 404, 'NotFound'));
    await api.delete(path, { preconditions: { uid: 'u', resourceVersion: '3' } });
    await api.delete(path, { propagation: 'Orphan' });
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Background',
      preconditions: { uid: 'u', resourceVersion: '3' },
    });
    expect(JSON.parse(server.seen[1]?.body ?? '')).toMatchObject({ propagationPolicy: 'Orphan' });
  });

  it('hand Warning headers to who asked for them', async () => {
    const warnings: object[] = [];
    const answer: Answer = (response) => json(response, web('1'), 200, { warning: '299 - "old \\"v1beta1\\", use v1", 299 - "second"' });
    const { api } = await setup(answer, { onWarning: (text, call) => warnings.push({ text, ...call }) });
    await api.get(path);
    expect(warnings).toEqual([
      { text: 'old "v1beta1", use v1', verb: 'get', path },
      { text: 'second', verb: 'get', path },
    ]);
  });

  it('list all pages with the selector on each', async () => {
    const { server, api } = await setup((response, { query }) =>
      json(response, {
        kind: 'PodList',
        items: [pod(query['continue'] ?? 'first', '1')],
        metadata: { resourceVersion: '5', continue: query['continue'] === undefined ? 'second' : '' },
      }),
    );
    const { items: found, resourceVersion } = await api.list('/api/v1/namespaces/shop/pods', { query: { labelSelector: 'app=web' } });
    expect(found.map(({ metadata }) => metadata.name)).toEqual(['first', 'second']);
    expect(resourceVersion).toBe('5');
    expect(server.seen.map(({ query }) => query)).toEqual([
      { labelSelector: 'app=web', limit: '500' },
      { labelSelector: 'app=web', limit: '500', continue: 'second' },
    ]);
  });

  it('go as they are through raw: any status, no second try', async () => {
    const { server, api } = await setup((response) => {
      response.writeHead(503, { 'x-pod': 'web-1' });
      response.end('down');
    });
    const reply = await api.raw('POST', '/api/v1/namespaces/shop/pods/web-1/proxy/health', { body: '{}', headers: { 'content-type': 'application/json' } });
    expect(reply).toMatchObject({ status: 503, text: 'down' });
    expect(reply.headers['x-pod']).toBe('web-1');
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]?.body).toBe('{}');
  });
});

describe('answers that are no success', () => {
  it.each([400, 403, 404, 422])('%i is thrown at once', async (code) => {
    const { server, api } = await setup((response) => status(response, code, 'Reason'));
    expect(await failure(api.get(path))).toMatchObject({ status: code, reason: 'Reason', verb: 'get', path });
    expect(server.seen).toHaveLength(1);
  });

  it.each([500, 502, 503, 504])('a read that met %i is tried again with growing waits', async (code) => {
    const broken: Answer = (response) => {
      response.writeHead(code, { 'content-type': 'text/html' });
      response.end('<html>proxy</html>');
    };
    const { server, api, clock } = await setup(inTurn(broken, broken, (response) => json(response, web('1'))));
    await api.get(path);
    expect(server.seen).toHaveLength(3);
    expect(clock.monotonicMs()).toBe(3000);
  });

  it('a server that stays broken is given up within the time of the call, with its own words', async () => {
    const { server, api, clock } = await setup((response) => {
      response.writeHead(502);
      response.end('<html>Bad Gateway</html>');
    });
    const error = await failure(api.get(path));
    expect(error).toMatchObject({ status: 502, reason: 'HTTP 502' });
    expect(error.message).toContain('Bad Gateway');
    // 1 + 2 + 4 + 8 s were waited; 16 s more would pass the 30 s of a read.
    expect(server.seen).toHaveLength(5);
    expect(clock.monotonicMs()).toBe(15_000);
  });

  it('429 waits as long as the server asks, writes too', async () => {
    const busy: Answer = (response) => status(response, 429, 'TooManyRequests', { details: { retryAfterSeconds: 2 } }, { 'retry-after': '7' });
    const { server, api, clock } = await setup(inTurn(busy, (response) => json(response, web('1'))));
    await api.create(items, { metadata: { name: 'web' } });
    expect(server.seen.map(({ method }) => method)).toEqual(['POST', 'POST']);
    expect(clock.monotonicMs()).toBe(7000);
  });

  it('an apply that does not fit the schema is no failing server', async () => {
    const { server, api } = await setup((response) =>
      json(response, { kind: 'Status', code: 500, message: 'failed to create typed patch object (): .dta: field not declared in schema' }, 500),
    );
    expect(await failure(api.patch(path, 'apply', {}))).toMatchObject({ reason: 'SchemaMismatch' });
    expect(server.seen).toHaveLength(1);
  });

  it('a page instead of JSON is tried again', async () => {
    const page: Answer = (response) => void response.end('<html>sign in</html>');
    const { server, api } = await setup(inTurn(page, (response) => json(response, web('1'))));
    expect((await api.get(path)).metadata.name).toBe('web');
    expect(server.seen).toHaveLength(2);
  });

  it('401 drops the credential and tries once with a new one', async () => {
    let token = 1;
    const credentials = {
      get: async () => ({ headers: { authorization: `Bearer ${token}` } }),
      drop: () => {
        token++;
        return true;
      },
    };
    const { server, api } = await setup((response, { headers }) =>
      headers.authorization === 'Bearer 2' ? json(response, web('1')) : status(response, 401, 'Unauthorized'),
    );
    const other = createKubeApi({ connection: server.connection({ credentials }) });
    ending.push(() => other.close());
    await other.get(path);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer 1', 'Bearer 2']);
    token = 5;
    expect(await failure(other.get(path))).toMatchObject({ status: 401 });
    expect(server.seen).toHaveLength(4);
    // A fixed token would only be refused again.
    expect(await failure(api.get(path))).toMatchObject({ status: 401 });
    expect(server.seen).toHaveLength(5);
  });
});

it("a 401 of a pod behind the proxy is the pod's answer: the request does not reach it twice", async () => {
  const dropped: unknown[] = [];
  const server = await LoopbackServer.start((response) => status(response, 401, 'Unauthorized'));
  const credentials = { get: async () => ({ headers: {} }), drop: (credential: unknown) => dropped.push(credential) > 0 };
  const api = createKubeApi({ connection: server.connection({ credentials }) });
  ending.push(
    () => server[Symbol.asyncDispose](),
    () => api.close(),
  );
  expect((await api.raw('POST', '/api/v1/namespaces/shop/pods/web-1:8080/proxy/login')).status).toBe(401);
  expect([server.seen.length, dropped.length]).toEqual([1, 0]);
  expect((await api.raw('GET', '/version')).status).toBe(401);
  expect([server.seen.length, dropped.length]).toEqual([3, 1]);
});

describe('a lost answer', () => {
  it('of a read or an absolute patch: the request is sent again', async () => {
    const { server, api } = await setup(
      inTurn(
        lost,
        (response) => json(response, web('2')),
        lost,
        (response) => json(response, web('2')),
      ),
    );
    await api.get(path);
    await api.patch(path, 'merge', { spec: { replicas: 3 } });
    expect(server.seen.map(({ method }) => method)).toEqual(['GET', 'GET', 'PATCH', 'PATCH']);
  });

  it('of a create: looks by name before it creates again', async () => {
    const body = { metadata: { name: 'web', labels: { id: 'r1' } }, data: { a: '1' } };
    const { server, api } = await setup(
      inTurn(
        lost,
        (response) => status(response, 404, 'NotFound'),
        (response) => json(response, body, 201),
      ),
    );
    await api.create(items, body);
    expect(server.seen.map(({ method, path: at }) => `${method} ${at}`)).toEqual([`POST ${items}`, `GET ${items}/web`, `POST ${items}`]);
  });

  it('of a create that has landed: gives the object that is there, creating nothing twice', async () => {
    const body = { metadata: { name: 'web', labels: { id: 'r1' } }, data: { a: '1' } };
    const there = { ...body, metadata: { ...body.metadata, uid: 'u', resourceVersion: '4' } };
    const { server, api } = await setup(inTurn(lost, (response) => json(response, there)));
    expect(await api.create(items, body)).toEqual(there);
    expect(server.seen.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  it('of a create, where somebody else holds the name: AlreadyExists', async () => {
    const { api } = await setup(inTurn(lost, (response) => json(response, { metadata: { name: 'web', labels: { id: 'other' } } })));
    expect(await failure(api.create(items, { metadata: { name: 'web', labels: { id: 'r1' } } }))).toMatchObject({ status: 409, reason: 'AlreadyExists' });
  });

  it('of a create with a generated name is not guessed about', async () => {
    const { server, api } = await setup(lost);
    expect(await failure(api.create(items, { metadata: { generateName: 'web-' } }))).toMatchObject({ status: 0 });
    expect(server.seen).toHaveLength(1);
  });

  it('of an access review: is asked again, since nothing is stored', async () => {
    const { server, api } = await setup(inTurn(lost, (response) => json(response, { status: { allowed: true } }, 201)));
    await api.create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: {} });
    expect(server.seen).toHaveLength(2);
  });

  it('of a patch with a precondition: the conflict with our own first try is a success', async () => {
    const conflict: Answer = (response) => status(response, 409, 'Conflict');
    const { server, api } = await setup(inTurn(lost, conflict, (response) => json(response, web('8', { spec: { replicas: 3 } }))));
    const done = await api.patch(path, 'merge', { metadata: { resourceVersion: '7' }, spec: { replicas: 3 } });
    expect(done.metadata.resourceVersion).toBe('8');
    expect(server.seen.map(({ method }) => method)).toEqual(['PATCH', 'PATCH', 'GET']);
  });

  it('of a patch with a precondition: a conflict with another writer stays one', async () => {
    const conflict: Answer = (response) => status(response, 409, 'Conflict');
    const { api } = await setup(inTurn(lost, conflict, (response) => json(response, web('8', { spec: { replicas: 9 } }))));
    expect(await failure(api.patch(path, 'merge', { metadata: { resourceVersion: '7' }, spec: { replicas: 3 } }))).toMatchObject({
      status: 409,
      reason: 'Conflict',
    });
  });

  it('of a JSON Patch with a test: looks first; without one it is not sent again', async () => {
    const operations = [
      { op: 'test', path: '/spec/replicas', value: 2 },
      { op: 'replace', path: '/spec/replicas', value: 3 },
    ];
    const { server, api } = await setup(inTurn(lost, (response) => json(response, web('8', { spec: { replicas: 3 } })), lost));
    expect((await api.patch(path, 'json', operations)).metadata.resourceVersion).toBe('8');
    expect(await failure(api.patch(path, 'json', operations.slice(1)))).toMatchObject({ status: 0 });
    expect(server.seen.map(({ method }) => method)).toEqual(['PATCH', 'GET', 'PATCH']);
  });

  it('of a delete: the object in its grace is ours; gone is a success', async () => {
    const going = web('8', { metadata: { name: 'web', uid: 'u', deletionTimestamp: '2026-01-01T00:00:00Z' } });
    const { api } = await setup(
      inTurn(
        lost,
        (response) => status(response, 409, 'Conflict'),
        (response) => json(response, going),
        lost,
        (response) => status(response, 404, 'NotFound'),
      ),
    );
    await api.delete(path, { preconditions: { uid: 'u', resourceVersion: '7' } });
    await api.delete(path);
  });

  it("a conflict without a lost answer is the caller's, at once", async () => {
    const { server, api } = await setup((response) => status(response, 409, 'Conflict'));
    expect(await failure(api.replace(path, web('1')))).toMatchObject({ status: 409 });
    expect(server.seen).toHaveLength(1);
  });
});

describe('time', () => {
  it('a connection that died silently costs one try, not the call', async () => {
    const { server, api, clock } = await setup(
      inTurn(
        () => undefined,
        (response) => json(response, web('1')),
      ),
    );
    await api.get(path);
    expect(server.seen).toHaveLength(2);
    expect(clock.monotonicMs()).toBe(21_000);
  });

  it('ends a call that gets no answer, as a KubeError of status 0, and its socket', async () => {
    const { server, api, clock } = await setup(() => undefined);
    const error = await failure(api.create(items, { metadata: { generateName: 'x-' } }, { timeoutMs: 5000 }));
    expect(error).toMatchObject({ status: 0, reason: 'Timeout' });
    expect(error.message).toContain('within 5 s');
    expect(clock.monotonicMs()).toBe(5000);
    expect(clock.sleeping).toBe(0);
    await server.drained();
  });

  it('covers a body that never ends', async () => {
    const { api, clock } = await setup((response) => {
      response.writeHead(200);
      response.write('{"half":');
    });
    expect(await failure(api.raw('GET', '/version', { timeoutMs: 2000 }))).toMatchObject({ status: 0, reason: 'Timeout' });
    expect(clock.monotonicMs()).toBe(2000);
  });

  it("an abort reaches the socket and gives the signal's own reason", async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const { server, api, clock } = await setup(() => stop.abort(reason));
    await expect(api.get(path, { signal: stop.signal })).rejects.toBe(reason);
    await server.drained();
    expect(clock.sleeping).toBe(0);
  });

  it('an abort ends the wait between two tries', async () => {
    const stop = new AbortController();
    const server = await LoopbackServer.start((response) => status(response, 503, 'ServiceUnavailable'));
    const clock = new VirtualClock();
    const api = createKubeApi({ connection: server.connection(), clock, random: () => 1 });
    ending.push(
      () => server[Symbol.asyncDispose](),
      () => api.close(),
    );
    const run = api.get(path, { signal: stop.signal });
    await clock.advance('500ms');
    stop.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    expect(server.seen).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });

  it('a signal that is aborted already sends nothing', async () => {
    const { server, api } = await setup((response) => json(response, web('1')));
    await expect(api.get(path, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
    expect(server.seen).toHaveLength(0);
  });

  it('close ends the wait between two tries as well', async () => {
    const server = await LoopbackServer.start((response) => status(response, 503, 'ServiceUnavailable'));
    const clock = new VirtualClock();
    const api = createKubeApi({ connection: server.connection(), clock, random: () => 1 });
    ending.push(() => server[Symbol.asyncDispose]());
    const run = failure(api.get(path));
    await clock.advance('500ms');
    await api.close();
    expect(await run).toMatchObject({ status: 0, reason: 'Closed' });
    expect([server.seen.length, clock.sleeping]).toEqual([1, 0]);
  });

  it('close ends calls under way and refuses later ones', async () => {
    const { server, api } = await setup(() => void api.close());
    expect(await failure(api.get(path))).toMatchObject({ status: 0, reason: 'Closed' });
    expect(await failure(api.get(path))).toMatchObject({ reason: 'Closed' });
    expect(server.seen).toHaveLength(1);
    await server.drained();
  });
});

describe('the connection', () => {
  it('is made at the first call, once, and again after it failed', async () => {
    const server = await LoopbackServer.start((response) => json(response, web('1')));
    let made = 0;
    const api = createKubeApi({
      connection: async () => {
        if (made++ === 0) throw new Error('no kubeconfig');
        return server.connection();
      },
    });
    ending.push(
      () => server[Symbol.asyncDispose](),
      () => api.close(),
    );
    expect(made).toBe(0);
    await expect(api.get(path)).rejects.toThrow('no kubeconfig');
    await Promise.all([api.get(path), api.get(path)]);
    expect(made).toBe(2);
  });
});
