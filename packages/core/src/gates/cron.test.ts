import { describe, expect, test } from 'vitest';
import { lastMatch, nextMatch, parseCron } from './cron.js';

const wall = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`) / 60_000;
const text = (minute: number | undefined): string | undefined =>
  minute === undefined ? undefined : new Date(minute * 60_000).toISOString().slice(0, 16).replace('T', ' ');
const cronOf = (expression: string) => {
  const cron = parseCron(expression);
  if (typeof cron === 'string') throw new Error(cron);
  return cron;
};

// Wanted answers are those of Vixie cron's manual page, worked out by hand.
test.each([
  ['0 2 * * *', '2026-03-10 01:59', '2026-03-10 02:00', '2026-03-09 02:00'],
  ['0 2 * * *', '2026-03-10 02:00', '2026-03-10 02:00', '2026-03-10 02:00'],
  ['*/15 9-17 * * 1-5', '2026-11-27 17:46', '2026-11-30 09:00', '2026-11-27 17:45'],
  ['30 4 1,15 * 5', '2026-11-26 00:00', '2026-11-27 04:30', '2026-11-20 04:30'],
  ['0 0 29 2 *', '2026-01-01 00:00', '2028-02-29 00:00', '2024-02-29 00:00'],
  ['0 12 * jan,JUL sun', '2026-07-01 00:00', '2026-07-05 12:00', '2026-01-25 12:00'],
  ['5/20 * * * 7', '2026-11-29 00:06', '2026-11-29 00:25', '2026-11-29 00:05'],
])('%s from %s', (expression, at, next, last) => {
  const cron = cronOf(expression);
  expect(text(nextMatch(cron, wall(at), wall(at) + 5 * 366 * 1440))).toBe(next);
  expect(text(lastMatch(cron, wall(at), wall(at) - 5 * 366 * 1440))).toBe(last);
});

test('the end of what is looked at is not part of it', () => {
  const cron = cronOf('0 2 * * *');
  expect(nextMatch(cron, wall('2026-03-10 01:00'), wall('2026-03-10 02:00'))).toBeUndefined();
  expect(lastMatch(cron, wall('2026-03-10 03:00'), wall('2026-03-10 02:00'))).toBeUndefined();
});

describe('is refused', () => {
  test.each([
    ['0 2 * *', 'five fields'],
    ['0 2 * * * *', 'five fields'],
    ['60 2 * * *', 'minute: numbers from 0 to 59'],
    ['0 24 * * *', 'hour: numbers from 0 to 23'],
    ['0 2 0 * *', 'day of the month: numbers from 1 to 31'],
    ['0 2 * 13 *', 'month: numbers from 1 to 12 or jan to dec'],
    ['0 2 * * 8', 'day of the week: numbers from 0 to 7 or sun to sat'],
    ['0 2 * * fri-mon', 'day of the week'],
    ['*/0 * * * *', 'minute'],
    ['1-2-3 * * * *', 'minute'],
    ['1, * * * *', 'minute'],
    ['-1 * * * *', 'minute'],
    ['@daily', 'five fields'],
  ])('%s', (expression, said) => expect(parseCron(expression)).toContain(said));
});
