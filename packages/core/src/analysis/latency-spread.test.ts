import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MetricsReading } from '../ports/metrics-provider.js';
import { LatencySpread } from './latency-spread.js';

type Buckets = readonly (readonly [number | null, number])[];
const at = '2026-01-01T00:00:00.000Z';
const reading = (...targets: readonly (readonly [track: 'stable' | 'candidate', target: string, latencies: Buckets])[]): MetricsReading => ({
  kind: 'counters',
  at,
  targets: targets.map(([track, target, latencies]) => ({ track, target, sampledAt: at, requests: 0, errors: 0, slow: [], latencies })),
});
const buckets = (...counts: readonly number[]): Buckets => [0.005, 0.05, 0.5, null].map((bound, i) => [bound, counts[i] ?? 0]);

test('of the new version all is counted, of stable what came since; each quantile with the bucket that it lies in', () => {
  const spread = new LatencySpread('candidate');
  spread.observe(reading(['candidate', 'a', buckets(60, 96, 100, 100)], ['stable', 'b', buckets(9_000, 9_000, 9_000, 9_000)]));
  expect(spread.quantiles).toEqual({ candidate: { p50: [0, 0.005], p95: [0.005, 0.05], p99: [0.05, 0.5] } });
  spread.observe(reading(['candidate', 'a', buckets(60, 96, 100, 100)], ['stable', 'b', buckets(9_000, 9_000, 9_000, 9_100)]));
  expect(spread.note).toBe('latency, P50, P95 and P99: candidate up to 5 ms, 5 to 50 ms, 50 to 500 ms; stable over 500 ms, over 500 ms, over 500 ms');
});

test('a process that began anew is counted from zero, one that counts in other buckets not with the rest', () => {
  const spread = new LatencySpread('candidate');
  spread.observe(reading(['stable', 'b', buckets(100, 100, 100, 100)]));
  spread.observe(reading(['stable', 'b', buckets(10, 10, 10, 10)], ['candidate', 'a', buckets(1, 1, 1, 1)], ['candidate', 'c', [[null, 50]]]));
  expect(spread.quantiles).toEqual({ stable: { p50: [0, 0.005], p95: [0, 0.005], p99: [0, 0.005] }, candidate: expect.anything() });
  expect(spread.quantiles?.candidate?.p99).toEqual([0, 0.005]);
});

test('nothing known says nothing', () => {
  const spread = new LatencySpread('candidate');
  spread.observe({ kind: 'unavailable', reason: 'stale', detail: '' });
  spread.observe(reading(['candidate', 'a', buckets(0, 0, 0, 0)]));
  expect([spread.quantiles, spread.note]).toEqual([undefined, undefined]);
});

test('a quantile lies where that share of the requests does, however they came', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (latencies, polls) => {
      const spread = new LatencySpread('candidate');
      for (let poll = 1; poll <= polls; poll += 1) {
        const seen = latencies.slice(0, Math.ceil((latencies.length * poll) / polls));
        const count = (bound: number): number => seen.filter((latency) => latency <= bound).length;
        spread.observe(reading(['candidate', 'a', buckets(count(0.005), count(0.05), count(0.5), seen.length)]));
      }
      const sorted = latencies.toSorted((a, b) => a - b);
      const found = spread.quantiles?.candidate;
      for (const [name, share] of [
        ['p50', 0.5],
        ['p95', 0.95],
        ['p99', 0.99],
      ] as const) {
        const [above, atMost] = found?.[name] ?? [Number.NaN, Number.NaN];
        const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
        expect(exact).toBeLessThanOrEqual(atMost ?? Number.POSITIVE_INFINITY);
        if (above > 0) expect(exact).toBeGreaterThan(above);
      }
    }),
  );
});
