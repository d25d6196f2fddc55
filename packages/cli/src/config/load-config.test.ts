import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findConfig, loadSettings } from './load-config.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shepherd-config-'));
  await mkdir(join(root, 'repo/.git'), { recursive: true });
  await mkdir(join(root, 'repo/a/b'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));
const write = (path: string, text: string): Promise<void> => writeFile(join(root, path), text);

test('found upward, not beyond the repository', async () => {
  await write('shepherd.config.json', '{}');
  expect(await findConfig(join(root, 'repo/a/b'))).toBeUndefined();
  await write('repo/shepherd.config.yaml', 'app: web');
  expect(await findConfig(join(root, 'repo/a/b'))).toBe(join(root, 'repo/shepherd.config.yaml'));
  await write('repo/a/shepherd.config.json', '{}');
  expect(await findConfig(join(root, 'repo/a/b'))).toBe(join(root, 'repo/a/shepherd.config.json'));
});

test('two in one folder are one too many', async () => {
  await write('repo/shepherd.config.yaml', '');
  await write('repo/shepherd.config.json', '{}');
  await expect(findConfig(join(root, 'repo'))).rejects.toThrow(/shepherd.config.json and shepherd.config.yaml, expected one config/);
});

test.each([
  ['shepherd.config.json', '{ "app": "web", "interval": 180, "environments": { "production": { "namespace": "prod" } } }'],
  ['shepherd.config.yaml', 'app: web\ninterval: 180\nenvironments:\n  production:\n    namespace: prod\n'],
  ['shepherd.config.mjs', 'export default { app: "web", interval: 180, environments: { production: { namespace: "prod" } } };'],
])('%s', async (name, text) => {
  await write(`repo/${name}`, text);
  const cwd = join(root, 'repo/a');
  const all = { app: 'web', interval: 180, places: [{ name: 'production', namespace: 'prod' }] };
  expect(await loadSettings({}, cwd)).toEqual(all);
  expect(await loadSettings({ environment: 'production' }, cwd)).toEqual({ ...all, namespace: 'prod', environment: 'production' });
  await expect(loadSettings({ environment: 'prodution' }, cwd)).rejects.toThrow('--environment: got prodution, expected production');
});

test('an environment is asked for by its namespace, where one alone has it', async () => {
  const environments = {
    staging: { namespace: 'staging', strategy: 'rolling' },
    a: { context: 'eu', namespace: 'shop', strategy: 'canary' },
    b: { context: 'us', namespace: 'shop', strategy: 'blue-green' },
  };
  await write('repo/shepherd.config.json', JSON.stringify({ app: 'web', namespace: 'staging', environments }));
  const cwd = join(root, 'repo');
  expect((await loadSettings({ namespace: 'staging' }, cwd)).strategy).toBe('rolling');
  expect((await loadSettings({}, cwd)).strategy).toBe('rolling');
  expect((await loadSettings({ namespace: 'shop' }, cwd)).strategy).toBeUndefined();
  expect((await loadSettings({ namespace: 'other' }, cwd)).strategy).toBeUndefined();
  expect((await loadSettings({ namespace: 'shop', environment: 'a' }, cwd)).strategy).toBe('canary');
});

test('no config is fine, as long as nobody asks for an environment of it', async () => {
  expect(await loadSettings({}, join(root, 'repo'))).toEqual({});
  await expect(loadSettings({ environment: 'production' }, join(root, 'repo'))).rejects.toThrow('there is none from here upward');
});

test('a kubeconfig counts from the folder of the config', async () => {
  await write('repo/shepherd.config.json', '{ "kubeconfig": "k/config" }');
  expect(await loadSettings({}, join(root, 'repo/a/b'))).toEqual({ kubeconfig: join(root, 'repo/k/config') });
});

test('everything that is wrong is named', async () => {
  const config = {
    ap: 'web',
    stages: [10, 'x'],
    interval: 'soon',
    strategy: 'green',
    checks: ['health', { exec: [] }, { exec: ['a'], shell: true }],
    environments: { production: { contxt: 'eu' } },
  };
  await write('repo/shepherd.config.json', JSON.stringify(config));
  const error = await loadSettings({}, join(root, 'repo')).catch((thrown: unknown) => thrown);
  expect(
    (error as { facts: { issues: readonly { path: string; got: string; expected: string }[] } }).facts.issues.map(
      ({ path, got, expected }) => `${path}: ${got}: ${expected}`,
    ),
  ).toMatchInlineSnapshot(`
    [
      "config.strategy: "green": one of "rolling"|"blue-green"|"canary"",
      "config.stages.1: "x": number",
      "config.interval: "soon": seconds, or a number with a unit: 180 or "3m"",
      "config.checks.0: "health": Invalid string: must start with "/"",
      "config.checks.1.exec: []: Too small: expected array to have >=1 items",
      "config.checks.2.shell: an unknown field: one of path, status, text, json, header, incident, exec, container, timeout, expect",
      "config.environments.production.contxt: an unknown field: context",
      "config.ap: an unknown field: app",
    ]
  `);
});

test('a file that cannot be read is named', async () => {
  await write('repo/shepherd.config.json', '{ "app": ');
  await expect(loadSettings({}, join(root, 'repo'))).rejects.toThrow(/config: got .*shepherd\.config\.json \(/);
  await expect(loadSettings({ config: 'other.json' }, join(root, 'repo'))).rejects.toThrow(/other\.json/);
});
