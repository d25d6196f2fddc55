import { expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

/** Command lines on one app that has run 1.0.0 and 1.1.0. */
async function shop(versions: Parameters<typeof fakeCluster>[0] = {}) {
  const { memory, options } = fakeCluster({ ...versions });
  const run = async (...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> => {
    const io = new FakeIo();
    const code = await main([...args], io, options);
    return { code, out: io.out, err: io.err };
  };
  expect((await run('deploy', 'web', '--image', 'r/web:1.1.0', '--yes')).code).toBe(0);
  return { memory, run };
}

test('history and rollback --list say the same, newest first, and as JSON', async () => {
  const { run } = await shop();
  const [history, list, json] = [await run('history', 'web'), await run('rollback', 'web', '--list'), await run('history', 'web', '--json')];
  expect(history.out).toBe(list.out);
  expect(history.out.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual(['REVISION', 'hash-1.1.0', 'hash-1.0.0', '']);
  expect(JSON.parse(json.out)).toMatchObject({ app: 'web', serving: 'hash-1.1.0', revisions: [{ hash: 'hash-1.1.0' }, { hash: 'hash-1.0.0' }] });
});

test('attempts are lines, and the exit code says how it ended', async () => {
  const { run, memory } = await shop({ versions: { '1.0.0': {}, '1.1.0': {} } });
  const app = memory.app();
  app.history.push('0.9.0');
  app.marks.set('hash-0.9.0', { verified: true });
  (app.options.versions as Record<string, object>)['1.0.0'] = { doomed: 'CrashLoopBackOff' };
  const first = await run('rollback', 'web', '--force', '--reason', 'error spike; $(reboot)');
  expect([first.code, first.out]).toEqual([
    0,
    expect.stringMatching(
      /attempt 1 of 2: back to web:1\.0\.0[\s\S]*attempt 1 of 2 failed: .*CrashLoopBackOff[\s\S]*attempt 2 of 2: back to web:0\.9\.0[\s\S]*succeeded/,
    ),
  ]);
  expect((await run('history', 'web')).out).toMatch(/hash-1\.1\.0 .*bad: rolled back from by .*: error spike; \$\(reboot\)/);
  const second = await run('rollback', 'web', '--force');
  expect([second.code, second.err]).toEqual([2, expect.stringContaining('ERR_REVISION_NOT_FOUND')]);
  expect((await run('rollback', 'web', '--to', 'hash-0.9.0', '--yes')).code).toBe(2);
});

test('none that verifies: exit code 4, with what was tried', async () => {
  const { run, memory } = await shop({ versions: { '1.0.0': {} } });
  (memory.app().options.versions as Record<string, object>)['1.0.0'] = { doomed: 'ErrImagePull: manifest unknown' };
  const { code, out } = await run('rollback', 'web', '--yes');
  expect([code, out]).toEqual([4, expect.stringMatching(/ROLLBACK FAILED[\s\S]*tried: web:1\.0\.0 .*manifest unknown/)]);
});

test('--force needs the lock', async () => {
  const { run, memory } = await shop();
  const context = {
    app: { cluster: 'memory', namespace: 'default', name: 'web' },
    rolloutId: 'other',
    signal: new AbortController().signal,
    clock: memory.clock,
  };
  await memory.lock.acquire(context, 'somebody');
  const { code, err } = await run('rollback', 'web', '--force');
  expect([code, err]).toEqual([5, expect.stringContaining('ERR_LOCK_HELD')]);
});
