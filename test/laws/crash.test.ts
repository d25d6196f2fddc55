import { expect, test } from 'vitest';
import { virtualPoints } from '../../bench/src/crash/virtual/run-points.js';

// PT-5 in short; `npm run bench -- crash` kills at every write and at every state of the world.
test.each([
  { strategy: 'rolling', release: 'good', few: 4 },
  { strategy: 'blue-green', release: 'sick', few: 3 },
  { strategy: 'canary', release: 'sick', few: 2 },
] as const)('a runner of $strategy/$release that is killed is replaced, and nothing is lost', async ({ few, ...scenario }) => {
  const { points, held, failures } = await virtualPoints({
    scenarios: [scenario],
    every: false,
    doubles: 0,
    random: () => 0,
    // Spread over the run, before and after.
    sample: (all) => all.filter((_, index) => index % Math.floor(all.length / few) === 4),
    log: () => undefined,
  });
  expect(failures).toEqual([]);
  expect(points).toBeGreaterThanOrEqual(few);
  expect(held).toBe(points);
});
