import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';

export type Client = 'helm' | 'helm4' | 'kubectl';

/** Why a client's tests are skipped; undefined where it is installed. */
export function whyWithout(client: Client): string | undefined {
  const { error } = spawnSync(client, ['version', ...(client === 'kubectl' ? ['--client'] : ['--short'])], { stdio: 'ignore' });
  return error === undefined ? undefined : `${client} is not installed`;
}

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A client that runs on. */
export interface Running {
  /** What it has printed so far. */
  readonly soFar: () => string;
  /** Resolves when it has printed this. @throws Error when it ends without */
  until(text: string): Promise<void>;
  readonly done: Promise<Said>;
  stop(): Promise<Said>;
}

/** A sandbox on loopback, and strangers' clients that know nothing but its kubeconfig. */
export interface ClientLab extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly home: string;
  /** @throws Error where the client fails, with all it said */
  run(client: Client, args: readonly string[], input?: string, more?: Readonly<Record<string, string>>): Promise<string>;
  /** For what must fail. */
  attempt(client: Client, args: readonly string[], input?: string, more?: Readonly<Record<string, string>>): Promise<Said>;
  /** @param more environment */
  start(client: Client, args: readonly string[], input?: string, more?: Readonly<Record<string, string>>): Running;
  /** Writes a file and gives its path. */
  file(name: string, text: string): Promise<string>;
}

function running(client: Client, args: readonly string[], env: NodeJS.ProcessEnv, input: string | undefined): Running {
  const child = spawn(client, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const heard = (): void => {
    for (const look of waiting) look();
  };
  child.stdout.on('data', (data) => {
    stdout += data;
    heard();
  });
  child.stderr.on('data', (data) => {
    stderr += data;
    heard();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const done = new Promise<Said>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    soFar: () => stdout,
    done,
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!stdout.includes(text) && !stderr.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        done.then(() => reject(new Error(`${client} ${args.join(' ')} ended without ${JSON.stringify(text)}:\n${stdout}${stderr}`)), reject);
      }),
    async stop() {
      child.kill('SIGTERM');
      return done;
    },
  };
}

/** A sandbox with the images `registry/web:1.2.0`, `1.3.0` (good), `bad` (crashes), and `registry/task:1` (ends well). */
export async function openClientLab(): Promise<ClientLab> {
  const sandbox = await createSandbox({ time: 'real' });
  for (const tag of ['1.2.0', '1.3.0']) sandbox.image(`registry/web:${tag}`, { drainMs: 0 });
  sandbox.image('registry/web:bad', { crash: { exitCode: 1, log: 'no DATABASE_URL' } });
  sandbox.image('registry/task:1', { crash: { exitCode: 0, log: 'done' } });
  const home = await mkdtemp(join(tmpdir(), 'shepherd-clients-'));
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(home, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const KUBECONFIG = await file('kubeconfig', sandbox.connection.kubeconfig);
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home };
  const start: ClientLab['start'] = (client, args, input, more) => running(client, args, { ...env, ...more }, input);
  const attempt: ClientLab['attempt'] = (client, args, input, more) => start(client, args, input, more).done;
  return {
    sandbox,
    home,
    file,
    start,
    attempt,
    async run(client, args, input, more) {
      const { code, stdout, stderr } = await attempt(client, args, input, more);
      if (code !== 0) throw new Error(`${client} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      await sandbox[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}
