import assert from 'node:assert/strict';
import type { Lease, LockHolder } from '../../ports/lock.js';
import type { Case } from './case.js';
import { type CreateFixture, casesOf, refused, type Scene } from './fixture.js';

const isLease = (answer: Lease | LockHolder): answer is Lease => 'fence' in answer;

const ask = <R>(scene: Scene<R>, rolloutId: string): Promise<Lease | LockHolder> =>
  scene.platform.lock.acquire({ ...scene.read(), rolloutId }, `holder of ${rolloutId}`);

async function acquire<R>(scene: Scene<R>, rolloutId: string): Promise<Lease> {
  const answer = await ask(scene, rolloutId);
  assert.ok(isLease(answer), `the lock is held by ${JSON.stringify(answer)}`);
  return answer;
}

function assertHolder(answer: LockHolder | Lease | undefined, rolloutId: string): void {
  assert.ok(answer !== undefined && !isLease(answer), `expected the holder ${rolloutId}, got ${answer === undefined ? 'nobody' : 'the lock itself'}`);
  assert.equal(answer.rolloutId, rolloutId);
  assert.equal(answer.heldBy, `holder of ${rolloutId}`);
  assert.ok(!Number.isNaN(Date.parse(answer.since)), `since is no time: ${answer.since}`);
}

const leaseMsOf = <R>({ platform }: Scene<R>): number => platform.lock.leaseMs ?? 15_000;

/** Asks until the lock is free: an adapter may look longer before it takes a holder for dead. */
async function acquireFromDead<R>(scene: Scene<R>, rolloutId: string): Promise<Lease> {
  const leaseMs = leaseMsOf(scene);
  for (let asked = 0; asked < 60; asked += 1) {
    const answer = await ask(scene, rolloutId);
    if (isLease(answer)) return answer;
    await scene.clock.sleep(leaseMs / 10);
  }
  return assert.fail('a lease that nobody renews stays held for ever');
}

/** The contract of a lock. */
export const lockCases = <R>(create: CreateFixture<R>): readonly Case[] =>
  casesOf(create, {
    'lock: a free one is given, with a fence': async (scene) => {
      assert.equal(await scene.platform.lock.read(scene.read()), undefined);
      const { fence } = await acquire(scene, 'r1');
      assert.ok(Number.isInteger(fence) && fence >= 1, `fence ${fence}`);
    },

    'lock: one that is held is not given; both ways of asking name its holder': async (scene) => {
      await acquire(scene, 'r1');
      assertHolder(await ask(scene, 'r2'), 'r1');
      assertHolder(await scene.platform.lock.read(scene.read()), 'r1');
    },

    'lock: of several that ask at one time one gets it': async (scene) => {
      const answers = await Promise.all(['r1', 'r2', 'r3', 'r4'].map((id) => ask(scene, id)));
      assert.equal(answers.filter(isLease).length, 1);
      const holder = await scene.platform.lock.read(scene.read());
      for (const answer of answers) if (!isLease(answer)) assert.equal(answer.rolloutId, holder?.rolloutId);
    },

    'lock: a released one is free at once, and the next fence is higher': async (scene) => {
      const first = await acquire(scene, 'r1');
      await first.release();
      assert.equal(await scene.platform.lock.read(scene.read()), undefined);
      const second = await acquire(scene, 'r2');
      assert.ok(second.fence > first.fence, `fence ${second.fence} after ${first.fence}`);
    },

    'lock: whoever renews keeps it for longer than a lease': async (scene) => {
      const lease = await acquire(scene, 'r1');
      for (let renewed = 0; renewed < 6; renewed += 1) {
        await scene.clock.sleep(leaseMsOf(scene) / 3);
        assert.equal(await lease.renew(), true);
      }
      assertHolder(await ask(scene, 'r2'), 'r1');
    },

    'lock: whoever does not renew keeps it for the length of a lease': async (scene) => {
      await acquire(scene, 'r1');
      await scene.clock.sleep(leaseMsOf(scene) / 2);
      assertHolder(await ask(scene, 'r2'), 'r1');
    },

    'lock: a dead holder is followed by the next, with a higher fence, and learns of it': async (scene) => {
      const dead = await acquire(scene, 'r1');
      const next = await acquireFromDead(scene, 'r2');
      assert.ok(next.fence > dead.fence, `fence ${next.fence} after ${dead.fence}`);
      assert.equal(await dead.renew(), false);
      assertHolder(await scene.platform.lock.read(scene.read()), 'r2');
    },

    'lock: a release by an earlier holder leaves it with the present one': async (scene) => {
      const first = await acquire(scene, 'r1');
      await first.release();
      const second = await acquire(scene, 'r2');
      await first.release();
      assertHolder(await scene.platform.lock.read(scene.read()), 'r2');
      assert.equal(await second.renew(), true);
    },

    'lock: it is broken by the exact id that holds it, and its holder learns of it': async (scene) => {
      const lease = await acquire(scene, 'r1');
      await scene.platform.lock.break(scene.read(), 'r1');
      assert.equal(await scene.platform.lock.read(scene.read()), undefined);
      const next = await acquire(scene, 'r2');
      assert.ok(next.fence > lease.fence, `fence ${next.fence} after ${lease.fence}`);
      assert.equal(await lease.renew(), false);
    },

    'lock: it is not broken by another id': async (scene) => {
      const lease = await acquire(scene, 'r1');
      await refused(scene.platform.lock.break(scene.read(), 'r2'), 'ERR_LOCK_HELD');
      assertHolder(await scene.platform.lock.read(scene.read()), 'r1');
      assert.equal(await lease.renew(), true);
    },
  });
