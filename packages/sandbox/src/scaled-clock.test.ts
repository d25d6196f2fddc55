import { VirtualClock } from '@shepherd/core/testing';
import { expect, test } from 'vitest';
import { ScaledClock } from './scaled-clock.js';

test('time passes so many times faster, by every way of asking, and two clocks agree', async () => {
  const slow = new VirtualClock({ auto: true });
  const [a, b] = [new ScaledClock(slow, { speed: 20 }), new ScaledClock(slow, { speed: 20 })];
  const before = { now: a.now().getTime(), monotonic: a.monotonicMs(), slow: slow.monotonicMs() };
  await a.sleep(60_000);
  expect(slow.monotonicMs() - before.slow).toBe(3_000);
  expect([a.now().getTime() - before.now, a.monotonicMs() - before.monotonic]).toEqual([60_000, 60_000]);
  expect(b.now()).toEqual(a.now());
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('%d is no speed', (speed) => {
  expect(() => new ScaledClock(new VirtualClock(), { speed })).toThrow(RangeError);
});
