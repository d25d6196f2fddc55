import { formatOutcome } from '@shepherd/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callNumbers, shapes, strategies } from './lab/arbitraries.js';
import { releaseNames, releaseOf, serveWell } from './lab/releases.js';
import { runs } from './lab/runs.js';
import { World } from './lab/world.js';

const goingBackMinutes = 5;

test('from every state abort comes back to all traffic on stable with R ready pods, in bounded time, also when the new version hangs (RR PT-4, RB-8)', async () => {
  await fc.assert(
    fc.asyncProperty(
      shapes,
      strategies,
      fc.constantFrom(...releaseNames),
      fc.record({ atCall: callNumbers, again: fc.boolean() }),
      async (shape, strategy, release, { atCall, again }) => {
        await using world = await World.open(shape);
        let asked = Number.POSITIVE_INFINITY;
        await using shepherd = world.shepherd({
          onCall(call) {
            if (call !== atCall && !(again && call === atCall + 7)) return;
            asked = Math.min(asked, world.sandbox.elapsedMs);
            void rollout.abort({ reason: 'looks odd' }).catch(() => undefined);
          },
        });
        const rollout = shepherd.deploy(world.request(releaseOf(release), strategy));
        const outcome = await world.within(60, rollout.outcome);
        const tookMs = world.sandbox.elapsedMs - asked;
        expect(world.witness.breaches).toEqual([]);
        if (serveWell.has(release)) expect(world.load.soFar().failed, formatOutcome(outcome)).toBe(0);
        expect(['succeeded', 'rolled-back', 'failed-untouched'], formatOutcome(outcome)).toContain(outcome.kind);
        if (asked !== Number.POSITIVE_INFINITY) expect(tookMs).toBeLessThan(goingBackMinutes * 60_000);
        if (outcome.kind === 'succeeded' && !serveWell.has(release)) return;
        expect(await world.untidy(outcome.kind === 'succeeded' ? release : 'old', shape.replicas)).toEqual([]);
      },
    ),
    runs(5),
  );
});
