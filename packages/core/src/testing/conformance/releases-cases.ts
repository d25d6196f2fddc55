import assert from 'node:assert/strict';
import { ShepherdError } from '../../errors/shepherd-error.js';
import type { Case } from './case.js';
import { type CreateFixture, casesOf, refused, type Scene } from './fixture.js';

const stableOf = async <R>(scene: Scene<R>): Promise<{ readonly hash: string; readonly replicas: number; readonly ready: number }> => {
  const { stable } = await scene.platform.tracks.inspect(scene.read());
  assert.ok(stable !== undefined, 'there is no stable track');
  return { hash: stable.revision.hash, replicas: stable.replicas, ready: stable.ready };
};

/** Writes the next release to stable and waits until its pods run. */
async function roll<R>(scene: Scene<R>, fence = 1): Promise<string> {
  const { hash } = await scene.platform.releases.apply(scene.write(fence), scene.fixture.next, { track: 'stable', replicas: scene.fixture.replicas });
  await scene.until('stable', (status) => status.settled && status.revision.hash === hash);
  return hash;
}

/** The contract of releases, for an app whose tracks keep their roles. */
export const releasesCases = <R>(create: CreateFixture<R>): readonly Case[] =>
  casesOf(create, {
    'releases: they accept what they release, and nothing else': async ({ platform: { releases }, fixture: { release, next } }) => {
      for (const good of [release, next]) assert.equal(releases.accepts(good), true, JSON.stringify(good));
      for (const bad of [undefined, null, '', 1, {}, []]) assert.equal(releases.accepts(bad), false, JSON.stringify(bad));
    },

    'releases: identify says the same each time, and tells releases apart': async (scene) => {
      const { releases } = scene.platform;
      const [a, again, b] = await Promise.all(
        [scene.fixture.next, scene.fixture.next, scene.fixture.broken].map((each) => releases.identify(scene.read(), each)),
      );
      assert.deepEqual(again, a);
      assert.ok(a !== undefined && a.hash !== '' && a.version !== '', JSON.stringify(a));
      assert.notEqual(a.hash, b?.hash);
    },

    'releases: identify of what runs gives the hash of stable': async (scene) => {
      const { hash } = await scene.platform.releases.identify(scene.read(), scene.fixture.release);
      assert.equal(hash, (await stableOf(scene)).hash);
    },

    'releases: identify writes nothing': async (scene) => {
      const before = await scene.platform.tracks.inspect(scene.read());
      await scene.platform.releases.identify(scene.read(), scene.fixture.next);
      await scene.clock.sleep(3_000);
      assert.deepEqual(await scene.platform.tracks.inspect(scene.read()), before);
    },

    'releases: the candidate stands beside stable, with the hash that was said before, and stable is left alone': async (scene) => {
      const { releases, tracks } = scene.platform;
      const before = await stableOf(scene);
      const { hash } = await releases.identify(scene.read(), scene.fixture.next);
      const revision = await releases.apply(scene.write(), scene.fixture.next, { track: 'candidate', replicas: 1 });
      assert.equal(revision.hash, hash);
      await scene.settled('candidate');
      const { candidate, replicas } = await tracks.inspect(scene.read());
      assert.deepEqual({ hash: candidate?.revision.hash, replicas: candidate?.replicas, ready: candidate?.ready }, { hash, replicas: 1, ready: 1 });
      assert.deepEqual(await stableOf(scene), before);
      assert.equal(replicas, scene.fixture.replicas);
    },

    'releases: a candidate of this rollout that is there already is a success': async (scene) => {
      const { releases, tracks } = scene.platform;
      const to = { track: 'candidate', replicas: 1 } as const;
      const first = await releases.apply(scene.write(), scene.fixture.next, to);
      await scene.settled('candidate');
      const again = await releases.apply(scene.write(), scene.fixture.next, to);
      assert.equal(again.hash, first.hash);
      const { candidate } = await tracks.inspect(scene.read());
      assert.deepEqual({ replicas: candidate?.replicas, ready: candidate?.ready }, { replicas: 1, ready: 1 }, 'its pods were made anew');
    },

    'releases: a candidate that an earlier rollout left makes way': async (scene) => {
      const { releases, tracks } = scene.platform;
      await releases.apply(scene.write(1), scene.fixture.broken, { track: 'candidate', replicas: 1 });
      const { hash } = await releases.apply(scene.write(2), scene.fixture.next, { track: 'candidate', replicas: 1 });
      await scene.until('candidate', (status) => status.settled && status.revision.hash === hash);
      assert.equal((await tracks.inspect(scene.read())).candidate?.revision.hash, hash);
    },

    'releases: a release on stable replaces its pods in place': async (scene) => {
      const { hash } = await scene.platform.releases.identify(scene.read(), scene.fixture.next);
      assert.equal(await roll(scene), hash);
      const { replicas } = scene.fixture;
      assert.deepEqual(await stableOf(scene), { hash, replicas, ready: replicas });
      assert.equal((await scene.platform.tracks.inspect(scene.read())).candidate, undefined);
    },

    'releases: promote gives stable the template of the candidate and leaves its replicas alone': async (scene) => {
      const { releases, tracks } = scene.platform;
      await scene.candidate();
      const fewer = scene.fixture.replicas - 1;
      await tracks.scale(scene.write(), 'stable', fewer);
      const { hash } = await releases.promote(scene.write(), { release: scene.fixture.next });
      await scene.until('stable', (status) => status.settled && status.revision.hash === hash);
      const { candidate } = await tracks.inspect(scene.read());
      assert.equal(hash, candidate?.revision.hash);
      assert.deepEqual(await stableOf(scene), { hash, replicas: fewer, ready: fewer });
    },

    'releases: promote without a candidate is refused': async (scene) => {
      await assert.rejects(scene.platform.releases.promote(scene.write(), { release: scene.fixture.next }), (error) => ShepherdError.is(error));
    },

    'releases: restore brings an older revision back, and again is a success': async (scene) => {
      const { releases } = scene.platform;
      const { hash: old } = await stableOf(scene);
      await roll(scene);
      for (const _ of ['once', 'again']) {
        assert.equal((await releases.restore(scene.write(), old)).hash, old);
        await scene.until('stable', (status) => status.settled && status.revision.hash === old);
      }
      assert.deepEqual(await stableOf(scene), { hash: old, replicas: scene.fixture.replicas, ready: scene.fixture.replicas });
    },

    'releases: restore of a revision that does not exist is refused, and changes nothing': async (scene) => {
      const before = await stableOf(scene);
      await refused(scene.platform.releases.restore(scene.write(), 'no-such-hash'), 'ERR_REVISION_NOT_FOUND');
      assert.deepEqual(await stableOf(scene), before);
    },

    'releases: the list begins with the newest and keeps the older ones': async (scene) => {
      const { hash: old } = await stableOf(scene);
      const now = await roll(scene);
      const list = await scene.platform.releases.list(scene.read());
      assert.deepEqual(
        list.map(({ hash }) => hash),
        [now, old],
      );
      for (const { at, owner, images } of list) {
        assert.ok(!Number.isNaN(Date.parse(at)), `no time: ${at}`);
        assert.ok(owner !== '' && images.length > 0, JSON.stringify({ owner, images }));
      }
    },

    'releases: a revision remembers that it was verified or taken back': async (scene) => {
      const { releases } = scene.platform;
      if (releases.mark === undefined) return;
      const hash = await roll(scene);
      const find = async () => (await releases.list(scene.read())).find((each) => each.hash === hash);
      assert.equal((await find())?.verified, false, 'verified before anybody said so');
      await releases.mark(scene.write(), hash, { verified: true });
      assert.equal((await find())?.verified, true);
      await releases.mark(scene.write(), hash, { bad: 'it lost requests' });
      assert.equal((await find())?.bad, 'it lost requests');
    },

    'releases: a write by an earlier holder of the lock is refused': async (scene) => {
      const { releases } = scene.platform;
      const hash = await roll(scene, 2);
      await refused(releases.apply(scene.write(1), scene.fixture.broken, { track: 'stable', replicas: scene.fixture.replicas }), 'ERR_LOCK_LOST');
      assert.equal((await stableOf(scene)).hash, hash);
    },
  });
