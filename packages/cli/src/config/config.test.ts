import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';
import { jsonSchema } from './config-schema.js';
import { loadSettings } from './load-config.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shepherd-config-'));
  await mkdir(join(root, '.git'));
});
afterEach(() => rm(root, { recursive: true }));

/** Of the configs below, as commands know them. */
const places = [{ name: 'production', namespace: 'shop' }];

/** `config check` on one file of this content. */
async function check(content: string, { name = 'shepherd.config.yaml', flags = '' } = {}) {
  await writeFile(join(root, name), content);
  const io = new FakeIo({ cwd: root });
  const code = await main(['config', 'check', ...flags.split(' ').filter(Boolean)], io);
  return { code, out: io.out, err: io.err };
}

const good = `
app: web
interval: 180
environments:
  staging: { namespace: staging }
  production:
    namespace: shop
    requireEnv: staging
    windows:
      - { name: night, kind: allow, schedule: 0 2 * * *, duration: 2h, timeZone: Europe/Berlin, environments: [production] }
`;

test('a good config: what each environment comes to', async () => {
  const { code, out, err } = await check(good);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('all is well');
  expect(out).toMatch(/--environment staging:\n {2}app: web\n {2}interval: 180\n {2}namespace: staging\n/);
  const { out: json } = await check(good, { flags: '--environment production --json' });
  expect(JSON.parse(json)).toMatchObject({ environments: { production: { app: 'web', namespace: 'shop', requireEnv: 'staging' } } });
  expect(await check(good, { flags: '--environment prodction' })).toMatchObject({ code: 2, err: expect.stringContaining('expected production') });
});

test.each([
  ['an unknown field, with the nearest', 'app: web\nstraegy: canary\n', 'config.straegy: got an unknown field, expected strategy', 2],
  ['one further in', 'prometheus:\n  url: https://p\n  vocabulry: http\n', 'config.prometheus.vocabulry: got an unknown field, expected vocabulary', 3],
  ['stages that fall', 'stages: [50, 10, 100]\n', 'config.stages: got [50,10,100], expected percents that rise and end at 100', 1],
  [
    'two environments with one namespace',
    'namespace: shop\nenvironments:\n  staging: {}\n  production: { namespace: shop }\n',
    'config.environments.production.namespace: got the same context and namespace as staging',
    4,
  ],
  [
    'two that say none',
    'environments:\n  staging: { interval: 60 }\n  production: {}\n',
    'config.environments.production: got the same context and namespace as staging',
    3,
  ],
  [
    'a time zone that does not exist',
    good.replace('Europe/Berlin', 'Europe/Berlln'),
    'windows.0.timeZone: got "Europe/Berlln", expected an IANA time zone',
    10,
  ],
  [
    'a window that never opens',
    good.replace('0 2 * * *', '0 2 31 4 *'),
    'windows.0.schedule: got "0 2 31 4 *", expected a day that exists: this window never opens',
    10,
  ],
  ['a window of an environment that is not there', good.replace('[production]', '[prod]'), 'windows.0.environments.0: got "prod", expected production', 10],
  [
    'an environment that nobody has',
    good.replace('requireEnv: staging', 'requireEnv: stagin'),
    'config.environments.production.requireEnv: got "stagin", expected staging',
    8,
  ],
  [
    'an environment that waits for itself',
    good.replace('requireEnv: staging', 'requireEnv: production'),
    'got the environment itself, expected another one',
    8,
  ],
] as const)('refused: %s', async (_, content, said, line) => {
  const { code, err } = await check(content);
  expect(code).toBe(2);
  expect(err).toContain(said);
  expect(err).toContain(`(shepherd.config.yaml:${line})`);
});

test('a config of another schema version is refused', async () => {
  expect(await check('schemaVersion: 2\n')).toMatchObject({ code: 2, err: expect.stringContaining('config.schemaVersion') });
});

const token = 'hunter2-hunter2-hunter2';
test.each([
  ['a token', `prometheus: { url: https://p, bearer: ${token} }`],
  ['a password', `prometheus: { url: https://p, basic: { username: u, password: ${token} } }`],
  ['a header', `prometheus: { url: https://p, headers: { Authorization: Bearer ${token} } }`],
  ['an address with a password', `prometheus: https://u:${token}@p`],
  ['a value of a chart', `values: [{ db: { rootPassword: ${token} } }]`],
  ['a webhook', `values: [{ hook: https://hooks.slack.com/services/T0/B0/${token.replaceAll('-', '')} }]`],
])('refused: %s as a literal, which is never shown', async (_, content) => {
  for (const flags of ['', '--json']) {
    const { code, out, err } = await check(`${content}\n`, { flags });
    expect(code).toBe(2);
    expect(err).toMatch(/: got (a literal|what looks like .*), expected where the secret stands.*\(shepherd\.config\.yaml:1\)/);
    expect(out + err).not.toContain('hunter2');
  }
});

