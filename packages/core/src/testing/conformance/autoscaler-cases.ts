import assert from 'node:assert/strict';
import type { Autoscaler } from '../../ports/platform.js';
import type { Case } from './case.js';
import { type CreateFixture, casesOf, refused, type Scene } from './fixture.js';

const bounds = { min: 1, max: 9 };

/** The port, on an app that has an autoscaler; undefined where the fixture cannot make one. */
async function autoscaled<R>({ platform: { autoscaler }, fixture }: Scene<R>): Promise<Autoscaler | undefined> {
  if (fixture.autoscale === undefined) return undefined;
  await fixture.autoscale(bounds);
  assert.ok(autoscaler !== undefined, 'the platform has no autoscaler port');
  return autoscaler;
}

/** The contract of autoscalers, for fixtures that can `autoscale`. */
export const autoscalerCases = <R>(create: CreateFixture<R>): readonly Case[] =>
  casesOf(create, {
    'autoscaler: an app without one has nothing to read or hold': async (scene) => {
      const { autoscaler } = scene.platform;
      if (autoscaler === undefined) return;
      assert.equal(await autoscaler.read(scene.read()), undefined);
      assert.equal(await autoscaler.hold(scene.write()), undefined);
      await autoscaler.release(scene.write(), undefined);
    },

    'autoscaler: hold raises the floor to the live count, release brings it back': async (scene) => {
      const autoscaler = await autoscaled(scene);
      if (autoscaler === undefined) return;
      assert.deepEqual(await autoscaler.read(scene.read()), bounds);
      const held = await autoscaler.hold(scene.write());
      assert.notEqual(held, undefined);
      assert.deepEqual(JSON.parse(JSON.stringify(held)), held, 'what is held must be JSON');
      assert.deepEqual(await autoscaler.read(scene.read()), { min: scene.fixture.replicas, max: bounds.max });
      await autoscaler.release(scene.write(), held);
      await autoscaler.release(scene.write(), held);
      assert.deepEqual(await autoscaler.read(scene.read()), bounds);
    },

    'autoscaler: held again, the floor follows stable up and the original stays': async (scene) => {
      const autoscaler = await autoscaled(scene);
      if (autoscaler === undefined) return;
      const held = await autoscaler.hold(scene.write());
      assert.deepEqual(await autoscaler.hold(scene.write()), held);
      const more = scene.fixture.replicas + 2;
      await scene.platform.tracks.scale(scene.write(), 'stable', more);
      assert.deepEqual(await autoscaler.hold(scene.write()), held);
      await autoscaler.release(scene.write(), held);
      assert.deepEqual(await autoscaler.read(scene.read()), bounds);
    },

    'autoscaler: what hold returned need not be there for release': async (scene) => {
      const autoscaler = await autoscaled(scene);
      if (autoscaler === undefined) return;
      await autoscaler.hold(scene.write());
      await autoscaler.release(scene.write(), undefined);
      assert.deepEqual(await autoscaler.read(scene.read()), bounds);
    },

    'autoscaler: a write by an earlier holder of the lock is refused': async (scene) => {
      const autoscaler = await autoscaled(scene);
      if (autoscaler === undefined) return;
      const held = await autoscaler.hold(scene.write(2));
      await refused(autoscaler.release(scene.write(1), held), 'ERR_LOCK_LOST');
      assert.deepEqual(await autoscaler.read(scene.read()), { min: scene.fixture.replicas, max: bounds.max });
    },
  });
