import { formatOutcome } from '@shepherd/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bursts, shapes, strategies } from './lab/arbitraries.js';
import { endOf } from './lab/end-of.js';
import { releaseNames, releaseOf, serveWell } from './lab/releases.js';
import { runs } from './lab/runs.js';
import { World } from './lab/world.js';

test('whatever the network and the API server do: no capacity is taken, no request is lost, and once it stops there is an end (RR PT-8, PT-6)', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, strategies, fc.constantFrom(...releaseNames), bursts, async (shape, strategy, release, plan) => {
      await using world = await World.open(shape);
      await using shepherd = world.shepherd({ bursts: plan });
      const outcome = await endOf(world, shepherd.deploy(world.request(releaseOf(release), strategy)).outcome, 60);
      expect(world.witness.breaches).toEqual([]);
      if (serveWell.has(release)) expect(world.load.soFar().failed, formatOutcome(outcome)).toBe(0);
      expect(['succeeded', 'rolled-back', 'failed-untouched'], formatOutcome(outcome)).toContain(outcome.kind);
      if (outcome.kind === 'succeeded' && !serveWell.has(release)) return;
      expect(await world.untidy(outcome.kind === 'succeeded' ? release : 'old', shape.replicas), formatOutcome(outcome)).toEqual([]);
    }),
    runs(4),
  );
});
