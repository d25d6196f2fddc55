import { describe, expect, it } from 'vitest';
import { pod } from './__fixtures__/loopback-server.js';
import { KubeError } from './kube-error.js';
import { listAll } from './list.js';

const gone = () => new KubeError({ method: 'GET', path: '/api/v1/pods' }, 'too old', { status: 410, reason: 'Expired' });
const page = (names: string[], version: string, token?: string) => ({
  kind: 'PodList',
  apiVersion: 'v1',
  items: names.map((name) => ({ metadata: pod(name, '1').metadata })),
  metadata: { resourceVersion: version, ...(token === undefined ? {} : { continue: token }) },
});

describe('listAll', () => {
  it('follows the pages, names the kind, and keeps the version of the snapshot', async () => {
    const asked: object[] = [];
    const pages = [page(['a', 'b'], '7', 't1'), page(['c'], '7', 't2'), page(['d'], '7', '')];
    const { items, resourceVersion } = await listAll(async (query) => {
      asked.push(query);
      return pages.shift() ?? {};
    });
    expect(asked).toEqual([{ limit: '500' }, { limit: '500', continue: 't1' }, { limit: '500', continue: 't2' }]);
    expect(items.map(({ metadata, kind }) => `${kind} ${metadata.name}`)).toEqual(['Pod a', 'Pod b', 'Pod c', 'Pod d']);
    expect(resourceVersion).toBe('7');
  });

  it('starts the whole list again when a token expired, and gives no object twice', async () => {
    let tries = 0;
    const { items, resourceVersion } = await listAll(async ({ continue: token }) => {
      if (token === undefined) return page(['a'], String(7 + tries), 't');
      if (tries++ === 0) throw gone();
      return page(['b'], '8');
    });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(resourceVersion).toBe('8');
  });

  it('reads everything at once when tokens expire again and again', async () => {
    const { items } = await listAll(async ({ continue: token, limit }) => {
      if (token !== undefined) throw gone();
      return limit === undefined ? page(['a', 'b'], '9') : page(['a'], '9', 't');
    });
    expect(items).toHaveLength(2);
  });

  it('passes on what is not an expired token', async () => {
    await expect(listAll(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
