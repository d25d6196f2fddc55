import { expect, test } from 'vitest';
import type { KubeApi, KubeObject } from './kube-api.js';
import { KubeError } from './kube-error.js';
import { ofOneLook } from './one-look.js';

const { signal } = new AbortController();

/** Counts the reads that reach the API; each answers another version, and the first of `/broken` fails. */
function counting(): { api: KubeApi; asked: string[] } {
  const asked: string[] = [];
  const read = async (path: string): Promise<KubeObject> => {
    asked.push(path);
    if (path === '/broken' && asked.length === 1) throw new KubeError({ method: 'GET', path }, 'no answer', { status: 0, reason: 'Closed' });
    return { metadata: { name: path, resourceVersion: String(asked.length) } };
  };
  const api = { get: read, list: async (path: string) => ({ items: [await read(path)], resourceVersion: '1' }) } as unknown as KubeApi;
  return { api, asked };
}

test('one look asks once for each read, another look asks again', async () => {
  const { api, asked } = counting();
  const look = ofOneLook(api);
  const [first, second] = [await look.get('/a', { signal }), await look.get('/a', { signal })];
  expect(second).toBe(first);
  await look.get('/a', { signal, query: { fieldSelector: 'x' } });
  await look.list('/a', { signal });
  expect(asked).toEqual(['/a', '/a', '/a']);
  expect((await ofOneLook(api).get('/a', { signal })).metadata.resourceVersion).toBe('4');
});

test('a read that failed is asked for anew', async () => {
  const { api, asked } = counting();
  const look = ofOneLook(api);
  await expect(look.get('/broken', { signal })).rejects.toThrow('no answer');
  expect((await look.get('/broken', { signal })).metadata.name).toBe('/broken');
  expect(asked).toHaveLength(2);
});

test('a read that another signal may end is not shared', async () => {
  const { api, asked } = counting();
  const look = ofOneLook(api);
  await Promise.all([look.get('/a', { signal }), look.get('/a', { signal: new AbortController().signal })]);
  expect(asked).toHaveLength(2);
});
