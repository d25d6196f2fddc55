import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeCluster } from './__fixtures__/fake-cluster.js';
import { FakeIo, type FakeIoOptions } from './__fixtures__/fake-io.js';
import { deploy } from './commands/deploy.js';
import { nameKubeContext } from './connect.js';
import { main } from './main.js';
import { outputMode } from './output-mode.js';
import { allReports } from './report.js';
import type { World } from './world.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shepherd-context-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Its user is not there, so that no command gets as far as a request. */
async function kubeconfig(names: readonly string[], users: readonly string[] = []): Promise<string> {
  const file = join(folder, 'config');
  const contexts = names.map((name) => ({ name, context: { cluster: 'c', user: 'u' } }));
  const clusters = [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }];
  await writeFile(file, JSON.stringify({ 'current-context': names[0], contexts, clusters, users: users.map((name) => ({ name, user: {} })) }));
  return file;
}

const run = async (line: string): Promise<{ code: number; err: string }> => {
  const io = new FakeIo();
  return { code: await main(line.split(' '), io), err: io.err + io.out };
};

test.each(['deploy web --image r/web:1.1.0 --yes', 'rollback web --yes', 'watchdog --image r/shepherd:1'])(
  '%s: a current context that nobody named is refused where there are several',
  async (line) => {
    const file = await kubeconfig(['eu', 'us']);
    const { code, err } = await run(`${line} --kubeconfig ${file}`);
    expect(code).toBe(2);
    expect(err).toContain('nothing (the current one is eu)');
    expect(err).toContain('--context eu');
    // Named, or the only one, it is taken.
    expect((await run(`${line} --kubeconfig ${file} --context us`)).err).toContain('contexts.us.user');
    expect((await run(`${line} --kubeconfig ${await kubeconfig(['only'])}`)).err).toContain('contexts.only.user');
  },
);

test('what only reads takes the current one', async () => {
  const file = await kubeconfig(['production', 'staging']);
  for (const line of ['plan web --image r/web:1.1.0', 'deploy web --image r/web:1.1.0 --dry-run', 'rollback web --list', 'status web'])
    expect((await run(`${line} --kubeconfig ${file}`)).err).toContain('contexts.production.user');
});

test('a question names the context', async () => {
  const terminal: FakeIoOptions = { terminal: { columns: 80, rows: 24 }, answers: [[/\[y\/N\]/, 'n\n']] };
  const io = new FakeIo(terminal);
  const { connect, clock } = fakeCluster().options as Pick<World, 'connect' | 'clock'>;
  const file = await kubeconfig(['production', 'staging'], ['u']);
  expect(
    await deploy(
      'web',
      { image: 'r/web:1.1.0', kubeconfig: file },
      { io, output: outputMode({}, io), connect, clock, nameContext: nameKubeContext, report: allReports([]) },
    ),
  ).toBe(5);
  expect(io.err).toContain('Release r/web:1.1.0 to web in context production? [y/N]');
});
