import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replicaRatio } from './realise.js';

// RR 7.1, canary/stable by R, surge and weight
const weights = [1, 10, 20, 25, 33, 50, 75, 90, 99, 100];
const table: [replicas: number, surge: number, cells: string][] = [
  [1, 0, '0/1 0/1 0/1 0/1 0/1 1/0 1/0 1/0 1/0 1/0'],
  [1, 1, '1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/1 1/0'],
  [2, 1, '1/2 1/2 1/2 1/2 1/2 1/1 2/1 2/1 2/1 2/0'],
  [3, 0, '1/2 1/2 1/2 1/2 1/2 2/1 2/1 2/1 2/1 3/0'],
  [3, 1, '1/3 1/3 1/3 1/3 1/2 2/2 3/1 3/1 3/1 3/0'],
  [5, 1, '1/5 1/5 1/4 1/4 2/4 3/3 4/1 5/1 5/1 5/0'],
  [10, 0, '1/9 1/9 2/8 3/7 3/7 5/5 8/2 9/1 9/1 10/0'],
  [10, 1, '1/10 1/9 2/8 3/8 3/7 5/5 8/3 9/1 10/1 10/0'],
];

test.each(table)('R=%i, surge %i', (replicas, surge, cells) => {
  expect(
    weights
      .map((weight) => replicaRatio(replicas, weight, surge))
      .map(({ candidate, stable }) => `${candidate}/${stable}`)
      .join(' '),
  ).toBe(cells);
});

test('between 0 and 100 both tracks have a pod, and more weight is never fewer candidate pods nor a smaller share (RR PT-1)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.constantFrom(0, 1), (replicas, surge) => {
      let [pods, share] = [0, 0];
      for (let weight = 1; weight < 100; weight += 1) {
        const { candidate, stable } = replicaRatio(replicas, weight, surge);
        expect(candidate).toBeGreaterThanOrEqual(Math.max(1, pods));
        expect(stable).toBeGreaterThanOrEqual(1);
        expect(candidate + stable).toBeGreaterThanOrEqual(replicas);
        expect(candidate + stable).toBeLessThanOrEqual(replicas + surge);
        expect(candidate / (candidate + stable)).toBeGreaterThanOrEqual(share);
        [pods, share] = [candidate, candidate / (candidate + stable)];
      }
    }),
  );
});

test.each([
  [2, 75],
  [5, 90],
  [10, 95],
  [25, 98],
  [50, 99],
])('R=%i at %i percent keeps a canary (RR CAN-1)', (replicas, weight) => {
  expect(replicaRatio(replicas, weight, 0).candidate).toBeGreaterThan(0);
});
