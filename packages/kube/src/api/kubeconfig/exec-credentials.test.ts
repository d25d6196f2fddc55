import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@shepherd/core';
import { VirtualClock } from '@shepherd/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CredentialSource } from './connection.js';
import { execCredentials } from './exec-credentials.js';
import type { ClusterConfig, ExecConfig } from './kubeconfig-file.js';

let folder: string;
const ending: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shepherd-exec-'));
});
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
  await rm(folder, { recursive: true, force: true });
});

const apiVersion = 'client.authentication.k8s.io/v1';
const cluster: ClusterConfig = { server: 'https://cluster.test', extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'shop' } }] };
const answer = (statusCode: string): string => `console.log(JSON.stringify({ apiVersion: '${apiVersion}', kind: 'ExecCredential', status: ${statusCode} }))`;

/** A plugin that is this JavaScript. */
async function plugin(code: string, more: Partial<ExecConfig> = {}): Promise<CredentialSource> {
  const file = join(folder, 'plugin.cjs');
  await writeFile(file, code);
  return make({ command: process.execPath, args: [file], ...more });
}

const make = (exec: ExecConfig): Promise<CredentialSource> =>
  execCredentials('users.me.exec', { value: { apiVersion, ...exec }, file: join(folder, 'config'), folder }, { value: cluster, file: 'config', folder });

const never = new AbortController().signal;
const get = (source: CredentialSource, clock = systemClock, signal = never) => source.get({ signal, clock });
const tokenOf = async (source: CredentialSource, clock = systemClock): Promise<unknown> => (await get(source, clock)).headers['authorization'];

