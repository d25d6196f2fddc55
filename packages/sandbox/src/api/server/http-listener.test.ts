import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { client, deployment } from '../api-fixture.js';
import type { Wire } from '../json.js';
import type { Listening } from './http-listener.js';

const PATH = '/apis/apps/v1/namespaces/default/deployments';
const api = client();
let http: Listening;
const call = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${http.url}${path}`, { ...init, headers: { authorization: `Bearer ${api.server.adminToken}`, 'content-type': 'application/json', ...init.headers } });

beforeAll(async () => {
  http = await api.server.listen();
});
afterAll(() => http.close());

describe('the API over loopback HTTP', () => {
  it('creates, lists and patches', async () => {
    const created = await call(PATH, { method: 'POST', body: JSON.stringify(deployment('web')) });
    expect(created.status).toBe(201);
    const patched = await call(`${PATH}/web`, {
      method: 'PATCH',
      body: '{"spec":{"replicas":4}}',
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(((await patched.json()) as Wire).spec.replicas).toBe(4);
    expect(((await (await call(PATH)).json()) as Wire).items).toHaveLength(1);
  });

  it('takes who sends no token for the admin, who may speak for others', async () => {
    api.server.addUser('reader', [{ verbs: ['list'], resources: ['pods'] }]);
    const statusAs = async (path: string, headers: Record<string, string>): Promise<number> => (await fetch(`${http.url}${path}`, { headers })).status;
    expect(await statusAs('/api/v1/secrets', {})).toBe(200);
    expect(await statusAs('/api/v1/secrets', { 'impersonate-user': 'reader' })).toBe(403);
    expect(await statusAs('/api/v1/pods', { 'impersonate-user': 'reader' })).toBe(200);
    expect(await statusAs('/api/v1/pods', { authorization: 'Bearer wrong' })).toBe(401);
    expect((await api.server.handle(new Request('http://sandbox/api/v1/pods'))).status).toBe(403);
  });

  it('streams a watch, headers first, and notices that the client has gone', async () => {
    const stop = new AbortController();
    const answer = await call(`/api/v1/secrets?watch=true`, { signal: stop.signal });
    expect(answer.status).toBe(200);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    await call('/api/v1/namespaces/default/secrets', { method: 'POST', body: '{"metadata":{"name":"s"}}' });
    const { value } = await reader.read();
    expect(JSON.parse(new TextDecoder().decode(value))).toMatchObject({ type: 'ADDED', object: { metadata: { name: 's' } } });
    stop.abort();
    await expect(reader.read()).rejects.toThrow();
  });

  it('breaks the connection for a dropped answer, after the work', async () => {
    api.server.fault({ verb: 'patch', times: 1 }, 'drop-answer');
    await expect(
      call(`${PATH}/web`, { method: 'PATCH', body: '{"spec":{"replicas":6}}', headers: { 'content-type': 'application/merge-patch+json' } }),
    ).rejects.toThrow();
    expect(((await (await call(`${PATH}/web`)).json()) as Wire).spec.replicas).toBe(6);
  });

  it('passes requests through to pods, with their bodies', async () => {
    await call('/api/v1/namespaces/default/pods', {
      method: 'POST',
      body: JSON.stringify({ metadata: { name: 'p' }, spec: { containers: [{ name: 'web', image: 'web:1' }] } }),
    });
    const answer = await call('/api/v1/namespaces/default/pods/p:8080/proxy/a/b?c=d', { method: 'POST', body: 'x' });
    expect(await answer.text()).toBe('p 8080 POST /a/b?c=d');
  });

  it('answers discovery and health', async () => {
    expect(await (await call('/readyz')).text()).toBe('ok');
    const list = (await (await call('/apis/apps/v1')).json()) as Wire;
    expect(list.resources).toContainEqual(expect.objectContaining({ name: 'deployments', shortNames: ['deploy'], kind: 'Deployment' }));
    expect(((await (await call('/version')).json()) as Wire).minor).toBe('34');
  });
});
