import { spawn } from 'node:child_process';
import { type Clock, ShepherdError } from '@shepherd/core';

/** What a call of helm came to. */
export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** From SIGTERM to SIGKILL (KC HM-6). */
const graceMs = 5_000;
const maxBytes = 64 * 1024 * 1024;
/** Of our own environment: where helm finds its files, registries and proxies. Nothing that would lead it to another cluster. */
const passed =
  /^(PATH|HOME|USERPROFILE|APPDATA|SystemRoot|TMPDIR|TEMP|TMP|LANG|LC_ALL|XDG_\w+|DOCKER_CONFIG|SSL_CERT_(FILE|DIR)|(HTTPS?|NO|ALL)_PROXY|https?_proxy|no_proxy|all_proxy|TRACEPARENT|TRACESTATE|BAGGAGE|HELM_(?!KUBE|NAMESPACE|DEBUG|DRIVER)\w+)$/;

/** What helm gets to see of our environment. */
export const ownEnv = (): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value !== undefined && passed.test(name) ? [[name, value]] : [])));

/** Runs helm, without a shell. An abort ends it: SIGTERM, then SIGKILL. @throws ShepherdError ERR_TOOL where it cannot be started */
export async function runHelm(binary: string, args: readonly string[], { env, signal, clock }: RunOptions): Promise<Ran> {
  signal.throwIfAborted();
  const child = spawn(binary, args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  const ended = new AbortController();
  const stop = (): void => {
    child.kill('SIGTERM');
    clock.sleep(graceMs, ended.signal).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    );
  };
  signal.addEventListener('abort', stop, { once: true });
  const texts = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let size = 0;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (data: Buffer) => {
      size += data.byteLength;
      if (size > maxBytes) return void child.kill('SIGKILL');
      texts[name].push(data);
    });
  }
  try {
    const ran = await new Promise<Pick<Ran, 'code' | 'signal'>>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => reject(notStarted(binary, error)));
      child.once('close', (code, by) => resolve({ code, signal: by }));
    });
    signal.throwIfAborted();
    const text = (name: 'stdout' | 'stderr'): string => Buffer.concat(texts[name]).toString('utf8');
    return { ...ran, stdout: text('stdout'), stderr: text('stderr') };
  } finally {
    ended.abort();
    signal.removeEventListener('abort', stop);
  }
}

function notStarted(binary: string, error: NodeJS.ErrnoException): ShepherdError {
  const found = error.code === 'ENOENT' ? 'nothing' : (error.code ?? error.message);
  return new ShepherdError('ERR_TOOL', `${binary} cannot be started: ${error.code === 'ENOENT' ? 'it is not installed, or not on PATH' : error.message}`, {
    facts: { tool: binary, found, expected: 'helm 3.20 or newer, or helm 4.1 or newer' },
    remedy: 'install helm (https://helm.sh/docs/intro/install), or name it: helm(platform, { binary })',
    cause: error,
  });
}
