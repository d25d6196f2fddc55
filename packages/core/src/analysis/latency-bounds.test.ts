import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundsOf, chooseBounds, limitBounds } from './latency-bounds.js';

const histogram = [
  { seconds: 0.1, slower: 0.4 },
  { seconds: 0.25, slower: 0.06 },
  { seconds: 0.5, slower: 0.004 },
  { seconds: 0.75, slower: 0.003 },
  { seconds: 1, slower: 0.0005 },
  { seconds: Number.POSITIVE_INFINITY, slower: 0 },
];

test('two bounds that tell something, and the first of the tail', () => {
  expect(chooseBounds(histogram)).toEqual([0.25, 0.5, 1]);
  expect(chooseBounds([{ seconds: 0.1, slower: 0.9 }])).toEqual([]);
});

test('a limit between two bounds is tested above and certified below; beyond the last it can never break', () => {
  const bounds = histogram.map(({ seconds }) => seconds);
  expect(limitBounds(0.3, bounds)).toEqual({ test: 0.5, certify: 0.25 });
  expect(limitBounds(0.5, bounds)).toEqual({ test: 0.5, certify: 0.5 });
  expect(limitBounds(0.05, bounds)).toEqual({ test: 0.1 });
  expect(limitBounds(3, bounds)).toBeUndefined();
});

test('a breach at the bound that is tested is a breach of the limit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.001, max: 60, noNaN: true }), { minLength: 1 }),
      fc.double({ min: 0.001, max: 60, noNaN: true }),
      (bounds, limit) => {
        const found = limitBounds(limit, bounds);
        expect(found === undefined).toBe(bounds.every((bound) => bound < limit));
        if (found !== undefined) expect(found.test).toBeGreaterThanOrEqual(limit);
        if (found?.certify !== undefined) expect(found.certify).toBeLessThanOrEqual(limit);
      },
    ),
  );
});

test('one list for the provider, each bound once, lowest first', () => {
  expect(boundsOf({ compare: [0.5, 0.25], limit: { test: 0.5, certify: 0.1 } })).toEqual([0.1, 0.25, 0.5]);
});
