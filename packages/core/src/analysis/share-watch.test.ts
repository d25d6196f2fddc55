import { expect, test } from 'vitest';
import { ShareWatch } from './share-watch.js';
import type { Poll } from './split.js';

const poll = (candidate: number, stable: number): Poll => ({
  at: '2026-01-01T00:00:00.000Z',
  seconds: 15,
  counts: { candidate: { requests: candidate, errors: 0 }, stable: { requests: stable, errors: 0 } },
});

function watch(polls: number, each: Poll, weight: number): ShareWatch {
  const share = new ShareWatch();
  for (let i = 0; i < polls; i += 1) share.observe(each, weight);
  return share;
}

test('a share that is off by more than a third for two minutes is said, with its counts', () => {
  expect(watch(7, poll(20, 980), 25).warning).toBeUndefined();
  expect(watch(8, poll(20, 980), 25).warning).toMatch(/^the candidate got 160 of 8,000 requests lately \(2 %\), where its weight is 25 %/);
  expect(watch(8, poll(400, 600), 25).warning).toContain('(40 %)');
});

test('what is within a third, what chance may do, and all or nothing are not', () => {
  expect(watch(20, poll(200, 800), 25).warning).toBeUndefined();
  expect(watch(20, poll(0, 2), 10).warning).toBeUndefined();
  expect(watch(20, poll(0, 0), 10).warning).toBeUndefined();
  expect(watch(20, poll(0, 1_000), 0).warning).toBeUndefined();
  expect(watch(20, poll(0, 1_000), 100).warning).toBeUndefined();
});

test('another weight, and two good minutes, begin anew', () => {
  const share = watch(8, poll(20, 980), 25);
  share.observe(poll(20, 980), 50);
  expect(share.warning).toBeUndefined();
  const again = watch(8, poll(20, 980), 25);
  for (let i = 0; i < 8; i += 1) again.observe(poll(250, 750), 25);
  expect(again.warning).toBeUndefined();
});
