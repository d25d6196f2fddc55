import { formatOutcome, type Outcome, type Rollout } from '@shepherd/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callNumbers, shapes, strategies } from './lab/arbitraries.js';
import { type ReleaseName, releaseOf } from './lab/releases.js';
import { runs } from './lab/runs.js';
import { World } from './lab/world.js';

const acts = ['delete-a-pod', 'delete-the-candidate', 'pause', 'promote', 'apply-as-it-was'] as const;
type Act = (typeof acts)[number];

/** What a person does, with what they must know of it who count lost capacity. */
async function act(what: Act, which: number, world: World, rollout: Rollout): Promise<void> {
  const pods = world.pods();
  const pod = pods[which % Math.max(1, pods.length)]?.metadata.name;
  switch (what) {
    case 'delete-a-pod':
      if (pod === undefined) return;
      world.witness.excuse(pod);
      return world.person.deletePod(pod);
    case 'delete-the-candidate':
      world.witness.excuse('web-candidate');
      return world.person.deleteDeployment('web-candidate');
    case 'pause':
      await rollout.pause({ timeout: '1m', onTimeout: which % 2 === 0 ? 'continue' : 'rollback' });
      await world.sleep(5_000);
      return which % 3 === 0 ? rollout.resume() : undefined;
    case 'promote':
      return rollout.promote();
    case 'apply-as-it-was':
      return world.person.patchDeployment({ metadata: { labels: { touched: 'yes' } } });
  }
}

test('whatever a person does meanwhile: no capacity is taken by us, and the end is tidy with R ready pods', async () => {
  const things = fc.array(fc.record({ what: fc.constantFrom(...acts), which: fc.nat(20), atCall: callNumbers }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(shapes, strategies, fc.constantFrom<ReleaseName>('good', 'slow', 'hangs', 'crash'), things, async (shape, strategy, release, list) => {
      await using world = await World.open(shape);
      const done: Promise<unknown>[] = [];
      await using shepherd = world.shepherd({
        onCall(call) {
          for (const { what, which, atCall } of list) if (atCall === call) done.push(act(what, which, world, rollout).catch(() => undefined));
        },
      });
      const rollout = shepherd.deploy(world.request(releaseOf(release), strategy));
      const outcome = await world.within(60, rollout.outcome);
      await Promise.all(done);
      expect(world.witness.breaches).toEqual([]);
      expect(['succeeded', 'rolled-back', 'failed-untouched'], formatOutcome(outcome)).toContain(outcome.kind);
      expect(await world.untidy(outcome.kind === 'succeeded' ? release : 'old', shape.replicas), formatOutcome(outcome)).toEqual([]);
    }),
    runs(4),
  );
});

test('new releases in the middle of others: one after the other, never three versions in service, the last one decides (RR PT-10)', async () => {
  const more = fc.array(
    fc.record({ release: fc.constantFrom<ReleaseName | 'newer'>('good', 'newer', 'hangs', 'crash'), afterMs: fc.integer({ min: 0, max: 12_000 }) }),
    {
      minLength: 1,
      maxLength: 2,
    },
  );
  await fc.assert(
    fc.asyncProperty(shapes, strategies, more, async (shape, strategy, later) => {
      await using world = await World.open(shape);
      await using first = world.shepherd();
      const outcomes: Promise<Outcome>[] = [first.deploy(world.request(releaseOf('good'), strategy)).outcome];
      for (const { release, afterMs } of later) {
        await world.sleep(afterMs);
        const other = world.shepherd();
        outcomes.push(other.deploy(world.request(releaseOf(release), strategy), { ifRunning: 'supersede' }).outcome.finally(() => other.close()));
      }
      const ends = await world.within(60, Promise.all(outcomes));
      const told = ends.map(formatOutcome).join('\n');
      expect(world.witness.breaches, told).toEqual([]);
      expect(world.load.soFar().failed, told).toBe(0);
      expect(world.witness.versions, told).toBeLessThanOrEqual(2);
      const releases = ['good', ...later.map(({ release }) => release)];
      const serving = releases.filter((_, index) => ends[index]?.kind === 'succeeded').at(-1) ?? 'old';
      expect(await world.untidy(serving, shape.replicas), told).toEqual([]);
    }),
    runs(2),
  );
});
