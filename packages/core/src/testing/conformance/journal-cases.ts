import assert from 'node:assert/strict';
import { bytesOf } from '../../journal/bytes.js';
import { defaultMaxBytes } from '../../journal/compact.js';
import type { Case } from './case.js';
import { type CreateFixture, casesOf, refused, refusedAs } from './fixture.js';

/** Records that a store which thinks for itself gets wrong. */
const awkward = [
  'null',
  'false',
  '0',
  '""',
  '[]',
  '[[],{},[null]]',
  '{"":"","a":null,"b":{"c":[{}]}}',
  '{"__proto__":{"polluted":true},"constructor":1,"toString":"x"}',
  '{"10":"a","9":"b","z":1,"a":2}',
  '[1e21,-1.5e-7,9007199254740993,0.1]',
  '"\\ud800 \\u0000 \\u2028 \\ufeff {{ .Values.x }} $HOME"',
  '"größer 🚀 \\r\\n\\t\\" # : - | > %41"',
  JSON.stringify('{"record":"JSON in JSON"}'),
  `${'['.repeat(100)}${']'.repeat(100)}`,
];

/** The contract of a journal. */
export const journalCases = <R>(create: CreateFixture<R>): readonly Case[] =>
  casesOf(create, {
    'journal: an app without a rollout has no record': async (scene) => {
      assert.equal(await scene.platform.journal.load(scene.read()), undefined);
    },

    'journal: what was saved is loaded, with the version of the save': async (scene) => {
      const { journal } = scene.platform;
      const record = { schema: 1, text: 'größer 🚀 "quoted"\n', list: [1, null, { deep: true }] };
      const saved = await journal.save(scene.write(), record, undefined);
      assert.deepEqual(saved.record, record);
      assert.deepEqual(await journal.load(scene.read()), saved);
      const next = await journal.save(scene.write(), { schema: 2 }, saved.version);
      assert.notEqual(next.version, saved.version);
      assert.deepEqual(await journal.load(scene.read()), { record: { schema: 2 }, version: next.version });
    },

    'journal: a record of 200 KB is kept': async (scene) => {
      const { journal } = scene.platform;
      const record = { events: Array.from({ length: 2_000 }, (_, sequence) => ({ sequence, text: 'x'.repeat(75) })) };
      await journal.save(scene.write(), record, undefined);
      assert.deepEqual((await journal.load(scene.read()))?.record, record);
    },

    'journal: the stored record is a copy': async (scene) => {
      const { journal } = scene.platform;
      const record = { step: 1 };
      await journal.save(scene.write(), record, undefined);
      record.step = 2;
      assert.deepEqual((await journal.load(scene.read()))?.record, { step: 1 });
    },

    'journal: a first save is refused where there is a record': async (scene) => {
      const { journal } = scene.platform;
      const saved = await journal.save(scene.write(), { by: 'first' }, undefined);
      await refused(journal.save(scene.write(), { by: 'second' }, undefined), 'ERR_CONFLICT');
      assert.deepEqual(await journal.load(scene.read()), saved);
    },

    'journal: a save over another version than the stored one is refused': async (scene) => {
      const { journal } = scene.platform;
      const old = await journal.save(scene.write(), { by: 'first' }, undefined);
      const saved = await journal.save(scene.write(), { by: 'second' }, old.version);
      await refused(journal.save(scene.write(), { by: 'third' }, old.version), 'ERR_CONFLICT');
      assert.deepEqual(await journal.load(scene.read()), saved);
    },

    'journal: of several saves over one version exactly one lands': async (scene) => {
      const { journal } = scene.platform;
      const { version } = await journal.save(scene.write(), { by: 'nobody' }, undefined);
      const results = await Promise.allSettled([1, 2, 3].map((by) => journal.save(scene.write(), { by }, version)));
      const landed = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
      assert.equal(landed.length, 1, `${landed.length} saves landed`);
      assert.deepEqual(await journal.load(scene.read()), landed[0]);
    },

    'journal: a save by an earlier holder of the lock is refused': async (scene) => {
      const { journal } = scene.platform;
      const saved = await journal.save(scene.write(2), { by: 'second holder' }, undefined);
      await refused(journal.save(scene.write(1), { by: 'first holder' }, saved.version), 'ERR_LOCK_LOST');
      assert.deepEqual((await journal.load(scene.read()))?.record, { by: 'second holder' });
    },

    'journal: a record of the size that is allowed is kept, a larger one is refused': async (scene) => {
      const { journal } = scene.platform;
      const most = journal.maxBytes ?? defaultMaxBytes;
      const room = most - bytesOf({ text: '' });
      // Two bytes a letter: it is bytes that count.
      const record = { text: 'ß'.repeat(Math.floor(room / 2)) + 'x'.repeat(room % 2) };
      const saved = await journal.save(scene.write(), record, undefined);
      await refused(journal.save(scene.write(), { text: `${record.text}x` }, saved.version), 'ERR_JOURNAL');
      assert.deepEqual(await journal.load(scene.read()), { record, version: saved.version });
    },

    'journal: whatever JSON can say is loaded as it was saved': async (scene) => {
      const { journal } = scene.platform;
      let version: string | undefined;
      for (const text of awkward) {
        ({ version } = await journal.save(scene.write(), JSON.parse(text), version));
        assert.equal(JSON.stringify((await journal.load(scene.read()))?.record), JSON.stringify(JSON.parse(text)));
      }
    },

    'journal: once a later holder has fenced it, no save of an earlier one lands': async (scene) => {
      const { journal } = scene.platform;
      if (journal.fence === undefined) return;
      const saved = await journal.save(scene.write(1), { by: 'first holder' }, undefined);
      await journal.fence(scene.write(2));
      await refusedAs(journal.save(scene.write(1), { by: 'first, with what it knew' }, saved.version), ['ERR_LOCK_LOST', 'ERR_CONFLICT']);
      const now = await journal.load(scene.read());
      assert.deepEqual(now?.record, { by: 'first holder' }, 'a fence leaves the record as it is');
      await refused(journal.save(scene.write(1), { by: 'first, having read again' }, now?.version), 'ERR_LOCK_LOST');
      await refused(journal.fence(scene.write(1)), 'ERR_LOCK_LOST');
      await journal.save(scene.write(2), { by: 'second holder' }, now?.version);
      assert.deepEqual((await journal.load(scene.read()))?.record, { by: 'second holder' });
    },

    'journal: the fence of a later holder stands also where there is no record yet': async (scene) => {
      const { journal } = scene.platform;
      if (journal.fence === undefined) return;
      await journal.fence(scene.write(2));
      assert.equal(await journal.load(scene.read()), undefined, 'a fence is no record');
      await refused(journal.save(scene.write(1), { by: 'first holder' }, undefined), 'ERR_LOCK_LOST');
      await journal.save(scene.write(2), { by: 'second holder' }, undefined);
      assert.deepEqual((await journal.load(scene.read()))?.record, { by: 'second holder' });
    },

    'journal: once a later holder has fenced it, an earlier one takes nothing': async (scene) => {
      const { journal } = scene.platform;
      if (journal.fence === undefined) return;
      await journal.post(scene.read(), { kind: 'abort' });
      await journal.fence(scene.write(2));
      await refused(journal.take(scene.write(1)), 'ERR_LOCK_LOST');
      assert.deepEqual(await journal.take(scene.write(2)), [{ kind: 'abort' }]);
    },

    'journal: a watch never goes back, and comes to the last record': async (scene) => {
      const { journal } = scene.platform;
      const last = 12;
      const seen: number[] = [];
      let { version } = await journal.save(scene.write(), { step: 0 }, undefined);
      const writing = (async () => {
        for (let step = 1; step <= last; step += 1) ({ version } = await journal.save(scene.write(), { step }, version));
      })();
      for await (const { record } of journal.watch(scene.read())) {
        seen.push((record as { readonly step: number }).step);
        if (seen.at(-1) === last) break;
      }
      await writing;
      assert.deepEqual(
        seen,
        [...new Set(seen)].toSorted((a, b) => a - b),
      );
    },

    'journal: a watch gives the record now, again after a change, and ends quietly with its signal': async (scene) => {
      const { journal } = scene.platform;
      const { version } = await journal.save(scene.write(), { step: 1 }, undefined);
      const stop = new AbortController();
      const seen: unknown[] = [];
      for await (const { record } of journal.watch(scene.read(stop.signal))) {
        seen.push(record);
        if (seen.length === 1) await journal.save(scene.write(), { step: 2 }, version);
        else stop.abort();
      }
      assert.deepEqual(seen, [{ step: 1 }, { step: 2 }]);
    },

    'journal: a watch that began before the first record gives it': async (scene) => {
      const { journal } = scene.platform;
      const stop = new AbortController();
      const first = (async () => {
        for await (const { record } of journal.watch(scene.read(stop.signal))) return record;
        return 'nothing';
      })();
      await scene.clock.sleep(1_000);
      await journal.save(scene.write(), { step: 1 }, undefined);
      assert.deepEqual(await first, { step: 1 });
      stop.abort();
    },

    'journal: the list has the apps with a record, by namespace': async (scene) => {
      const { journal } = scene.platform;
      const { namespace, name } = scene.fixture.app;
      const list = async (namespaces: readonly string[] | undefined): Promise<readonly string[]> => {
        const apps: string[] = [];
        for await (const app of journal.list(namespaces, scene.read().signal)) apps.push(`${app.namespace}/${app.name}`);
        return apps;
      };
      const mine = `${namespace}/${name}`;
      assert.ok(!(await list(undefined)).includes(mine), 'there before the first record');
      await journal.save(scene.write(), {}, undefined);
      assert.ok((await list(undefined)).includes(mine), 'missing in the list of all namespaces');
      assert.ok((await list([namespace])).includes(mine), 'missing in the list of its namespace');
      assert.ok(!(await list([`${namespace}-other`])).includes(mine), 'in the list of another namespace');
    },

    'journal: the mailbox gives what was posted, oldest first, and once': async (scene) => {
      const { journal } = scene.platform;
      const commands = Array.from({ length: 5 }, (_, n) => ({ kind: 'pause', n }));
      for (const command of commands) await journal.post(scene.read(), command);
      assert.deepEqual(await journal.take(scene.write()), commands);
      assert.deepEqual(await journal.take(scene.write()), []);
      await journal.post(scene.read(), { kind: 'resume' });
      assert.deepEqual(await journal.take(scene.write()), [{ kind: 'resume' }]);
    },

    'journal: what a holder was given and did not take again after is given to the next holder too': async (scene) => {
      const { journal } = scene.platform;
      for (const n of [1, 2]) await journal.post(scene.read(), { n });
      assert.deepEqual(await journal.take(scene.write(1)), [{ n: 1 }, { n: 2 }]);
      await journal.post(scene.read(), { n: 3 });
      await journal.fence?.(scene.write(2));
      assert.deepEqual(await journal.take(scene.write(2)), [{ n: 1 }, { n: 2 }, { n: 3 }]);
      await journal.post(scene.read(), { n: 4 });
      assert.deepEqual(await journal.take(scene.write(2)), [{ n: 4 }]);
      assert.deepEqual(await journal.take(scene.write(2)), []);
      assert.deepEqual(await journal.take(scene.write(3)), [], 'what was taken and taken again after is gone');
    },

    'journal: nothing posted at one time is lost': async (scene) => {
      const { journal } = scene.platform;
      await Promise.all([0, 1, 2, 3].map((n) => journal.post(scene.read(), { n })));
      const taken = (await journal.take(scene.write())) as readonly { readonly n: number }[];
      assert.deepEqual(taken.map(({ n }) => n).toSorted(), [0, 1, 2, 3]);
    },

    'journal: what is posted while the mailbox is taken is taken once, now or later': async (scene) => {
      const { journal } = scene.platform;
      const each = Array.from({ length: 12 }, (_, n) => n);
      const posting = Promise.all(each.map((n) => journal.post(scene.read(), { n })));
      const taken = [...(await journal.take(scene.write())), ...(await journal.take(scene.write()))];
      await posting;
      taken.push(...(await journal.take(scene.write())));
      assert.deepEqual(
        (taken as readonly { readonly n: number }[]).map(({ n }) => n).toSorted((a, b) => a - b),
        each,
      );
    },

    'journal: a post is no save': async (scene) => {
      const { journal } = scene.platform;
      const saved = await journal.save(scene.write(), { step: 1 }, undefined);
      await journal.post(scene.read(), { kind: 'abort' });
      assert.deepEqual(await journal.load(scene.read()), saved);
      await journal.save(scene.write(), { step: 2 }, saved.version);
      assert.deepEqual(await journal.take(scene.write()), [{ kind: 'abort' }]);
    },

    'journal: a call whose signal has aborted rejects': async (scene) => {
      await assert.rejects(scene.platform.journal.load(scene.read(AbortSignal.abort(new Error('stopped')))));
    },
  });
