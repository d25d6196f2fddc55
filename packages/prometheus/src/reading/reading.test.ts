import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, atSeconds } from '../__fixtures__/request.js';
import { row, targetOf, vector } from '../__fixtures__/rows.js';
import { parseBody, vectorOf } from '../api/answer.js';
import { ApiError } from '../api/api-error.js';
import { http } from '../vocabularies/http.js';
import { boundsOf } from './bounds.js';
import { readTrack } from './reading.js';
import { Unreadable } from './unreadable.js';

const target = targetOf('web-1');
const read = (rows: readonly unknown[], bounds: readonly number[] = []) =>
  readTrack(vectorOf(parseBody(200, JSON.stringify(vector(rows)))), 'stable', http, { at, bounds });
const requests = row('requests', { ...target, code: '200' }, 100);
const bucket = (le: string, count: number): unknown => row('buckets', { ...target, le }, count);
/** A native histogram: its count and buckets as Prometheus writes them. */
const native = (count: number, buckets: readonly (readonly [from: number, to: number, count: number])[], labels: object = target): unknown => ({
  metric: labels,
  histogram: [atSeconds, { count: String(count), sum: '1', buckets: buckets.map(([from, to, inside]) => [0, String(from), String(to), String(inside)]) }],
});
const slow = (rows: readonly unknown[], bounds: readonly number[]) => read([requests, ...rows], bounds).targets[0]?.slow;

describe('requests above a bound', () => {
  test.each([
    ['as version 2 writes bounds', '1', '5'],
    ['as version 3 writes them', '1.0', '5.0'],
    ['in another form', '1e0', '+5'],
  ])('%s', (_, one, five) => {
    expect(slow([bucket(one, 60), bucket(five, 90), bucket('+Inf', 100)], [1, 5])).toEqual([40, 10]);
  });

  test('layouts of two series of one process add up', () => {
    expect(slow([bucket('1', 60), bucket('1.0', 5), bucket('+Inf', 100)], [1])).toEqual([35]);
  });

  test.each<[string, readonly unknown[]]>([
    ['no histogram at all', []],
    ['no bucket at this bound', [bucket('0.7', 60), bucket('+Inf', 100)]],
  ])('%s: latency is not read, requests are', (_, rows) => {
    expect(read([requests, ...rows], [0.5]).targets).toMatchObject([{ requests: 100, slow: [] }]);
  });

  test('without requests none is slow', () => {
    expect(read([row('requests', { ...target, code: '200' }, 0)], [0.5]).targets).toMatchObject([{ requests: 0, slow: [0] }]);
  });

  test('no le="+Inf": what is missing cannot be counted', () => {
    expect(() => slow([bucket('0.5', 60)], [0.5])).toThrow('without le="+Inf"');
  });

  test('native: exact at powers of two, shared out on a log scale between', () => {
    const histogram = native(100, [
      [0.25, 0.5, 70],
      [0.5, 1, 20],
      [1, 2, 10],
    ]);
    expect(slow([histogram], [0.5, 1, 2])).toEqual([30, 10, 0]);
    expect(slow([histogram], [Math.SQRT1_2])?.[0]).toBeCloseTo(10 + 10, 9);
  });

  test('native: what is zero or below is below', () => {
    expect(
      slow(
        [
          native(100, [
            [-1, -0.5, 10],
            [-0.001, 0.001, 20],
            [0.5, 1, 70],
          ]),
        ],
        [0.5],
      ),
    ).toEqual([70]);
  });

  test('classic buckets are taken where a target has both', () => {
    expect(slow([bucket('0.5', 60), bucket('+Inf', 100), native(100, [[0.25, 0.5, 99]])], [0.5])).toEqual([40]);
  });

  test('a summary has the name of a native histogram, and is none', () => {
    expect(slow([{ metric: target, value: [atSeconds, 'NaN'] }], [0.5])).toEqual([]);
  });
});

describe('when', () => {
  test('a start is what the process says, else when its first series was made', () => {
    const starts = (rows: readonly unknown[]) => read([requests, ...rows]).targets[0]?.startedAt;
    const created = row('created', target, atSeconds - 50);
    expect(starts([row('started', target, atSeconds - 60.5), created])).toBe('2026-01-01T00:08:59.500Z');
    expect(starts([created])).toBe('2026-01-01T00:09:10.000Z');
    expect(starts([])).toBeUndefined();
  });

  test.each([
    ['20 samples in five minutes', 20, 3_600, 300 / 19],
    ['300 samples', 300, 3_600, 300 / 299],
    ['3 samples of a process that is 40 s old', 3, 42, 20],
    ['one sample says nothing', 1, 3_600, 120],
  ])('the interval is seen from the samples: %s', (_, samples, age, seconds) => {
    const reading = read([requests, row('sampled', target, atSeconds - 2), row('samples', target, samples), row('started', target, atSeconds - age)]);
    expect(reading.intervalMs).toBeCloseTo(Math.max(1, seconds) * 1_000, 6);
  });
});

describe('bounds of the last hour', () => {
  const known = (rows: readonly unknown[]) => boundsOf(vectorOf(parseBody(200, JSON.stringify(vector(rows)))).rows, http);
  const all = (le: string, count: number): unknown => row('buckets', { le }, count);

  test('are the classic ones, with the share that is slower', () => {
    expect(known([all('0.1', 500), all('+Inf', 1_000), all('1.0', 990)])).toEqual([
      { seconds: 0.1, slower: 0.5 },
      { seconds: 1, slower: 0.01 },
    ]);
  });

  test('are powers of two of a native histogram', () => {
    const bounds = known([
      native(
        100,
        [
          [0.25, 0.5, 90],
          [0.5, 1, 10],
        ],
        {},
      ),
    ]);
    expect(bounds.filter(({ seconds }) => [0.25, 0.5, 1].includes(seconds))).toEqual([
      { seconds: 0.25, slower: 1 },
      { seconds: 0.5, slower: 0.1 },
      { seconds: 1, slower: 0 },
    ]);
  });

  test('are none where nothing was served', () => {
    expect(known([])).toEqual([]);
    expect(known([all('0.1', 0), all('+Inf', 0)])).toEqual([]);
  });
});

describe('whatever an answer holds', () => {
  const text = fc.oneof(fc.constantFrom('NaN', '+Inf', '-Inf', '-1', '1e309', '', '0x10', '1', '7.5'), fc.string());
  const label = fc.constantFrom('shepherd', 'job', 'instance', 'pod', 'code', 'le', '__proto__');
  const part = fc.constantFrom('requests', 'errors', 'buckets', 'native', 'sampled', 'samples', 'started', 'created', 'toString');
  const rows = fc.array(
    fc.record({
      metric: fc.dictionary(label, fc.oneof(part, text)),
      value: fc.oneof(fc.tuple(fc.double(), text), fc.jsonValue()),
      histogram: fc.option(fc.jsonValue(), { nil: undefined }),
    }),
  );
  const bodies = fc.oneof(
    fc.json(),
    fc.string(),
    rows.map((result) => JSON.stringify(vector(result))),
  );

  test('it is counts, or it says why not', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        try {
          const { targets } = readTrack(vectorOf(parseBody(200, body)), 'stable', http, { at, bounds: [0.5] });
          for (const { requests: all, errors, slow: over } of targets) {
            for (const count of [all, errors, ...over]) expect(Number.isFinite(count) && count >= 0).toBe(true);
            expect(errors).toBeLessThanOrEqual(all);
          }
        } catch (error) {
          if (!(error instanceof ApiError || error instanceof Unreadable)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
