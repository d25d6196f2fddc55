import assert from 'node:assert/strict';
import type { TrackStatus } from '../../ports/platform.js';
import type { Case } from './case.js';
import { type CreateFixture, casesOf, refused } from './fixture.js';

/** The contract of tracks, for an app whose tracks keep their roles. */
export const tracksCases = <R>(create: CreateFixture<R>): readonly Case[] =>
  casesOf(create, {
    'tracks: an app at rest has its pods ready on stable and no candidate': async (scene) => {
      const { replicas, stable, candidate } = await scene.platform.tracks.inspect(scene.read());
      assert.equal(replicas, scene.fixture.replicas);
      assert.deepEqual({ replicas: stable?.replicas, ready: stable?.ready }, { replicas, ready: replicas });
      assert.equal(candidate, undefined);
      assert.equal((await scene.settled('stable')).ready, replicas);
    },

    'tracks: scale stores what is wanted at once, and the pods follow': async (scene) => {
      const { tracks } = scene.platform;
      const more = scene.fixture.replicas + 1;
      assert.equal((await tracks.scale(scene.write(), 'stable', more)).replicas, more);
      assert.equal((await tracks.inspect(scene.read())).stable?.replicas, more);
      assert.equal((await scene.until('stable', (status) => status.settled && status.replicas === more)).ready, more);
      await tracks.scale(scene.write(), 'stable', 1);
      assert.equal((await scene.until('stable', (status) => status.settled && status.replicas === 1)).ready, 1);
    },

    'tracks: scale moves pods, not the replicas that the app is meant to have': async (scene) => {
      const { tracks } = scene.platform;
      const { replicas } = scene.fixture;
      await scene.candidate();
      for (const wanted of [1, 0, replicas]) {
        await tracks.scale(scene.write(), 'stable', wanted);
        assert.equal((await tracks.inspect(scene.read())).replicas, replicas, `with stable at ${wanted}`);
      }
    },

    'tracks: scale to what is there already changes nothing': async (scene) => {
      const { tracks } = scene.platform;
      const { replicas } = scene.fixture;
      await scene.candidate({ replicas: 1 });
      const before = await tracks.inspect(scene.read());
      const again = await tracks.scale(scene.write(), 'candidate', 1);
      assert.deepEqual({ replicas: again.replicas, ready: again.ready }, { replicas: 1, ready: 1 });
      await tracks.scale(scene.write(), 'stable', replicas);
      assert.deepEqual(await tracks.inspect(scene.read()), before);
    },

    'tracks: each is scaled by itself, the candidate also to none': async (scene) => {
      const { tracks } = scene.platform;
      await scene.candidate({ replicas: 1 });
      await tracks.scale(scene.write(), 'candidate', 2);
      await scene.until('candidate', (status) => status.settled && status.replicas === 2);
      await tracks.scale(scene.write(), 'candidate', 0);
      const { ready } = await scene.until('candidate', (status) => status.settled && status.replicas === 0);
      assert.equal(ready, 0);
      const { stable, candidate } = await tracks.inspect(scene.read());
      assert.deepEqual({ stable: stable?.ready, candidate: candidate?.replicas }, { stable: scene.fixture.replicas, candidate: 0 });
    },

    'tracks: remove takes the candidate away, and a missing one is a success': async (scene) => {
      const { tracks } = scene.platform;
      await scene.candidate({ replicas: 1, isolated: true });
      await tracks.remove(scene.write(), 'candidate');
      await tracks.remove(scene.write(), 'candidate');
      const { stable, candidate, replicas } = await tracks.inspect(scene.read());
      assert.equal(candidate, undefined);
      assert.deepEqual({ replicas, ready: stable?.ready }, { replicas: scene.fixture.replicas, ready: scene.fixture.replicas });
    },

    'tracks: an isolated candidate says so, another does not': async (scene) => {
      const { tracks } = scene.platform;
      await scene.candidate({ replicas: 1, isolated: true });
      assert.equal((await tracks.inspect(scene.read())).candidate?.isolated, true);
      await tracks.remove(scene.write(), 'candidate');
      await scene.candidate({ replicas: 1, fence: 2 });
      assert.notEqual((await tracks.inspect(scene.read())).candidate?.isolated, true);
    },

    'tracks: a watch gives the track now, again after a change, and ends quietly with its signal': async (scene) => {
      const { tracks } = scene.platform;
      const { replicas } = scene.fixture;
      const stop = new AbortController();
      const seen: TrackStatus[] = [];
      for await (const status of tracks.watch(scene.read(stop.signal), 'stable')) {
        seen.push(status);
        if (seen.length === 1) await tracks.scale(scene.write(), 'stable', replicas + 1);
        else if (status.settled && status.replicas === replicas + 1) stop.abort();
      }
      assert.deepEqual({ replicas: seen[0]?.replicas, settled: seen[0]?.settled }, { replicas, settled: true });
      assert.equal(seen.at(-1)?.ready, replicas + 1);
    },

    'tracks: settled means that all wanted pods run what was last written and are ready': async (scene) => {
      const { tracks, releases } = scene.platform;
      const { hash } = await releases.apply(scene.write(), scene.fixture.next, { track: 'stable', replicas: scene.fixture.replicas });
      const seen: TrackStatus[] = [];
      for await (const status of tracks.watch(scene.read(), 'stable')) {
        seen.push(status);
        if (status.settled) break;
      }
      for (const { ready, replicas } of seen) assert.ok(ready >= 0 && ready <= replicas, `${ready} of ${replicas} pods ready`);
      const [first, last] = [seen[0], seen.at(-1)];
      assert.equal(first?.settled, false, 'settled as soon as it was written');
      assert.ok((first?.waitingFor ?? '') !== '', 'nothing says what it waits for');
      assert.deepEqual(
        { hash: last?.revision.hash, ready: last?.ready, waitingFor: last?.waitingFor },
        { hash, ready: scene.fixture.replicas, waitingFor: undefined },
      );
    },

    'tracks: pods that will not get ready are doomed, with the pod, its state and a remedy': async (scene) => {
      await scene.platform.releases.apply(scene.write(), scene.fixture.broken, { track: 'candidate', replicas: 1 });
      const { doomed, settled, ready } = await scene.until('candidate', (status) => status.settled || status.doomed !== undefined);
      assert.deepEqual({ settled, ready }, { settled: false, ready: 0 });
      assert.ok(doomed?.code === 'ERR_POD_DOOMED', `expected ERR_POD_DOOMED, got ${JSON.stringify(doomed)}`);
      assert.ok(doomed.facts.pod !== '' && doomed.facts.state !== '' && doomed.remedy !== '', JSON.stringify(doomed));
    },

    'tracks: a write by an earlier holder of the lock is refused': async (scene) => {
      const { tracks } = scene.platform;
      const { replicas } = scene.fixture;
      await tracks.scale(scene.write(2), 'stable', replicas + 1);
      await refused(tracks.scale(scene.write(1), 'stable', 0), 'ERR_LOCK_LOST');
      assert.equal((await tracks.inspect(scene.read())).stable?.replicas, replicas + 1);
    },
  });
