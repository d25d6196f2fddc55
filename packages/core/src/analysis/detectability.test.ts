import { expect, test } from 'vitest';
import { detectability } from './detectability.js';

test('what AN 1.4 works out for a tenth of the traffic and one failure in a thousand', () => {
  const rows = [5, 2, 1.5].map((effect) => detectability({ requestsPerSecond: 40, share: 0.1, baseRate: 0.001, effect }));
  expect(rows.map(({ errors }) => Math.round(errors))).toEqual([22, 172, 580]);
  expect(rows.map(({ candidateRequests }) => Math.round(candidateRequests))).toEqual([1_588, 15_681, 55_248]);
});

test('the sentence of the plan', () => {
  expect(detectability({ requestsPerSecond: 40, share: 0.1, baseRate: 0.001 }).sentence).toBe(
    'at 40 requests/s and 10 % a fivefold error rate of 0.1 % shows after about 7 min (23 errors, 1,588 requests of the candidate)',
  );
  expect(detectability({ requestsPerSecond: 0, share: 0.1, baseRate: 0.001 }).sentence).toContain('never shows');
});
