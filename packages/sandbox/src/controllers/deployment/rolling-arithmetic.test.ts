import { describe, expect, test } from 'vitest';
import { fenceposts, newSize, oldSizes, proportionalSizes } from './rolling-arithmetic.js';

describe('fenceposts', () => {
  test.each([
    ['25%', '25%', 4, { surge: 1, unavailable: 1 }],
    ['25%', '25%', 6, { surge: 2, unavailable: 1 }],
    ['25%', '25%', 1, { surge: 1, unavailable: 0 }],
    ['25%', '25%', 10, { surge: 3, unavailable: 2 }],
    [0, '10%', 5, { surge: 0, unavailable: 1 }],
    [0, 0, 5, { surge: 0, unavailable: 1 }],
    [1, 0, 5, { surge: 1, unavailable: 0 }],
    ['100%', '100%', 3, { surge: 3, unavailable: 3 }],
    [undefined, 2, 1, { surge: 0, unavailable: 1 }],
  ])('surge %s and unavailable %s of %i', (surge, unavailable, desired, expected) => {
    expect(fenceposts(surge, unavailable, desired)).toEqual(expected);
  });
});

test('a rollout of 6 with 25 % moves in the steps of Kubernetes', () => {
  const posts = fenceposts('25%', '25%', 6);
  const sizes: string[] = [];
  let [fresh, old] = [
    { size: 0, available: 0 },
    { size: 6, available: 6 },
  ];
  for (let round = 0; round < 10 && (fresh.size < 6 || old.size > 0); round++) {
    fresh = { ...fresh, size: newSize(fresh, [old], 6, posts) };
    const size = oldSizes(fresh, [old], 6, posts)[0] as number;
    old = { size, available: size };
    sizes.push(`${fresh.size}+${old.size}`);
    fresh = { size: fresh.size, available: fresh.size };
  }
  expect(sizes).toEqual(['2+5', '3+3', '5+2', '6+0']);
});

test('unavailable old pods go first, even from the younger of two old sets', () => {
  const old = [
    { size: 3, available: 3 },
    { size: 2, available: 0 },
  ];
  expect(oldSizes({ size: 1, available: 0 }, old, 4, { surge: 2, unavailable: 1 })).toEqual([3, 0]);
});

test('new pods that are not available hold the old ones back', () => {
  expect(oldSizes({ size: 1, available: 0 }, [{ size: 4, available: 4 }], 4, { surge: 1, unavailable: 0 })).toEqual([4]);
  expect(oldSizes({ size: 1, available: 1 }, [{ size: 4, available: 4 }], 4, { surge: 1, unavailable: 0 })).toEqual([3]);
});

test('a new set above the wanted size shrinks at once', () => {
  expect(newSize({ size: 5, available: 5 }, [], 3, { surge: 1, unavailable: 0 })).toBe(3);
});

describe('proportional scaling', () => {
  const set = (size: number, createdMs: number, maxBefore = 13) => ({ size, maxBefore, createdMs });
  test('up: each takes its share, the largest the rest', () => {
    // 10 wanted, surge 3, in the middle: 5 new and 8 old; now 15 wanted
    expect(proportionalSizes([set(8, 1), set(5, 2)], 15, 4)).toEqual([12, 7]);
    expect(proportionalSizes([set(8, 1), set(5, 2)], 15, 3)).toEqual([11, 7]);
  });
  test('down', () => expect(proportionalSizes([set(8, 1), set(5, 2)], 5, 2)).toEqual([4, 3]));
  test('to nothing', () => expect(proportionalSizes([set(8, 1), set(5, 2)], 0, 0)).toEqual([0, 0]));
  test('equal sizes: the younger takes the rest on the way up, the older on the way down', () => {
    expect(proportionalSizes([set(5, 1, 10), set(5, 2, 10)], 11, 0)).toEqual([5, 6]);
    expect(proportionalSizes([set(5, 1, 10), set(5, 2, 10)], 9, 0)).toEqual([4, 5]);
  });
});
