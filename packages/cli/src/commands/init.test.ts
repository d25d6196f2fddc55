import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

// Over its real port, as from a laptop: the command finds its own way by the kubeconfig.
let sandbox: Sandbox;
let root = '';
let kubeconfig = '';
beforeAll(async () => {
  sandbox = await createSandbox({ time: 'real' });
  for (const image of ['r/web:1.0.0', 'r/api:2.1.0']) sandbox.image(image);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 2 });
  await sandbox.install({ name: 'api', namespace: 'shop', image: 'r/api:2.1.0', replicas: 1 });
  await sandbox.install({ name: 'web', namespace: 'staging', image: 'r/web:1.0.0', replicas: 1 });
});
afterAll(() => sandbox[Symbol.asyncDispose]());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shepherd-init-'));
  kubeconfig = join(root, 'kubeconfig');
  await writeFile(kubeconfig, sandbox.connection.kubeconfig);
});
afterEach(() => rm(root, { recursive: true }));

async function run(line: string, io = new FakeIo({ cwd: root })) {
  const code = await main([...line.split(' '), ...(line.startsWith('init') ? ['--kubeconfig', kubeconfig] : [])], io);
  return { code, out: io.out, err: io.err };
}
const written = async (): Promise<readonly string[]> => (await readdir(root)).filter((name) => name !== 'kubeconfig');
const terminal = { columns: 100, rows: 30 };

test('one namespace: what was found, a config that passes its check, nothing written to the cluster', async () => {
  const before = sandbox.writes;
  const { code, out, err } = await run('init -n staging --yes');
  expect({ code, out }).toEqual({ code: 0, out: 'shepherd.config.yaml is written; see what it comes to: shepherd config check\n' });
  expect(err).toMatch(/found 1 app:\n +staging\/web +1 pod +r\/web:1\.0\.0 +Service web; health at \/\S+; one pod/);
  const text = await readFile(join(root, 'shepherd.config.yaml'), 'utf8');
  expect(text).toMatch(
    /^# yaml-language-server: \$schema=\S+shepherd\.schema\.json\nschemaVersion: 1\napp: web\ncontext: \S+\nstrategy: rolling\ntimeout: 30m\nnamespace: staging\n/,
  );
  expect(await run('config check')).toMatchObject({ code: 0, err: '' });
  expect(sandbox.writes).toBe(before);
});

test.each(['yaml', 'json', 'ts', 'mjs'])('several namespaces are environments, in %s', async (format) => {
  const { code, err } = await run(`init -n staging,shop --yes --format ${format}`);
  expect(code, err).toBe(0);
  expect(err).toContain('found 3 apps:');
  const text = await readFile(join(root, `shepherd.config.${format}`), 'utf8');
  expect(text).toContain('requireEnv');
  if (format === 'yaml' || format === 'json') {
    const checked = await run('config check --json');
    expect(checked.code, checked.err).toBe(0);
    expect(JSON.parse(checked.out)).toMatchObject({ environments: { staging: { namespace: 'staging' }, shop: { namespace: 'shop', requireEnv: 'staging' } } });
  } else expect(text).toMatch(/^import \{ defineConfig \} from '@shepherd\/cli';\n\nexport default defineConfig\(\{/);
});

test('a config that is there stays, unless --force says otherwise; another format beside it is refused', async () => {
  await writeFile(join(root, 'shepherd.config.yaml'), 'app: mine\n');
  expect(await run('init -n shop --yes')).toMatchObject({ code: 2, err: expect.stringContaining('--force') });
  expect(await readFile(join(root, 'shepherd.config.yaml'), 'utf8')).toBe('app: mine\n');
  expect(await run('init -n shop --yes --format json --force')).toMatchObject({ code: 2, err: expect.stringContaining('shepherd.config.yaml') });
  expect((await run('init -n shop --yes --force')).code).toBe(0);
  expect(await readFile(join(root, 'shepherd.config.yaml'), 'utf8')).toContain('namespace: shop');
});

test.each([
  ['y\n', 0, ['shepherd.config.yaml']],
  ['n\n', 5, []],
] as const)('at a terminal it asks: %j', async (answer, code, files) => {
  const io = new FakeIo({ cwd: root, terminal, answers: [[/Write shepherd\.config\.yaml\? \[y\/N\]/, answer]] });
  expect((await run('init -n shop', io)).code).toBe(code);
  expect(io.err).toContain('namespace: shop');
  expect(await written()).toEqual(files);
});

test('--print writes nothing', async () => {
  const { code, out } = await run('init -n shop --print');
  expect(code).toBe(0);
  expect(out).toContain('namespace: shop');
  expect(await written()).toEqual([]);
});

test.each([
  ['init -n shop', '--yes: got no terminal to ask at'],
  ['init -n empty --yes', 'no Deployment in empty'],
  ['init -n shop --yes --format toml', '--format: got "toml"'],
])('%s is refused', async (line, said) => {
  expect(await run(line)).toMatchObject({ code: 2, err: expect.stringContaining(said) });
  expect(await written()).toEqual([]);
});
