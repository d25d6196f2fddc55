import { expect, test } from 'vitest';
import { BlueGreen, formatOutcome, Shepherd } from '../index.js';
import { createMemoryPlatform } from '../testing/index.js';

test('R that an autoscaler raises and takes back while stable comes up is R: traffic goes back then, not after ten minutes', async () => {
  const platform = createMemoryPlatform({
    replicas: 6,
    startupMs: 4_000,
    autoscaled: { min: 2, max: 12 },
    versions: { '1.1.0': { reply: () => ({ status: 503 }) } },
  });
  const app = platform.app();
  const shepherd = new Shepherd({ platform });
  const rollout = shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: new BlueGreen({ soak: '1m' }), checks: [] });
  rollout.on('weight-change', ({ to }) => (to === 100 ? rollout.abort() : undefined));
  rollout.on('rollback-start', async () => {
    app.autoscale(7);
    await platform.clock.sleep(1_000);
    app.autoscale(6);
  });
  const outcome = await rollout.outcome;
  expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
  expect(outcome.kind === 'rolled-back' && outcome.trafficBackMs).toBeLessThan(10_000);
});
