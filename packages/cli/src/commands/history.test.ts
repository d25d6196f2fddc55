import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

let root = '';
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'shepherd-history-'))));
afterEach(() => rm(root, { recursive: true }));

function setUp() {
  const { options } = fakeCluster({ versions: { '9.9.9': { reply: () => ({ status: 503 }) } } });
  return async (...argv: string[]) => {
    const io = new FakeIo({ cwd: root });
    const code = await main(argv, io, options);
    return { code, out: io.out, err: io.err };
  };
}
const log = async (): Promise<readonly string[]> => (await readFile(join(root, 'deployment.log'), 'utf8')).split('\n').slice(0, -1);

test('--log keeps a line of each rollout, once: date, version, environment, strategy, end', async () => {
  const run = setUp();
  expect((await run('history', 'web', '--log', 'deployment.log')).err).toContain('no rollout to log');
  await run('deploy', 'web', '--image', 'r/web:1.1.0', '--yes', '--reason', 'release of\nMay');
  expect((await run('history', 'web', '--log', 'deployment.log')).code).toBe(0);
  expect((await run('history', 'web', '--log', 'deployment.log')).err).toContain('already');
  await run('deploy', 'web', '--image', 'r/web:9.9.9', '--strategy', 'canary', '--no-analysis', '--check', '/api/health', '--yes');
  await run('history', 'web', '--log', 'deployment.log');
  await run('rollback', 'web', '--to', 'hash-1.0.0', '--yes');
  await run('history', 'web', '--log', 'deployment.log');
  const lines = await log();
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z: web (web:)?1\.1\.0 to default - rolling, succeeded \(memory_\S+, by [^:]+: release of May\)$/);
  expect(lines[1]).toMatch(/: web (web:)?9\.9\.9 to default - canary, rolled-back \(/);
  expect(lines[2]).toMatch(/: web (web:)?1\.0\.0 to default - rollback, succeeded \(/);
});

test('a log without an end of line gets one; a folder is refused', async () => {
  const run = setUp();
  await writeFile(join(root, 'deployment.log'), 'by hand');
  await run('deploy', 'web', '--image', 'r/web:1.1.0', '--yes');
  await run('history', 'web', '--log', 'deployment.log');
  expect((await log())[0]).toBe('by hand');
  expect(await run('history', 'web', '--log', '.')).toMatchObject({ code: 2, err: expect.stringContaining('--log') });
});
