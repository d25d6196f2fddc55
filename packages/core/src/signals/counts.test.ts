import { describe, expect, test } from 'vitest';
import type { MetricsReading } from '../ports/metrics-provider.js';
import { type Counted, Counting, nothingCounted, plus, quantile } from './counts.js';
import { formatSignals, signalsOf, summed } from './signals.js';
import { moreErrors, slower, wilson } from './worse.js';

const at = '2026-01-01T00:00:00.000Z';
const reading = (...targets: readonly (readonly [target: string, requests: number, errors: number, quick?: number])[]): MetricsReading => ({
  kind: 'counters',
  at,
  targets: targets.map(([target, requests, errors, quick]) => ({
    track: 'stable',
    target,
    sampledAt: at,
    requests,
    errors,
    slow: [],
    ...(quick === undefined
      ? {}
      : {
          latencies: [
            [0.1, quick],
            [null, requests],
          ] as const,
        }),
  })),
});

describe('what was counted between two readings', () => {
  test('is what the counters rose by; a process that began anew counts from zero, one that is new from its next reading', () => {
    const counting = new Counting();
    expect(counting.next(reading(['a', 100, 1, 90]))).toBeUndefined();
    expect(counting.next(reading(['a', 150, 4, 130], ['b', 1_000, 900]))).toEqual({
      requests: 50,
      errors: 3,
      latencies: [
        [0.1, 40],
        [null, 50],
      ],
    });
    expect(counting.next(reading(['a', 20, 2, 10]))).toEqual({
      requests: 20,
      errors: 2,
      latencies: [
        [0.1, 10],
        [null, 20],
      ],
    });
    expect(counting.next({ kind: 'unavailable', reason: 'no-data', detail: '' })).toBeUndefined();
  });

  test('has a quantile by buckets, as histogram_quantile has it', () => {
    expect(
      quantile(
        [
          [0.1, 50],
          [0.2, 100],
          [null, 100],
        ],
        0.75,
      ),
    ).toBeCloseTo(0.15, 9);
    expect(
      quantile(
        [
          [0.1, 50],
          [null, 100],
        ],
        0.99,
      ),
    ).toBe(0.1);
    expect(
      quantile(
        [
          [0.1, 0],
          [null, 0],
        ],
        0.99,
      ),
    ).toBeUndefined();
    expect(quantile([], 0.99)).toBeUndefined();
  });

  test('without requests is no error rate, and without anything measured is said so', () => {
    expect(signalsOf({}, nothingCounted)).toEqual({});
    expect(formatSignals({})).toBe('CPU not measured · memory not measured · errors not measured · P99 not measured · database connections not measured');
    expect(summed(summed({}, { cpu: 2 }), {})).toEqual({ cpu: { first: 2, last: 2, least: 2, most: 2, times: 1 } });
    expect(signalsOf({ memory: { a: { used: 10, limit: 100 }, b: { used: 9, limit: 10 } } }, nothingCounted)).toEqual({ memory: 9 });
  });

  test('in other buckets is not added to those', () => {
    const a: Counted = {
      requests: 1,
      errors: 0,
      latencies: [
        [0.1, 1],
        [null, 1],
      ],
    };
    const b: Counted = {
      requests: 2,
      errors: 1,
      latencies: [
        [0.2, 1],
        [null, 2],
      ],
    };
    expect(plus(a, b)).toEqual({ requests: 3, errors: 1, latencies: b.latencies });
    expect(plus(a, nothingCounted).latencies).toEqual(a.latencies);
  });
});

describe('worse than before', () => {
  const counted = (requests: number, errors: number, slow = 0): Counted => ({
    requests,
    errors,
    latencies: [
      [0.1, requests - slow],
      [1, requests],
      [null, requests],
    ],
  });

  test('Wilson’s interval holds the share, and is whole at the ends', () => {
    expect(wilson(0, 100).lower).toBe(0);
    expect(wilson(100, 100).upper).toBe(1);
    const { lower, upper } = wilson(10, 1_000);
    expect([lower < 0.01, upper > 0.01]).toEqual([true, true]);
  });

  test.each([
    ['three in a hundred where there were none', counted(6_000, 180), counted(30_000, 0), true],
    ['the same', counted(6_000, 60), counted(30_000, 300), false],
    ['more, but by less than one in a hundred', counted(600_000, 3_000), counted(600_000, 600), false],
    ['more, of too few to know', counted(120, 2), counted(30_000, 30), false],
    ['of too few before', counted(6_000, 600), counted(100, 0), false],
    ['better', counted(6_000, 0), counted(30_000, 3_000), false],
  ])('errors: %s', (_, now, before, is) => {
    expect(moreErrors(now, before) !== undefined).toBe(is);
  });

  test.each([
    ['five in a hundred over what was the P99', counted(6_000, 0, 300), counted(30_000, 0, 30), true],
    ['as before', counted(6_000, 0, 6), counted(30_000, 0, 30), false],
    ['P99 was higher before', counted(6_000, 0, 300), counted(30_000, 0, 3_000), false],
    ['latency is not counted', { requests: 6_000, errors: 0, latencies: [] }, counted(30_000, 0), false],
  ])('P99: %s', (_, now, before, is) => {
    expect(slower(now, before) !== undefined).toBe(is);
  });
});