describe('an exec plugin', () => {
  it("gets the process's environment, its own, and what asks for the credential", async () => {
    const code = answer('{ token: JSON.stringify([process.env.PATH === undefined, process.env.MINE, process.env.KUBERNETES_EXEC_INFO]) }');
    const plain = String(await tokenOf(await plugin(code, { env: [{ name: 'MINE', value: 'yes' }] }))).replace('Bearer ', '');
    const [noPath, mine, info] = JSON.parse(plain) as [boolean, string, string];
    expect([noPath, mine]).toEqual([false, 'yes']);
    expect(JSON.parse(info)).toEqual({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
    const told = String(await tokenOf(await plugin(code, { provideClusterInfo: true }))).replace('Bearer ', '');
    const spec = (JSON.parse((JSON.parse(told) as string[])[2] ?? '') as { spec: object }).spec;
    expect(spec).toEqual({ interactive: false, cluster: { server: 'https://cluster.test', config: { audience: 'shop' } } });
  });

  it('may answer with a certificate', async () => {
    const source = await plugin(answer(`{ clientCertificateData: 'CERT', clientKeyData: 'KEY' }`));
    expect(await get(source)).toEqual({ headers: {}, clientCertificate: { cert: 'CERT', key: 'KEY' } });
  });

  it('finds its stdin closed, so that a prompt fails instead of hanging', async () => {
    const source = await plugin(`process.stdin.resume(); process.stdin.on('end', () => ${answer(`{ token: 'eof' }`)})`);
    expect(await tokenOf(source)).toBe('Bearer eof');
  });

  it('is found beside the kubeconfig when its path is relative', async () => {
    await writeFile(join(folder, 'login'), `#!${process.execPath}\n${answer(`{ token: 'here' }`)}`);
    await chmod(join(folder, 'login'), 0o755);
    expect(await tokenOf(await make({ command: './login' }))).toBe('Bearer here');
  });

  it('that fails shows the end of its stderr and nothing of its stdout', async () => {
    const source = await plugin(`console.log('s3cret'); for (let i = 0; i < 40; i++) console.error('line ' + i); process.exitCode = 3`);
    const error: Error = await get(source).then(
      () => expect.fail(),
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ code: 'ERR_UNREACHABLE', retryable: true });
    expect(error.message).toContain('exit code 3; it said: line 30\n');
    expect(error.message).toContain('line 39');
    expect(JSON.stringify(error) + error.message).not.toContain('s3cret');
  });

  it.each([
    ['no JSON', `console.log('token s3cret')`, 'not JSON'],
    ['something else', `console.log(JSON.stringify({ kind: 'Secret', token: 's3cret' }))`, 'no ExecCredential'],
    ['another version', `console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion: 'v0', status: { token: 's3cret' } }))`, 'of v0'],
    ['nothing usable', answer(`{ clientCertificateData: 's3cret' }`), 'neither a token nor a certificate'],
  ])('that prints %s is named, without its output', async (_, code, said) => {
    const error: Error = await get(await plugin(code)).then(
      () => expect.fail(),
      (thrown: Error) => thrown,
    );
    expect(error.message).toContain(said);
    expect(JSON.stringify(error) + error.message).not.toContain('s3cret');
  });

  it('that is not installed is explained by its install hint', async () => {
    await expect(get(await make({ command: 'no-such-login', installHint: 'brew install it\n' }))).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTIONS',
      remedy: 'brew install it',
      facts: { issues: [{ path: 'users.me.exec.command', got: 'no-such-login (not on the PATH)' }] },
    });
    await expect(get(await make({ command: './gone' }))).rejects.toMatchObject({ facts: { issues: [{ got: expect.stringContaining('(no such program)') }] } });
  });

  it('is refused before it runs when it cannot work', async () => {
    await expect(make({ command: 'x', interactiveMode: 'Always' })).rejects.toMatchObject({ facts: { issues: [{ path: 'users.me.exec.interactiveMode' }] } });
    await expect(make({ command: 'x', apiVersion: 'client.authentication.k8s.io/v1alpha1' })).rejects.toMatchObject({
      facts: { issues: [{ path: 'users.me.exec.apiVersion' }] },
    });
    await expect(make({ command: '' })).rejects.toMatchObject({ facts: { issues: [{ path: 'users.me.exec.command' }] } });
  });

  it('is killed after 30 s', async () => {
    const clock = new VirtualClock();
    const run = get(await plugin('setInterval(() => {}, 1000)'), clock);
    const failed = expect(run).rejects.toMatchObject({ code: 'ERR_UNREACHABLE', message: expect.stringContaining('no answer within 30 s') });
    await clock.advance('29s');
    expect(clock.sleeping).toBe(1);
    await clock.advance('1s');
    await failed;
    expect(clock.sleeping).toBe(0);
  });

  it('that floods its output is ended at once', async () => {
    const source = await plugin(`setInterval(() => process.stdout.write('s3cret'.repeat(20000)), 0)`);
    const started = performance.now();
    await expect(get(source)).rejects.toMatchObject({ code: 'ERR_UNREACHABLE', message: expect.stringContaining('more than 1024 KiB') });
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it.each([
    ['a token by its name', 'token=abc123', 'abc123'],
    ['a password', 'Password: "hunter2"', 'hunter2'],
    ['a header', 'sent Authorization: Bearer xyz.12345', 'xyz.12345'],
    ['a JSON web token', `got ${['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0', 'abcDEF123456'].join('.')}`, 'eyJzdWIiOiIxMjM0NTY3ODkwIn0'],
    ['a key by its looks', 'using AKIA1234567890ABCDEF now', 'AKIA1234567890ABCDEF'],
    ['an address', 'GET https://jo:hunter2@login.test/', 'hunter2'],
    ['what the kubeconfig gave it', 'denied for plainword', 'plainword'],
  ])('that says %s on stderr does not have it shown', async (_, said, hidden) => {
    const code = `console.error(process.argv[2]); console.error('login first: visit https://login.test/device'); process.exitCode = 1`;
    const file = join(folder, 'plugin.cjs');
    await writeFile(file, code);
    const source = await make({ command: process.execPath, args: [file, said], env: [{ name: 'MINE', value: 'plainword' }] });
    const error: Error & { readonly remedy?: string } = await get(source).then(
      () => expect.fail(),
      (thrown: Error) => thrown,
    );
    expect(error.message).toContain('login first: visit https://login.test/device');
    const shown = JSON.stringify(error) + error.message + error.remedy;
    if (hidden === 'plainword') expect(error.message).not.toContain(hidden);
    else expect(shown).not.toContain(hidden);
  });

  it.skipIf(process.platform === 'win32')('has no terminal to ask at, whatever it tries', async () => {
    const source = await plugin(`require('node:fs').openSync('/dev/tty', 'r+'); ${answer(`{ token: 'asked' }`)}`);
    await expect(get(source)).rejects.toMatchObject({ code: 'ERR_UNREACHABLE', message: expect.stringContaining('exit code 1') });
  });

  it.skipIf(process.platform === 'win32')('that ends and leaves a child with its output open is ended in time', async () => {
    const clock = new VirtualClock();
    const run = get(await make({ command: '/bin/sh', args: ['-c', 'sleep 600 & exit 0'] }), clock);
    const failed = expect(run).rejects.toMatchObject({ code: 'ERR_UNREACHABLE', message: expect.stringContaining('no answer within 30 s') });
    await clock.advance('30s');
    await failed;
  });

  it.skipIf(process.platform === 'win32')('is killed with its children when the caller leaves', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ending.push(() => new Promise((resolve) => server.close(resolve)));
    const arrived = new Promise((resolve) => server.once('connection', resolve));
    const child = `require('node:net').connect(${(server.address() as AddressInfo).port}, '127.0.0.1')`;
    const source = await make({ command: '/bin/sh', args: ['-c', `"$0" -e "$1" & wait`, process.execPath, child] });
    const stop = new AbortController();
    const run = get(source, systemClock, stop.signal);
    await arrived;
    stop.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    // The kernel closes what a killed process held.
    await new Promise((resolve) => sockets[0]?.once('close', resolve).resume());
  });
});

