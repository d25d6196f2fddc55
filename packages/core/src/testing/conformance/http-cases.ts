import assert from 'node:assert/strict';
import type { Case } from './case.js';
import { type CreateFixture, casesOf, type Scene } from './fixture.js';

const pathOf = async <R>(scene: Scene<R>): Promise<string> => (await scene.platform.healthPath?.(scene.read())) ?? '/';

/** The contract of HTTP to pods, for an app that answers at its health path, else at `/`. */
export const httpCases = <R>(create: CreateFixture<R>): readonly Case[] =>
  casesOf(create, {
    'http: every pod of a track answers, each in its own name': async (scene) => {
      const replies = await scene.platform.http(scene.read())('stable', await pathOf(scene));
      assert.equal(replies.length, scene.fixture.replicas);
      assert.equal(new Set(replies.map(({ pod }) => pod)).size, replies.length);
      for (const { status, text, ms } of replies) {
        assert.ok(status >= 200 && status < 400, `answered ${status}: ${text}`);
        assert.ok(ms >= 0, `took ${ms} ms`);
      }
    },

    'http: names of headers are in lower case': async (scene) => {
      const replies = await scene.platform.http(scene.read())('stable', await pathOf(scene));
      const names = replies.flatMap(({ headers }) => Object.keys(headers));
      assert.notEqual(names.length, 0, 'no header at all');
      for (const name of names) assert.equal(name, name.toLowerCase());
    },

    'http: the Service gives one reply': async (scene) => {
      const replies = await scene.platform.http(scene.read())('service', await pathOf(scene));
      assert.equal(replies.length, 1);
      assert.ok((replies[0]?.status ?? 0) >= 200, `answered ${replies[0]?.status}: ${replies[0]?.text}`);
    },

    'http: tracks are told apart': async (scene) => {
      const ask = scene.platform.http(scene.read());
      const path = await pathOf(scene);
      assert.deepEqual(await ask('candidate', path), [], 'there is no candidate yet');
      await scene.candidate({ replicas: 1 });
      const [stable, candidate] = [await ask('stable', path), await ask('candidate', path)];
      assert.deepEqual([stable.length, candidate.length], [scene.fixture.replicas, 1]);
      assert.ok(!stable.some(({ pod }) => pod === candidate[0]?.pod), 'a pod of both tracks');
    },

    'http: a call whose signal has aborted rejects': async (scene) => {
      const context = scene.read(AbortSignal.abort(new Error('stopped')));
      const path = await pathOf(scene);
      await assert.rejects(async () => scene.platform.http(context)('stable', path));
    },
  });
