import { expect, test } from 'vitest';
import { Canary, formatOutcome, RollingUpdate, Shepherd } from '../index.js';
import { createMemoryPlatform, type MemoryPlatform } from '../testing/index.js';

/** An app of which a candidate without a record serves alone. */
function leftAlone(): { platform: MemoryPlatform; least: () => number } {
  let least = Number.POSITIVE_INFINITY;
  const platform: MemoryPlatform = createMemoryPlatform({
    replicas: 3,
    onCall: () => {
      least = Math.min(least, platform.app().serving.length);
    },
  });
  const app = platform.app();
  const now = platform.clock.monotonicMs();
  const pods = ['a', 'b', 'c'].map((name) => ({ name, version: '1.1.0', readyAtMs: now, failsAtMs: Number.POSITIVE_INFINITY }));
  app.write(() => {
    app.candidate = { version: '1.1.0', wanted: 3, pods, isolated: false, rolloutId: 'gone' };
    if (app.stable !== undefined) app.stable.wanted = 0;
  });
  return { platform, least: () => least };
}

test.each([new RollingUpdate(), new Canary({ stages: [50, 100], interval: '1s', analysis: false })])(
  'a candidate that serves and that no record knows gives its traffic to a whole stable before the release begins ($kind)',
  async (strategy) => {
    const { platform, least } = leftAlone();
    const shepherd = new Shepherd({ platform });
    const request = { app: 'web', release: { version: '1.2.0' }, strategy };
    expect((await shepherd.plan(request)).steps.slice(0, 2)).toMatchObject([
      { step: { kind: 'shift', weight: 0 } },
      { step: { kind: 'retire' }, pods: { candidate: 0 } },
    ]);
    const outcome = await shepherd.deploy(request).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(platform.app()).toMatchObject({ candidate: undefined, stable: { version: '1.2.0', wanted: 3 } });
    expect(least()).toBeGreaterThanOrEqual(3);
  },
);

test('a rollback clears it away too', async () => {
  const { platform, least } = leftAlone();
  platform.app().serve('1.0.5');
  const outcome = await new Shepherd({ platform }).rollback({ app: 'web' }).outcome;
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  expect(platform.app()).toMatchObject({ candidate: undefined, stable: { version: '1.0.0', wanted: 3 } });
  expect(least()).toBeGreaterThanOrEqual(3);
});
