import { expect } from 'vitest';
import type { Traffic } from '../../bench/src/lab/index.js';

/** Both kinds of clients sent all the time and got a good answer each time. */
export function expectNoLoss({ fresh, kept }: Traffic): void {
  expect({ fresh: fresh.failures, kept: kept.failures }).toEqual({ fresh: {}, kept: {} });
  for (const { answers, requests } of [fresh, kept]) {
    const seconds = ((answers.at(-1)?.due ?? 0) - (answers[0]?.due ?? 0)) / 1_000;
    expect(seconds).toBeGreaterThan(1);
    expect(requests / seconds).toBeGreaterThan(20);
  }
}
