import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('bin.ts', import.meta.url));
const terminal = fileURLToPath(new URL('../../../test/guide/lab/terminal.py', import.meta.url));
const version = `data:text/javascript,globalThis.__PACKAGE_VERSION__ = '0.0.0'`;

let folder: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shepherd-processes-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | string | null>;
  out: string;
  err: string;
  until(text: RegExp): Promise<void>;
}

/** One command line in a process of its own; with answers, at a terminal where those are typed. */
function shepherd(line: string, kubeconfig: string, answers?: Readonly<Record<string, string>>): Running {
  const args = ['--conditions=@shepherd/source', '--import', version, '--import', 'tsx', bin, ...line.split(' ')];
  const env = { ...process.env, KUBECONFIG: kubeconfig, CI: answers === undefined ? '1' : '' };
  const [program, ...words] = answers === undefined ? [process.execPath, ...args] : ['python3', terminal, process.execPath, ...args];
  const child = spawn(program, words, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const typed = Object.entries(answers ?? {}).map((each) => each.join('\t'));
  child.stdin.end(typed.join('\n'));
  children.push(child);
  const ended = once(child, 'close').then(([code, signal]) => (code as number | null) ?? (signal as string));
  let over = false;
  void ended.then(() => (over = true));
  const running: Running = {
    child,
    ended,
    out: '',
    err: '',
    async until(text) {
      while (!text.test(running.out + running.err)) {
        if (over && !text.test(running.out + running.err)) throw new Error(`it ended without ${text}: ${running.out}${running.err}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
  child.stdout.on('data', (data: Buffer) => (running.out += String(data)));
  child.stderr.on('data', (data: Buffer) => (running.err += String(data)));
  return running;
}

async function cluster() {
  const sandbox = await createSandbox({ time: 'real' });
  for (const each of ['1.0.0', '1.1.0']) sandbox.image(`r/web:${each}`);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 2 });
  const file = join(folder, 'kubeconfig');
  await writeFile(file, sandbox.connection.kubeconfig);
  return { sandbox, file };
}

const canary = 'deploy web -n shop --image r/web:1.1.0 --strategy canary --no-analysis --stages 50,100 --yes --drain 0';

test('two processes: promote and abort of what the other one drives, each obeyed within seconds', async () => {
  const { sandbox, file } = await cluster();
  await using _ = sandbox;
  const first = shepherd(`${canary} --interval 600`, file);
  await first.until(/monitoring for/);
  const promote = shepherd('promote web -n shop --by ada --reason quick', file);
  expect([await promote.ended, promote.out]).toEqual([0, expect.stringContaining('is obeyed by')]);
  await first.until(/promote asked for by ada: quick/);
  const abort = shepherd('abort web -n shop --by grace --reason odd', file);
  // Taken back as asked, or too late and released: both processes say the same.
  const [one, two] = await Promise.all([first.ended, abort.ended]);
  expect(one).toBe(two);
  expect(first.out).toContain('abort asked for by grace: odd');
}, 60_000);

test('kill -9 of the driver: a process that was told to resume drives once the lock may be taken, and a signal takes it back', async () => {
  const { sandbox, file } = await cluster();
  await using _ = sandbox;
  const first = shepherd(`${canary} --interval 600`, file);
  await first.until(/monitoring for/);
  first.child.kill('SIGKILL');
  expect(await first.ended).toBe('SIGKILL');
  const second = shepherd('resume web -n shop', file);
  await second.until(/from here on/);
  second.child.kill('SIGTERM');
  expect([await second.ended, second.out]).toEqual([143, expect.stringContaining('rolled back: ')]);
  const status = shepherd('status web -n shop', file);
  expect([await status.ended, status.out]).toEqual([0, expect.stringMatching(/stable +2 of 2 pods ready +r\/web:1\.0\.0/)]);
}, 60_000);

/** Python's pty is what every machine has that plays a terminal; without it nothing here can. */
const noTerminal = spawnSync('python3', ['-c', 'import pty'], { stdio: 'ignore' }).status !== 0;

test.skipIf(noTerminal)(
  'Ctrl-C at a terminal: held where it stands, with the line that goes on; that line goes on',
  async () => {
    const { sandbox, file } = await cluster();
    await using _ = sandbox;
    const first = shepherd(`${canary} --interval 600 -o plain`, file, { 'monitoring for': String.raw`\x03` });
    expect([await first.ended, first.out]).toEqual([7, expect.stringMatching(/SIGINT: leaving it where it stands; once more leaves at once/)]);
    const id = /shepherd resume (\S+)/.exec(first.out)?.[1];
    const deployments = () => sandbox.objects.list('deployments.apps', 'shop').map(({ metadata }) => metadata.name);
    expect(deployments()).toEqual(['web', 'web-candidate']);
    const lock = shepherd('lock status web -n shop', file);
    expect([await lock.ended, lock.out]).toEqual([0, expect.stringMatching(/^nobody holds the lock of /)]);
    const abort = shepherd(`abort ${id} -n shop`, file);
    expect([await abort.ended, abort.out]).toEqual([3, expect.stringContaining('rolled back: ')]);
    expect(deployments()).toEqual(['web']);
  },
  60_000,
);

test('the second signal ends a process at once; what it left says by when somebody must come', async () => {
  const { sandbox, file } = await cluster();
  await using _ = sandbox;
  const first = shepherd(`${canary} --interval 600`, file);
  await first.until(/monitoring for/);
  first.child.kill('SIGTERM');
  first.child.kill('SIGINT');
  expect([130, 143]).toContain(await first.ended);
  const status = shepherd('status web -n shop', file);
  expect([await status.ended, status.out]).toEqual([0, expect.stringMatching(/taken back by whoever recovers, or the watchdog, from 20/)]);
}, 60_000);

test('Ctrl-C ends a command whose credential plugin hangs, and the plugin with it', async () => {
  const plugin = join(folder, 'login');
  await writeFile(plugin, `#!/bin/sh\necho $$ > ${folder}/pid\nexec sleep 600\n`);
  await chmod(plugin, 0o755);
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    clusters: [{ name: 'x', cluster: { server: 'http://127.0.0.1:9' } }],
    users: [{ name: 'x', user: { exec } }],
  };
  await writeFile(join(folder, 'config'), JSON.stringify(config));
  const alive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  for (const line of ['status web -n shop', canary]) {
    await rm(join(folder, 'pid'), { force: true });
    const running = shepherd(line, join(folder, 'config'));
    let pid = 0;
    while (pid === 0) {
      pid = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => '0'));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    running.child.kill('SIGINT');
    expect([line, await running.ended]).toEqual([line, 130]);
    while (alive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}, 60_000);
