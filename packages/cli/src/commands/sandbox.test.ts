import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@shepherd/core';
import { helm } from '@shepherd/helm';
import { kubernetes } from '@shepherd/kube';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

const connect = async (connection: object) => helm(kubernetes(connection));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Starts the command; resolves when it has said something. */
async function started(io: FakeIo, args: readonly string[]): Promise<{ readonly over: Promise<number> }> {
  const ended = main(['sandbox', ...args], io, { connect, clock: systemClock });
  const first = await Promise.race([ended, expect.poll(() => io.out, { timeout: 20_000 }).not.toBe('')]);
  if (typeof first === 'number') throw new Error(`ended with ${first}: ${io.err}`);
  return { over: ended };
}

test('writes a kubeconfig that nobody else can read, serves the app, ends at Ctrl-C and leaves nothing', async () => {
  const io = new FakeIo({ cwd: folder });
  const { over } = await started(io, ['--app', 'shop', '--replicas', '2', '--kubeconfig', 'kc', '--json']);
  const { url, kubeconfig, app } = JSON.parse(io.out);
  expect([kubeconfig, app]).toEqual([
    join(folder, 'kc'),
    { name: 'shop', image: 'sandbox.test/shop:1.0.0', replicas: 2, url: expect.stringMatching(/^http:/) },
  ]);
  expect((await stat(kubeconfig)).mode & 0o777).toBe(0o600);
  expect(await readFile(kubeconfig, 'utf8')).toContain(url);
  expect(await (await fetch(app.url)).json()).toMatchObject({ version: '1.0.0' });
  const pods = (await (await fetch(`${url}/api/v1/namespaces/default/pods`)).json()) as { items: unknown[] };
  expect(pods.items).toHaveLength(2);
  io.signal('SIGINT');
  expect(await over).toBe(0);
  await expect(stat(kubeconfig)).rejects.toThrow('ENOENT');
  await expect(fetch(url)).rejects.toThrow();
});

test('says what to try next', async () => {
  const io = new FakeIo({ cwd: folder });
  const { over } = await started(io, []);
  expect(io.out).toMatch(
    /http:\/\/127\.0\.0\.1:\d+\n {2}export KUBECONFIG=\/.*\na Prometheus API over .*: http:\/\/127\.0\.0\.1:\d+\ntry\n {2}kubectl create deployment/,
  );
  io.signal('SIGTERM');
  expect(await over).toBe(0);
});

test('a file that is there is not written over', async () => {
  await writeFile(join(folder, 'mine'), 'my cluster');
  const io = new FakeIo({ cwd: folder });
  expect(await main(['sandbox', '--kubeconfig', 'mine'], io, { connect, clock: systemClock })).toBe(2);
  expect(io.err).toContain('a file that does not exist yet');
  expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('my cluster');
});

test.each([
  ['--app', 'Not_A_Name'],
  ['--replicas', '-1'],
])('%s %s is refused', async (flag, value) => {
  const io = new FakeIo({ cwd: folder });
  expect(await main(['sandbox', `${flag}=${value}`], io, { connect, clock: systemClock })).toBe(2);
  expect(io.err).toContain(flag);
});
