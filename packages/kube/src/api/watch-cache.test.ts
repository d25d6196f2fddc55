import { expect, it } from 'vitest';
import { pod } from './__fixtures__/loopback-server.js';
import { WatchCache } from './watch-cache.js';

const names = (cache: WatchCache<ReturnType<typeof pod>>): string =>
  cache
    .snapshot()
    .map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`)
    .join(' ');

it('knows news from what it knows', () => {
  const cache = new WatchCache<ReturnType<typeof pod>>();
  expect(cache.replace([pod('b', '1'), pod('a', '1')])).toBe(true);
  const first = cache.snapshot();
  expect(names(cache)).toBe('a@1 b@1');
  expect(cache.replace([pod('a', '1'), pod('b', '1')])).toBe(false);
  expect(cache.put(pod('a', '1'))).toBe(false);
  expect(cache.remove(pod('c', '9'))).toBe(false);
  expect(cache.snapshot()).toBe(first);
  // Versions have no order: a lower one is news as well.
  expect(cache.put(pod('a', '0'))).toBe(true);
  expect(cache.remove(pod('b', '2'))).toBe(true);
  expect(names(cache)).toBe('a@0');
  expect(cache.replace([])).toBe(true);
  expect(cache.replace([])).toBe(false);
});

it('tells an object from another of the same name by its uid', () => {
  const cache = new WatchCache<ReturnType<typeof pod>>();
  const again = pod('a', '5', { uid: 'other' });
  cache.replace([pod('a', '1')]);
  expect(cache.replace([again])).toBe(true);
  cache.remove(pod('a', '4'));
  expect(names(cache)).toBe('a@5');
});
