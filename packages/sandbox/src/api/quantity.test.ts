import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalQuantity, compareQuantities, isQuantity, quantityToNumber } from './quantity.js';

describe('quantities', () => {
  it.each([
    ['0.5', '500m'],
    [1, '1'],
    ['1000m', '1'],
    ['1.5Gi', '1536Mi'],
    ['1024Mi', '1Gi'],
    ['1024', '1024'],
    ['1000', '1k'],
    ['0.5Gi', '512Mi'],
    ['2e3', '2e3'],
    ['100e2', '10e3'],
    ['-1', '-1'],
    ['0', '0'],
    ['1e-3', '1e-3'],
    ['0.5Ki', '512'],
  ])('%s is %s', (given, canonical) => {
    expect(canonicalQuantity(given)).toBe(canonical);
  });

  it.each([
    ['1', '1000m', 0],
    ['1Gi', '1G', 1],
    ['100m', '0.2', -1],
  ])('compares %s with %s', (a, b, expected) => {
    expect(compareQuantities(a, b)).toBe(expected);
  });

  it('tells what is none', () => {
    expect(['1Q', '', 'x', '1 Gi', '--1'].filter(isQuantity)).toEqual([]);
    expect(quantityToNumber('1.5Ki')).toBe(1536);
  });

  it('keeps its value in canonical form', () => {
    const unit = fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'Gi');
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e9 }), unit, (n, suffix) => compareQuantities(canonicalQuantity(`${n}${suffix}`), `${n}${suffix}`) === 0));
  });
});
