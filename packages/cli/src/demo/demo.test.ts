import { RollingUpdate } from '@shepherd/core';
import { expect, test } from 'vitest';
import { recordEvents } from '../__fixtures__/record-events.js';
import { demoTable } from './demo-table.js';
import { laneRows, newLane, onEvent, onRelease } from './lane-state.js';
import type { Run } from './run-release.js';
import { lanes } from './scenarios.js';

const run: Run = { strategy: 'canary', release: 'unhealthy', outcome: 'rolled-back', requests: 12_345, failed: 0, seconds: 4, rollbackSeconds: 1.234 };

test('the table', () => {
  expect(demoTable([{ ...run, strategy: 'rolling', release: 'good', outcome: 'succeeded', requests: 850, rollbackSeconds: null }, run])).toEqual([
    'strategy  release    outcome      requests  failed  seconds  traffic back in',
    'rolling   good       succeeded         850       0      4.0                -',
    'canary    unhealthy  rolled-back    12,345       0      4.0           1.23 s',
  ]);
});

test('every strategy has a good release and one that is bad in its own way', () => {
  expect(lanes.map(({ strategy, make }) => [strategy, make().kind])).toEqual(lanes.map(({ strategy }) => [strategy, strategy]));
  for (const { scenarios } of lanes) expect(scenarios.map(({ expected }) => expected)).toEqual(['succeeded', 'rolled-back']);
  expect(new Set(lanes.map(({ scenarios }) => scenarios[1]?.release)).size).toBe(3);
});

test.each([40, 78, 100])('rows of a lane, %i wide', async (width) => {
  const text = (lane: Parameters<typeof laneRows>[0]): readonly string[] => laneRows(lane, width).map((row) => row.text);
  expect(text(newLane('rolling'))).toEqual(['· rolling     waits']);
  const events = await recordEvents({ release: { version: '1.1.0' }, strategy: new RollingUpdate(), checks: [] });
  const running = { ...events.slice(0, 4).reduce(onEvent, onRelease(newLane('rolling'), 'good')), load: { requests: 42, failed: 0 } };
  expect(text(running)[0]).toMatch(/^▸ rolling {5}.*42 .*, 0 failed$/);
  expect(text(running)[1]).toContain('rollout: replace the pods one after the other');
  expect(text({ ...running, ended: [run], done: true })).toEqual([expect.stringMatching(/^✓ canary .*12345 .*, 0 failed$/)]);
  expect(text({ ...running, ended: [{ ...run, failed: 3 }], done: true })[0]).toMatch(/^✗ /);
});
