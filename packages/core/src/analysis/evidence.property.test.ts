import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gainOf } from './comparison.js';
import { logAdd, logSum } from './log-add.js';

const logFactorials = [0];
for (let k = 1; k <= 5_000; k += 1) logFactorials.push((logFactorials[k - 1] as number) + Math.log(k));
const choose = (n: number, k: number): number => (logFactorials[n] as number) - (logFactorials[k] as number) - (logFactorials[n - k] as number);

test('E exp l is at most 1 for any error rate, share and effect: one look more costs nothing (AN 4.1)', () => {
  const law = fc.record({
    c: fc.integer({ min: 1, max: 2_000 }),
    s: fc.integer({ min: 1, max: 2_000 }),
    rate: fc.double({ min: 0.001, max: 0.999, noNaN: true }),
    m: fc.constantFrom(1, 1.5),
    // A better candidate only lowers it.
    odds: fc.double({ min: 0.2, max: 1, noNaN: true }),
    effect: fc.double({ min: 1.01, max: 60, noNaN: true }),
  });
  fc.assert(
    fc.property(law, ({ c, s, rate, m, odds, effect }) => {
      const e = Math.round((c + s) * rate);
      const [least, most] = [Math.max(0, e - s), Math.min(c, e)];
      const weights: number[] = [];
      const gains: number[] = [];
      for (let x = least; x <= most; x += 1) {
        weights.push(choose(c, x) + choose(s, e - x) + x * Math.log(m * odds));
        gains.push(gainOf({ c, s, x, y: e - x }, m * effect, m));
      }
      const logMean = logSum(weights.map((weight, i) => weight + (gains[i] as number))) - logSum(weights);
      expect(logMean).toBeLessThanOrEqual(1e-9);
    }),
  );
});

test('sums of logarithms', () => {
  const term = fc.oneof(fc.double({ min: -700, max: 700, noNaN: true }), fc.constant(Number.NEGATIVE_INFINITY));
  fc.assert(
    fc.property(term, term, (a, b) => {
      expect(logAdd(a, b)).toBe(logAdd(b, a));
      if (Number.isFinite(a) || Number.isFinite(b)) expect(Math.abs(logAdd(a, b) - logSum([a, b]))).toBeLessThan(1e-9);
    }),
  );
  expect(logSum([])).toBe(Number.NEGATIVE_INFINITY);
});

describe('AN 7, 15: by the exact law of the split', () => {
  /** Fisher's noncentral hypergeometric law with odds m. */
  function expectation(n: number, c: number, e: number, psi: number, m: number): number {
    const counts = Array.from({ length: e + 1 }, (_, x) => x).filter((x) => x <= c && e - x <= n - c);
    const weights = counts.map((x) => choose(c, x) + choose(n - c, e - x) + x * Math.log(m));
    const all = logSum(weights);
    return counts.reduce((sum, x, i) => sum + Math.exp((weights[i] as number) - all + gainOf({ c, s: n - c, x, y: e - x }, psi, m)), 0);
  }
  test.each([
    [1500, 150, 15, 1.4, 1, 0.999069],
    [1500, 150, 15, 3.5, 1, 0.975246],
    [1500, 150, 15, 16, 1, 0.796755],
    [300, 75, 150, 1.4, 1, 0.414046],
    [1500, 150, 15, 2.1, 1.5, 0.99527],
  ])('N %i, c %i, e %i, psi %f, m %f', (n, c, e, psi, m, expected) => expect(Math.abs(expectation(n, c, e, psi, m) - expected)).toBeLessThan(1e-6));
});
