import { expect, test } from 'vitest';
import { PodWatch } from './pod-facts.js';

test('near its limits the candidate is worth waiting for only if stable is not', () => {
  const watch = new PodWatch(4);
  watch.observe({ crashLooping: false, restarts: 0, saturation: { candidate: 0.95, stable: 0.4 } });
  expect(watch.verdict(false)).toMatchObject({
    kind: 'inconclusive',
    reason: 'saturation',
    evidence: { summary: 'candidate restarted 0 times, 95 % in use (stable 40 %)' },
  });
  watch.observe({ crashLooping: false, restarts: 0, saturation: { candidate: 0.95, stable: 0.93 } });
  expect(watch.verdict(false).kind).toBe('pass');
});

test('a restart stays in view for as many polls as asked, also over a crash of this process', () => {
  let watch = new PodWatch(2);
  const seen: boolean[] = [];
  for (const restarts of [0, 1, 1, 1]) {
    watch = new PodWatch(2, JSON.parse(JSON.stringify(watch.snapshot())));
    watch.observe({ crashLooping: false, restarts });
    seen.push(watch.unsettled);
  }
  expect(seen).toEqual([false, true, true, false]);
});
