import { formatOutcome } from '@shepherd/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callNumbers, strategies } from './lab/arbitraries.js';
import { type ReleaseName, releaseOf } from './lab/releases.js';
import { runs } from './lab/runs.js';
import { World } from './lab/world.js';

const bounds = { min: 2, max: 12 };
const milliPerPod = 50;

/** Counts at which an autoscaler rests by its own arithmetic, with usage in whole thousandths: our pods left no trace in R. */
function restsAt(milli: number, replicas: number): boolean {
  const ratio = Math.ceil(milli / replicas) / milliPerPod;
  return Math.abs(ratio - 1) <= 0.1 + 1e-9 || Math.max(bounds.min, Math.ceil(ratio * replicas)) === replicas;
}

test('an autoscaler that raises R at any moment is followed: no restart, no capacity taken, and our surge is no demand (RR PT-13)', async () => {
  const loads = fc.array(fc.record({ milli: fc.integer({ min: 160, max: 500 }), atCall: callNumbers }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(strategies, fc.constantFrom<ReleaseName>('good', 'slow', 'crash'), loads, async (strategy, release, list) => {
      await using world = await World.open({ replicas: 3 });
      await world.person.patchContainer({ resources: { requests: { cpu: '100m' } } });
      // Past the minutes in which a pod's CPU may be that of its start.
      await world.sleep(6 * 60_000);
      let milli = 150;
      world.sandbox.usage('shop/web', { cpu: `${milli}m`, of: 'app' });
      await world.person.autoscale({ ...bounds, cpuPercent: 50 });
      await world.sleep(60_000);
      await using shepherd = world.shepherd({
        onCall(call) {
          for (const load of list) {
            if (load.atCall !== call) continue;
            milli = Math.max(milli, load.milli);
            world.sandbox.usage('shop/web', { cpu: `${milli}m`, of: 'app' });
          }
        },
      });
      const rollout = shepherd.deploy({ ...world.request(releaseOf(release), strategy), timeout: '20m' });
      const steps: number[] = [];
      rollout.on('step-start', ({ index }) => void steps.push(index));
      const outcome = await world.within(60, rollout.outcome);
      const told = formatOutcome(outcome);
      expect(outcome.kind, told).toBe(release === 'crash' ? 'rolled-back' : 'succeeded');
      if (outcome.kind === 'succeeded') expect(steps).toEqual(steps.map((_, index) => index));
      expect(world.witness.breaches).toEqual([]);
      expect(world.load.soFar().failed, told).toBe(0);
      await world.sleep(12 * 60_000);
      const replicas = world.get('deployments.apps', 'web')?.spec.replicas ?? 0;
      expect(restsAt(milli, replicas), `${replicas} replicas for ${milli}m`).toBe(true);
      expect(await world.untidy(outcome.kind === 'succeeded' ? release : 'old', replicas), told).toEqual([]);
      expect(world.get('horizontalpodautoscalers.autoscaling', 'web')?.spec).toMatchObject({ minReplicas: bounds.min, maxReplicas: bounds.max });
    }),
    runs(1),
  );
});
