import { formatOutcome } from '@shepherd/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shapes, strategies } from './lab/arbitraries.js';
import { releaseNames, releaseOf, serveWell } from './lab/releases.js';
import { runs } from './lab/runs.js';
import { World } from './lab/world.js';

test('no act takes capacity away that is needed, no request is lost, no more pods than planned, and the end is tidy (RR PT-2, PT-3, PT-12)', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, strategies, fc.constantFrom(...releaseNames), async (shape, strategy, release) => {
      await using world = await World.open(shape);
      await using shepherd = world.shepherd();
      const request = world.request(releaseOf(release), strategy);
      const { estimate } = await shepherd.plan(request);
      const outcome = await world.within(60, shepherd.deploy(request).outcome);
      const { failed } = world.load.soFar();
      expect(world.witness.breaches).toEqual([]);
      if (serveWell.has(release)) expect(failed, formatOutcome(outcome)).toBe(0);
      if (outcome.kind === 'succeeded') expect(world.witness.most).toBeLessThanOrEqual(estimate.peakPods);
      expect(['succeeded', 'rolled-back'], formatOutcome(outcome)).toContain(outcome.kind);
      // A version that falls ill after all checks of its release is not this law's matter.
      if (outcome.kind === 'succeeded' && !serveWell.has(release)) return;
      expect(await world.untidy(outcome.kind === 'succeeded' ? release : 'old', shape.replicas)).toEqual([]);
    }),
    runs(4),
  );
});
