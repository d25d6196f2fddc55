import { expect, test } from 'vitest';
import { type Point, quantile, seriesRows, sparkline, withPoint } from './series.js';

const poll = (at: number, candidate: [number, number, number[]], stable: [number, number, number[]]) => ({
  poll: {
    at: new Date(at).toISOString(),
    counts: { candidate: { requests: candidate[0], errors: candidate[1] }, stable: { requests: stable[0], errors: stable[1] } },
    slow: candidate[2].map((slow, index) => ({ candidate: slow, stable: stable[2][index] ?? 0 })),
  },
  bounds: [0.1, 0.25, 1],
});

test.each<[readonly number[], number | undefined]>([
  // Of 1,000 requests 10 are over 250 ms: one in a hundred exactly.
  [[200, 10, 0], 250],
  // Between 100 ms (20 over it) and 250 ms (0): half way.
  [[20, 0, 0], 175],
  [[0, 0, 0], 99],
  // More than one in a hundred is over the highest bound: at least that.
  [[500, 400, 300], 1_000],
  [[1], undefined],
])('P99 of slow counts %j is %j ms', (slow, ms) => {
  const value = quantile([0.1, 0.25, 1], slow, 1_000);
  expect(value === undefined ? undefined : Math.round(value)).toBe(ms);
});

test('a poll counts once; a track without requests has no share', () => {
  const first = withPoint([], poll(0, [100, 2, [10, 0, 0]], [0, 0, [0, 0, 0]]));
  expect(first).toMatchObject([{ errors: { new: 0.02, old: undefined } }]);
  expect(withPoint(first, poll(0, [100, 2, []], [0, 0, []]))).toBe(first);
  expect(withPoint(first, undefined)).toBe(first);
  expect(withPoint(first, { elapsedMs: 3 })).toBe(first);
});

test('a sparkline: zero at the bottom, the highest at the top, gaps', () => {
  expect(sparkline([0, 1, 2, undefined, 8])).toBe('▁▂▃ █');
  expect(sparkline([0, 0])).toBe('▁▁');
});

const points = [1, 2, 3].reduce<readonly Point[]>((so, at) => withPoint(so, poll(at, [1_000, at * 4, [200, 10, 0]], [3_000, 3, [60, 30, 0]])), []);

test('rows: the line, the last value, the old version', () => {
  expect(seriesRows(points, 80).map(({ text }) => text)).toEqual([
    '    errors  ▃▆█ 1.2 % (old version 0.1 %)',
    '    P99     ███ about 250 ms (old version about 250 ms)',
  ]);
  expect(seriesRows([], 80)).toEqual([]);
});

test.each([30, 40, 50, 60, 120])('%i wide: the figures stay, the line gives way', (width) => {
  for (const { text } of seriesRows(points, width)) {
    expect(text).toContain('old version');
    if (width >= 60) expect(text.length).toBeLessThanOrEqual(width);
  }
});

test('no more points are kept than there is room for', () => {
  const many = Array.from({ length: 500 }, (_, at) => poll(at, [10, 1, [1, 0, 0]], [10, 0, [0, 0, 0]])).reduce<readonly Point[]>(withPoint, []);
  expect(many).toHaveLength(60);
  expect(many.at(-1)?.at).toBe(new Date(499).toISOString());
});
