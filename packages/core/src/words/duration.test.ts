import { expect, test } from 'vitest';
import { formatMs, parseDuration } from './duration.js';

test('a duration needs a unit', () => {
  expect(parseDuration('180')).toBeUndefined();
  expect(parseDuration('-3s')).toBeUndefined();
  expect(parseDuration('1.5h')).toBe(5_400_000);
  expect(parseDuration('250ms')).toBe(250);
});

test('people read it with the largest two units', () => {
  expect([850, 1_500, 12_000, 270_000, 7_500_000].map(formatMs)).toEqual(['850 ms', '1.5 s', '12 s', '4 min 30 s', '2 h 5 min']);
});