test('where a secret stands, and the name of one, are none', async () => {
  const content = 'prometheus: { url: https://p, bearer: { env: TOKEN } }\nvalues: [{ existingSecret: db, tokenTTL: 3h, passwordSecretRef: db }]\n';
  expect(await check(content)).toMatchObject({ code: 0, err: '' });
});

test('TypeScript, and a function that is told the environment', async () => {
  const content = `
    import { defineConfig } from '@shepherd/cli';
    type Context = { readonly env: string | undefined; readonly ci: boolean };
    export default defineConfig(({ env }: Context) => ({ app: env === 'production' ? 'web' : 'other', environments: { production: { namespace: 'shop' } } }));`;
  expect(await check(content, { name: 'shepherd.config.ts' })).toMatchObject({ code: 0, err: '' });
  expect(await loadSettings({ environment: 'production' }, root)).toEqual({ app: 'web', namespace: 'shop', environment: 'production', places });
  expect(await loadSettings({}, root)).toEqual({ app: 'other', places });
  const data = await check(content, { name: 'shepherd.config.ts', flags: '--config-format data' });
  expect(data).toMatchObject({ code: 2, err: expect.stringContaining('which is code') });
});

test('a config that exports nothing, and one that throws', async () => {
  expect(await check('const app = 1;', { name: 'shepherd.config.mjs' })).toMatchObject({ code: 2, err: expect.stringContaining('it has no default export') });
  await rm(join(root, 'shepherd.config.mjs'));
  expect(await check('export default () => { throw new Error("no vault") };', { name: 'shepherd.config.js' })).toMatchObject({
    code: 2,
    err: expect.stringContaining('no vault'),
  });
});

test('none at all, and another word than check', async () => {
  const io = new FakeIo({ cwd: root });
  expect(await main(['config', 'check'], io)).toBe(2);
  expect(io.err).toContain('shepherd init writes one');
  expect(await main(['config', 'chek'], new FakeIo({ cwd: root }))).toBe(2);
});

test('flags win over variables, these over the environment, that over the file', async () => {
  await writeFile(
    join(root, 'shepherd.config.json'),
    '{ "app": "web", "interval": 60, "drain": 5, "environments": { "production": { "namespace": "shop", "drain": 7 } } }',
  );
  const env = { SHEPHERD_ENVIRONMENT: 'production', SHEPHERD_INTERVAL: '90', SHEPHERD_GRACE_PERIOD: '5m', SHEPHERD_STRATEGY: '' };
  expect(await loadSettings({}, { cwd: root, env })).toEqual({
    app: 'web',
    interval: '90',
    drain: 7,
    namespace: 'shop',
    gracePeriod: '5m',
    environment: 'production',
    places,
  });
  await expect(loadSettings({}, { cwd: root, env: { SHEPHERD_INTERVAL: 'soon' } })).rejects.toThrow('SHEPHERD_INTERVAL: got "soon", expected seconds');
  await expect(loadSettings({}, { cwd: root, env: { SHEPHERD_STRATEGY: 'blue' } })).rejects.toThrow('SHEPHERD_STRATEGY');
});

test('the schema that ships is the one that is checked by', async () => {
  const shipped = await readFile(join(import.meta.dirname, '..', '..', 'shepherd.schema.json'), 'utf8');
  expect(shipped).toBe(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  const io = new FakeIo();
  expect(await main(['schema'], io)).toBe(0);
  expect(io.out).toBe(shipped);
});

test.each([
  ['types alone', "const app: string = 'web';\nexport default { app };\n", { 'other.ts': '' }],
  ['this package, which is not installed there', "import { defineConfig } from '@shepherd/cli';\nexport default defineConfig({ app: 'web' });\n", {}],
  ['what is more than types', "enum Apps { web = 'web' }\nexport default { app: Apps.web };\n", {}],
  ['a file without its extension', "import { app } from './other';\nexport default { app };\n", { 'other.ts': "export const app: string = 'web';\n" }],
])('TypeScript with %s runs on every Node', async (_, content, files) => {
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  expect(await check(content, { name: 'shepherd.config.ts' })).toMatchObject({ code: 0, out: expect.stringContaining('app: web') });
});

test('TypeScript is read anew, and what it throws is said once', async () => {
  const write = (content: string) => check(content, { name: 'shepherd.config.ts' });
  expect((await write("export default { app: 'web' as string };\n")).out).toContain('app: web');
  expect((await write("export default { app: 'shop' as string };\n")).out).toContain('app: shop');
  await writeFile(join(root, 'ran.txt'), '');
  const thrown = await write(
    "import { appendFileSync } from 'node:fs';\nappendFileSync(new URL('ran.txt', import.meta.url), 'x');\nthrow new Error('mine' as string);\n",
  );
  expect([thrown.code, thrown.err]).toEqual([2, expect.stringContaining('shepherd.config.ts (mine)')]);
  expect(await readFile(join(root, 'ran.txt'), 'utf8')).toBe('x');
});
