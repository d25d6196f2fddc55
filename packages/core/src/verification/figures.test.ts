import { expect, test } from 'vitest';
import { type Baseline, compareBaselines, figuresOf, percentile } from './figures.js';

const base: Baseline = {
  hash: 'a',
  images: ['r/web:1'],
  at: '2026-01-01T00:00:00Z',
  via: 'platform',
  path: '/',
  requests: 1_000,
  concurrency: 10,
  failed: 0,
  requestsPerSecond: 100,
  p50: 20,
  p95: 50,
  p99: 100,
};

test.each([
  [[], 0.5, 0],
  [[7], 0.99, 7],
  [[1, 2, 3, 4], 0.5, 2],
  [Array.from({ length: 100 }, (_, index) => index + 1), 0.95, 95],
  [Array.from({ length: 100 }, (_, index) => index + 1), 0.99, 99],
])('of %j the share %d is at %d', (sorted, share, value) => expect(percentile(sorted, share)).toBe(value));

test('figures of answers, in whatever order they came', () => {
  expect(figuresOf([30, 10, 20, 40], 1, 2)).toEqual({ requests: 4, failed: 1, requestsPerSecond: 2, p50: 20, p95: 40, p99: 40 });
});

test.each<readonly [Partial<Baseline>, Parameters<typeof compareBaselines>[2], 'pass' | 'fail', string]>([
  [{}, {}, 'pass', 'within the limits'],
  [{ p95: 62 }, {}, 'pass', 'within the limits'],
  [{ p95: 63 }, {}, 'fail', 'P95 rose from 50 to 63 ms'],
  [{ p95: 55 }, { slowerPercent: 5, slowerMs: 4 }, 'fail', 'P95'],
  [{ p50: 29 }, {}, 'pass', 'within the limits'],
  [{ failed: 10 }, {}, 'pass', 'within the limits'],
  [{ failed: 11 }, {}, 'fail', '1.1 % of requests failed, 0 % before'],
  [{ failed: 11 }, { errorPoints: 2 }, 'pass', 'within the limits'],
  [{ p50: 10, p95: 20, p99: 30 }, {}, 'pass', 'P95 20 ms, 50 before'.replace('50 before', '50 ms before')],
])('%j with %j: %s', (now, limits, verdict, says) => {
  const compared = compareBaselines(base, { ...base, hash: 'b', ...now }, limits);
  expect(compared.verdict).toBe(verdict);
  expect(compared.says.join('; ')).toContain(says);
});