describe('the credential', () => {
  const counting = (statusCode: string): string => {
    const count = JSON.stringify(join(folder, 'runs'));
    return `require('node:fs').appendFileSync(${count}, 'x'); const n = require('node:fs').readFileSync(${count}, 'utf8').length; ${answer(statusCode)}`;
  };
  const runs = async (): Promise<number> => (await readFile(join(folder, 'runs'), 'utf8')).length;

  it('without an end is kept until it is refused', async () => {
    const source = await plugin(counting('{ token: String(n) }'));
    const first = await get(source);
    expect(await get(source)).toBe(first);
    expect(source.drop(first)).toBe(true);
    expect(await tokenOf(source)).toBe('Bearer 2');
    // A late 401 of the old one must not cost the new one.
    source.drop(first);
    expect(await tokenOf(source)).toBe('Bearer 2');
    expect(await runs()).toBe(2);
  });

  it('with an end is renewed a minute before it', async () => {
    const clock = new VirtualClock();
    const source = await plugin(counting(`{ token: String(n), expirationTimestamp: '2026-01-01T00:10:00Z' }`));
    expect(await tokenOf(source, clock)).toBe('Bearer 1');
    await clock.advance('8m');
    await clock.advance('59s');
    expect(await tokenOf(source, clock)).toBe('Bearer 1');
    await clock.advance('1s');
    expect(await tokenOf(source, clock)).toBe('Bearer 2');
  });

  it('is got by one run for many callers, also of another client', async () => {
    const code = counting('{ token: String(n) }');
    const [one, two] = [await plugin(code), await plugin(code)];
    const tokens = await Promise.all([tokenOf(one), tokenOf(one), tokenOf(two), tokenOf(two), tokenOf(one)]);
    expect(new Set(tokens)).toEqual(new Set(['Bearer 1']));
    expect(await runs()).toBe(1);
  });

  it('still comes for those who stay when one caller leaves', async () => {
    const source = await plugin(counting('{ token: String(n) }'));
    const stop = new AbortController();
    const left = get(source, systemClock, stop.signal);
    const stays = tokenOf(source);
    stop.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(await stays).toBe('Bearer 1');
    expect(await runs()).toBe(1);
  });
});
