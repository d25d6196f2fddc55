import { expect, test } from 'vitest';
import { asStored } from './as-stored.js';
import type { CallOptions, KubeApi, KubeObject } from './kube-api.js';
import { KubeError } from './kube-error.js';

const { signal } = new AbortController();
const object = (name: string, version: string): KubeObject => ({ metadata: { name, resourceVersion: version } });

/** Reads answer version 1 of a, b and c; stored is version 2 of a, b is gone, and c may not be written. */
function lagging(): { api: KubeApi; queries: CallOptions['query'][] } {
  const queries: CallOptions['query'][] = [];
  const api: Partial<KubeApi> = {
    get: async <T extends KubeObject>(path: string) => object(path.slice(-1), '1') as T,
    list: async <T extends KubeObject>() => ({ items: ['a', 'b', 'c'].map((name) => object(name, '1') as T), resourceVersion: '1' }),
    async patch<T extends KubeObject>(path: string, _type: string, body: object, { query }: CallOptions = {}) {
      expect(body).toEqual({});
      queries.push(query);
      if (path.endsWith('/a')) return object('a', '2') as T;
      throw new KubeError({ method: 'PATCH', path }, 'no', path.endsWith('/b') ? { status: 404, reason: 'NotFound' } : { status: 403, reason: 'Forbidden' });
    },
  };
  return { api: api as KubeApi, queries };
}

test('what is read by name is as it is stored; a dry run asks', async () => {
  const { api, queries } = lagging();
  const sure = asStored(api, new Set());
  expect((await sure.get('/things/a', { signal })).metadata.resourceVersion).toBe('2');
  await expect(sure.get('/things/b', { signal })).rejects.toMatchObject({ status: 404 });
  expect((await sure.get('/things/c', { signal })).metadata.resourceVersion).toBe('1');
  expect(queries).toEqual([{ dryRun: 'All' }, { dryRun: 'All' }, { dryRun: 'All' }]);
});

test('of a list what is to be certain is as it is stored, the rest as it was read', async () => {
  const versions = async (certain: readonly string[]): Promise<readonly string[]> =>
    (await asStored(lagging().api, new Set(certain)).list('/things', { signal })).items.map(({ metadata }) => `${metadata.name}${metadata.resourceVersion}`);
  expect(await versions(['/things/a', '/things/b', '/things/c'])).toEqual(['a2', 'c1']);
  expect(await versions(['/things/a'])).toEqual(['a2', 'b1', 'c1']);
});
