import { systemClock } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { kubernetes } from '@shepherd/kube';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

let sandbox: Sandbox;
let address: string;
beforeAll(async () => {
  sandbox = await createSandbox({ time: 'real' });
  for (const version of ['1.0.0', '1.1.0']) sandbox.image(`r/web:${version}`);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 2 });
  address = Object.values(await sandbox.addresses('shop/web'))[0] ?? '';
});
afterAll(() => sandbox[Symbol.asyncDispose]());

async function run(line: string) {
  const io = new FakeIo();
  const connect = async () => kubernetes({ kubeconfig: sandbox.connection.kubeconfig, app: { checks: standard({ quiet: '0s' }) } }) as never;
  const code = await main(line.split(' '), io, { connect, clock: systemClock });
  return { code, out: io.out, err: io.err };
}

test('verify: every check by name, the pods, and a request from here by its parts', async () => {
  const before = sandbox.writes;
  const { code, out } = await run(`verify shop/web --guide --url ${address}/api/health`);
  expect(out).toMatch(/^verify kubernetes\/shop\/web\n/);
  expect(out).toMatch(/ {2}pass {2}every pod answers \/api\/health/);
  expect(out).toMatch(
    /GET http:\/\/127\.0\.0\.1:\d+\/api\/health answers 200[^\n]*\n +DNS [\d.]+ ms · connect [\d.]+ ms · TLS [\d.]+ ms · pre-transfer [\d.]+ ms · redirect 0 ms · first byte [\d.]+ ms · total [\d.]+ ms/,
  );
  expect(out).toMatch(/POD +TRACK +READY +STATUS +RESTARTS +AGE +IMAGE\n +web-\S+ +stable +1\/1 +Running +0/);
  expect(out).toMatch(/\nall is well\n$/);
  expect([code, sandbox.writes]).toEqual([0, before]);
});

test('verify --logs: the lines of trouble in the last hundred of each pod, for a person to read', async () => {
  const { code, out } = await run('verify shop/web --logs');
  expect(out).toMatch(/\nlog of web-\S+, web: 0 of \d+ lines tell of trouble\nlog of web-/);
  expect(code).toBe(0);
  const heal = sandbox.fault({ path: /\/log\?/ }, { status: 403 });
  const less = await run('verify shop/web --logs');
  heal();
  expect(less.out).toMatch(/\nlog of web-\S+, web: not allowed to get pods\/log\n/);
  expect(less.code).toBe(0);
  expect((await run('verify shop/web')).out).not.toContain('log of');
});

test('verify: what does not pass is named, and the exit code is 1', async () => {
  const heal = sandbox.fault({ path: /proxy\/nope/ }, { status: 404 });
  const { code, out } = await run('verify shop/web --check /nope --url http://127.0.0.1:9/ --json');
  heal();
  const said = JSON.parse(out) as {
    passed: boolean;
    exitCode: number;
    checks: readonly { verdict: string; says: string }[];
    probe: object;
  };
  expect(said).toMatchObject({ passed: false, exitCode: 1, probe: { ok: false, says: [expect.stringContaining('gave no answer')] } });
  expect(said.checks.filter(({ verdict }) => verdict !== 'pass').map(({ says }) => says)).toEqual([
    expect.stringMatching(/answered 404 to \/nope, expected 200/),
  ]);
  expect(code).toBe(1);
  expect((await run('verify shop/web --url http://127.0.0.1:9/')).out).toMatch(/fail {2}GET http:\/\/127\.0\.0\.1:9\/: gave no answer/);
});

test('baseline: a load through the Service and from here, kept by revision', async () => {
  const first = await run('baseline shop/web --requests 60 --concurrency 6');
  expect(first.code).toBe(0);
  expect(first.out).toMatch(
    /^baseline of \w+ \(r\/web:1\.0\.0\): 60 requests to \/api\/health, 6 at a time, through the API server's proxy\n {2}[\d.]+ requests\/s · P50 [\d.]+ ms · P95 [\d.]+ ms · P99 [\d.]+ ms · 0 failed \(0 %\)\n {2}nothing to compare with yet/,
  );
  const there = await run(`baseline shop/web --requests 40 --url ${address}/api/health --json`);
  expect(JSON.parse(there.out)).toMatchObject({ now: { via: 'url', requests: 40, failed: 0 }, stored: true, exitCode: 0 });
  const kept = sandbox.objects.get('configmaps', 'shop', 'shepherd-web-baselines') as unknown as { data: Record<string, string> };
  expect(Object.values(kept.data).map((text) => JSON.parse(text) as object)).toEqual([expect.objectContaining({ images: ['r/web:1.0.0'], via: 'url' })]);
});

test('baseline: the next revision is held against it, and what got worse ends with 1', async () => {
  expect((await run('baseline shop/web --requests 60')).code).toBe(0);
  expect((await run('deploy shop/web --image r/web:1.1.0 --yes')).code).toBe(0);
  const same = await run('baseline shop/web --requests 60 --max-slower 100000');
  expect(same).toMatchObject({ code: 0, out: expect.stringMatching(/as good as \w+ \(r\/web:1\.0\.0, 20\d\d-\d\d-\d\d\): P95/) });
  const broken = sandbox.fault({ path: /\/proxy/, chance: 0.5 }, 'reset');
  const worse = await run('baseline shop/web --requests 60 --json');
  broken();
  expect(worse.code).toBe(1);
  expect(JSON.parse(worse.out)).toMatchObject({
    compared: { verdict: 'fail', says: expect.arrayContaining([expect.stringContaining('of requests failed, 0 % before')]) },
  });
});

test.each([
  ['baseline shop/web --requests many', '--requests'],
  ['baseline shop/web --concurrency 0', '--concurrency'],
  ['baseline shop/web --url ftp://x', '--url'],
  ['baseline shop/web --url http://user:secret1@x/', '--url'],
  ['baseline production/web', '--yes'],
  ['verify shop/web --check health', '--check'],
])('%s is refused', async (line, path) => {
  const { code, err, out } = await run(line);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(path);
  expect(err).not.toContain('secret1');
});
