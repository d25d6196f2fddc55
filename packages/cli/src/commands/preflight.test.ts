import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubernetes } from '@shepherd/kube';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import type { Connection } from '../connect.js';
import { main } from '../main.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  sandbox.image('r/web:1.0.0');
  sandbox.image('r/web:1.1.0');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 3 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

async function run(line: string, cwd?: string) {
  const io = new FakeIo(cwd === undefined ? {} : { cwd });
  const connect = async ({ requiredSecrets, ...connection }: Connection) =>
    kubernetes({ ...connection, ...sandbox.connection, app: { requiredSecrets } }) as never;
  const code = await main(line.split(' '), io, { connect, clock: sandbox.connection.clock });
  return { code, out: io.out, err: io.err };
}

/** Writes to the sandbox as a person with kubectl would. */
async function send(method: string, path: string, body: object): Promise<void> {
  const token = /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1] ?? '';
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const response = await sandbox.connection.transport(new Request(`http://sandbox.invalid${path}`, { method, body: JSON.stringify(body), headers }));
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

const request = 'preflight shop/web --image r/web:1.1.0';

test('it says what it found with level, place and what to do, and changes nothing', async () => {
  const before = sandbox.writes;
  const { code, out, err } = await run(request);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^preflight of shop\/web\n/);
  expect(out).toMatch(
    /\nwarnings\n[\s\S]*  zd\/prestop-missing  container web ends as soon as it is told to[\s\S]*\n      at:  Deployment web spec\.template[\s\S]*\n      fix: add lifecycle\.preStop/,
  );
  expect(out).toMatch(/\nlooked at\n[\s\S]*  way-back  if this release fails, it goes back to \w+ \(r\/web:1\.0\.0\)/);
  expect(out).toMatch(/\n0 errors, \d+ warnings?; nothing was changed\n$/);
  expect(sandbox.writes).toBe(before);
});

test('what blocks is an error and exit code 5, also where a cluster or a right is missing', async () => {
  sandbox.fault({ path: /deployments/ }, { status: 403 });
  const { code, out } = await run(`${request} --json`);
  const said = JSON.parse(out) as { exitCode: number; errors: number; findings: readonly { id: string; level: string }[] };
  expect([code, said.exitCode]).toEqual([5, 5]);
  expect(said.findings[0]).toMatchObject({ id: 'rights', level: 'error' });
  expect(said.errors).toBe(said.findings.filter(({ level }) => level === 'error').length);
});

test('requiredSecrets of the config: a missing one ends deploy and preflight with 5 before any write, and no value is shown', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-secrets-'));
  try {
    const config = { app: 'shop/web', requiredSecrets: [{ name: 'shepherd-secret', keys: ['secret-key', 'mongodb-uri'] }] };
    await writeFile(join(folder, 'shepherd.config.json'), JSON.stringify(config));
    const before = sandbox.writes;
    expect(await run('preflight --image r/web:1.1.0', folder)).toMatchObject({
      code: 5,
      out: expect.stringContaining('Secret shepherd-secret is required and does not exist in shop'),
    });
    expect(await run('deploy --image r/web:1.1.0 --yes', folder)).toMatchObject({
      code: 5,
      err: expect.stringContaining('ERR_PREFLIGHT: Secret shepherd-secret is required'),
    });
    expect(sandbox.writes).toBe(before);
    await send('POST', '/api/v1/namespaces/shop/secrets', { metadata: { name: 'shepherd-secret' }, stringData: { 'secret-key': 'hunter2hunter2' } });
    const { code, out } = await run('preflight --image r/web:1.1.0 --json', folder);
    expect(code).toBe(5);
    expect(out).toContain('Secret shepherd-secret has no key mongodb-uri');
    expect(out).not.toMatch(/hunter2|aHVudGVy/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('--strict makes warnings errors', async () => {
  expect((await run(`${request} --strict`)).code).toBe(5);
});

test('bad input is refused as a deploy refuses it', async () => {
  expect(await run('preflight shop/web --image r/web:latest')).toMatchObject({ code: 2, out: '' });
  expect(await run('preflight shop/wep --image r/web:1.1.0')).toMatchObject({ code: 2, err: expect.stringContaining('ERR_APP_NOT_FOUND') });
});

test('who holds the lock is named', async () => {
  const { memory, options } = fakeCluster();
  const io = new FakeIo();
  const deploy = main('deploy web --image r/web:1.1.0 --strategy canary --no-analysis --stages 50,100 --interval 120 --yes'.split(' '), io, options);
  while (!io.out.includes('traffic 0 % →')) await memory.clock.sleep(100);
  const looking = new FakeIo();
  expect(await main('preflight web --image r/web:1.2.0'.split(' '), looking, options)).toBe(5);
  expect(looking.out).toMatch(/lock-held  web is being released already: memory_\S+, by \S+ since \d{4}-/);
  expect(await deploy).toBe(0);
});

interface Sarif {
  readonly $schema: string;
  readonly version: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly rules: readonly { readonly id: string; readonly helpUri: string; readonly help: { readonly text: string } }[] };
    };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly partialFingerprints: object;
      readonly locations: readonly {
        readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: { readonly startLine: number } };
      }[];
    }[];
  }[];
}

test('--sarif: a log that code scanning takes, to stdout or a file, at the file that says how the app is released', async () => {
  const { code, out } = await run(`${request} --sarif -`);
  expect(code).toBe(0);
  const log = JSON.parse(out) as Sarif;
  expect(log).toMatchObject({ version: '2.1.0', $schema: expect.stringContaining('sarif-2.1.0') });
  const [{ tool, results } = { tool: { driver: { rules: [] } }, results: [] }] = log.runs;
  expect(results.length).toBeGreaterThan(0);
  for (const { ruleId, ruleIndex, level, message, locations, partialFingerprints } of results) {
    expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    expect(['error', 'warning']).toContain(level);
    expect(message.text.length).toBeGreaterThan(10);
    expect(locations[0]?.physicalLocation.region.startLine).toBe(1);
    expect(locations[0]?.physicalLocation.artifactLocation.uri).toMatch(/^kubernetes\/[a-z0-9./-]+\.yaml$/);
    expect(Object.keys(partialFingerprints)).toEqual(['shepherd/v1']);
  }
  for (const { helpUri, help } of tool.driver.rules) expect([helpUri, help.text].every((text) => text.length > 10)).toBe(true);
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-sarif-'));
  try {
    await writeFile(join(folder, 'shepherd.config.json'), '{ "app": "shop/web" }');
    expect((await run('preflight --image r/web:1.1.0 --sarif scan.sarif', folder)).out).toMatch(/^preflight of shop\/web/);
    const written = JSON.parse(await readFile(join(folder, 'scan.sarif'), 'utf8')) as Sarif;
    expect(written.runs[0]?.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('shepherd.config.json');
  } finally {
    await rm(folder, { recursive: true });
  }
});
