import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leakOf } from './leak.js';
import { type Point, theilSen } from './theil-sen.js';

const minute = 60_000;
const mib = 2 ** 20;

/** Normal noise from a seed (mulberry32, Box–Muller). */
function noiseOf(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** How far a collector's cycle is, 0 to 1; no two cycles last equally long. */
function cycleOf(random: () => number, periodMs: number, phase = 0): (atMs: number) => number {
  const ends = [-phase * periodMs];
  while ((ends.at(-1) as number) < 61 * minute) ends.push((ends.at(-1) as number) + periodMs * Math.max(0.5, 1 + 0.1 * random()));
  return (atMs) => {
    const i = ends.findLastIndex((end) => end <= atMs);
    return (atMs - (ends[i] as number)) / ((ends[i + 1] as number) - (ends[i] as number));
  };
}

/** A sample each 30 s for so many minutes. */
const samplesOf = (minutes: number, bytes: (atMs: number) => number): readonly Point[] =>
  Array.from({ length: minutes * 2 + 1 }, (_, i) => ({ atMs: i * 30_000, value: bytes(i * 30_000) }));
/** As the watch asks: at each sample. */
const everFound = (samples: readonly Point[], limit?: number): number | undefined => {
  const at = samples.findIndex((_, i) => leakOf(samples.slice(0, i + 1), { limit, most: 0.1 }) !== undefined);
  return at < 0 ? undefined : (samples[at] as Point).atMs / minute;
};

describe('the slope', () => {
  test('of a line is that of the line, and its bound too', () => {
    const line = Array.from({ length: 8 }, (_, i) => ({ atMs: i * 10, value: 5 + 2 * i * 10 }));
    expect(theilSen(line)).toEqual({ slope: 2, lower: 2 });
  });
  test('is not moved by two of eight points that lie anywhere', () => {
    const line = Array.from({ length: 8 }, (_, i) => ({ atMs: i, value: i === 2 ? 900 : i === 5 ? -900 : i }));
    expect(theilSen(line).slope).toBeCloseTo(1, 6);
  });
  test('of a few points has no bound', () => {
    expect(theilSen([1, 2, 3].map((i) => ({ atMs: i, value: i }))).lower).toBeUndefined();
    expect(theilSen([])).toEqual({ slope: 0, lower: undefined });
  });
});

describe('a leak', () => {
  test('is found from 15 minutes on, with how fast it grows', () => {
    const samples = samplesOf(15, (atMs) => (100 + atMs / minute) * mib);
    expect(leakOf(samples.slice(0, -1), { most: 0.1 })).toBeUndefined();
    const found = leakOf(samples, { most: 0.1 });
    expect(Math.abs((found?.perHour ?? 0) / mib - 60)).toBeLessThan(2);
    expect(found?.ofLimit).toBe(false);
    expect(leakOf(samples, { most: 0.1, limit: 1_000 * mib })).toBeUndefined();
    expect(leakOf(samples, { most: 0.05, limit: 1_000 * mib })).toMatchObject({ ofLimit: true });
  });

  test('with noise and a collector on top is found within 30 minutes of any start', () => {
    const script = fc.record({
      seed: fc.integer(),
      /** Of the level, an hour. */
      grows: fc.double({ min: 0.6, max: 4, noNaN: true }),
      noise: fc.double({ min: 0, max: 0.01, noNaN: true }),
      periodMs: fc.integer({ min: 10_000, max: 90_000 }),
      amplitude: fc.double({ min: 0, max: 0.1, noNaN: true }),
    });
    fc.assert(
      fc.property(script, ({ seed, grows, noise, periodMs, amplitude }) => {
        const random = noiseOf(seed);
        const cycle = cycleOf(random, periodMs);
        const samples = samplesOf(30, (atMs) => 200 * mib * (1 + (grows * atMs) / (60 * minute) + noise * random() + amplitude * cycle(atMs)));
        expect(everFound(samples)).toBeLessThanOrEqual(30);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test('is not what a collector frees again, however it falls on the samples', () => {
    const script = fc.record({
      seed: fc.integer(),
      noise: fc.double({ min: 0, max: 0.02, noNaN: true }),
      periodMs: fc.integer({ min: 5_000, max: 3 * minute }),
      phase: fc.double({ min: 0, max: 1, noNaN: true }),
      amplitude: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(script, ({ seed, noise, periodMs, phase, amplitude }) => {
        const random = noiseOf(seed);
        const cycle = cycleOf(random, periodMs, phase);
        const samples = samplesOf(45, (atMs) => 200 * mib * (1 + noise * random() + amplitude * cycle(atMs)));
        expect(everFound(samples)).toBeUndefined();
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test('is not a warm-up that levels off, nor one with a limit that it will not reach', () => {
    const script = fc.record({
      seed: fc.integer(),
      noise: fc.double({ min: 0, max: 0.005, noNaN: true }),
      /** After this 63 % of the way is done. */
      tauMs: fc.integer({ min: 10_000, max: 6 * minute }),
      grows: fc.double({ min: 0, max: 3, noNaN: true }),
    });
    fc.assert(
      fc.property(script, ({ seed, noise, tauMs, grows }) => {
        const random = noiseOf(seed);
        const samples = samplesOf(45, (atMs) => 100 * mib * (1 + grows * (1 - Math.exp(-atMs / tauMs)) + noise * random()));
        expect(everFound(samples)).toBeUndefined();
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test('is not a step, as of a cache that was filled once', () => {
    expect(everFound(samplesOf(60, (atMs) => (atMs < 9 * minute ? 100 : 180) * mib))).toBeUndefined();
  });
});
