import assert from 'node:assert/strict';
import type { Case } from './case.js';
import { type CreateFixture, casesOf, refused, type Scene } from './fixture.js';

const percentOf = (candidate: number, stable: number): number => Math.round((100 * candidate) / (candidate + stable));

/** What a router that is told to send this much really sends. */
async function expected<R>(scene: Scene<R>, asked: number, candidates: number): Promise<number> {
  const { granularity } = await scene.platform.router.describe(scene.read());
  if (granularity === 'percent') return asked;
  return granularity === 'binary' ? (asked > 0 ? 100 : 0) : percentOf(candidates, scene.fixture.replicas);
}

/** The contract of a traffic router. */
export const routerCases = <R>(create: CreateFixture<R>): readonly Case[] =>
  casesOf(create, {
    'router: it says what it is and how finely it splits': async (scene) => {
      const { name, granularity } = await scene.platform.router.describe(scene.read());
      assert.notEqual(name, '');
      assert.ok(['binary', 'replicas', 'percent'].includes(granularity), granularity);
    },

    'router: without a candidate all requests go to stable': async (scene) => {
      assert.equal(await scene.platform.router.get(scene.read()), 0);
    },

    'router: an isolated candidate gets nothing by being ready': async (scene) => {
      await scene.candidate({ isolated: true });
      assert.equal(await scene.platform.router.get(scene.read()), 0);
    },

    'router: set moves everything to an isolated candidate and back, and answers with what it reads back': async (scene) => {
      const { router } = scene.platform;
      await scene.candidate({ isolated: true });
      for (const weight of [100, 100, 0, 0]) {
        assert.equal(await router.set(scene.write(), weight), weight);
        assert.equal(await router.get(scene.read()), weight);
      }
    },

    'router: set answers with the weight that is real, whatever was asked': async (scene) => {
      const { router } = scene.platform;
      await scene.candidate({ replicas: 1 });
      for (const weight of [30, 60]) {
        const real = await expected(scene, weight, 1);
        assert.equal(await router.set(scene.write(), weight), real);
        assert.equal(await router.get(scene.read()), real);
      }
    },

    'router: set scales nothing': async (scene) => {
      const { router, tracks } = scene.platform;
      await scene.candidate({ replicas: 1 });
      const pods = async () => {
        const { stable, candidate } = await tracks.inspect(scene.read());
        return [stable?.replicas, stable?.ready, candidate?.replicas, candidate?.ready];
      };
      const before = await pods();
      await router.set(scene.write(), 100);
      assert.deepEqual(await pods(), before);
    },

    'router: a write by an earlier holder of the lock is refused': async (scene) => {
      const { router } = scene.platform;
      await scene.candidate({ isolated: true });
      await router.set(scene.write(2), 100);
      await refused(router.set(scene.write(1), 0), 'ERR_LOCK_LOST');
      assert.equal(await router.get(scene.read()), 100);
    },
  });
