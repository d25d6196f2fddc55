import { type ChildProcess, spawn } from 'node:child_process';
import { type Clock, ShepherdError } from '@shepherd/core';
import { onAbort } from '../on-abort.js';
import { redact } from './redact.js';

export interface PluginRun {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** With the terminal's stdin; otherwise it is closed, so that a prompt fails instead of hanging. */
  readonly interactive: boolean;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

const limitMs = 30_000;
const maxStdout = 1024 * 1024;
const maxStderr = 16 * 1024;
const tailLines = 10;

/** Runs a credential plugin to its end and gives its stdout (KC KU-7, KU-8). Killed with its children after 30 s and when the signal aborts. */
export async function runPlugin(run: PluginRun): Promise<string> {
  const { command, args, env, interactive, signal, clock } = run;
  signal.throwIfAborted();
  // A group of its own, so that children of a wrapper script die with it; one that talks with a person stays in the terminal's.
  const grouped = !interactive && process.platform !== 'win32';
  const child = spawn(command, [...args], {
    env: { ...process.env, ...env },
    stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'pipe'],
    detached: grouped,
    windowsHide: true,
  });
  const done = new AbortController();
  let flooded = false;
  const output = collect(child, () => {
    flooded = true;
    kill(child, grouped);
  });
  const undo = onAbort(signal, () => kill(child, grouped));
  // A process that ends by a second signal, or by an error of its own, leaves no plugin behind.
  const orphan = (): void => kill(child, grouped);
  process.once('exit', orphan);
  let late = false;
  clock.sleep(limitMs, done.signal).then(
    () => {
      late = true;
      kill(child, grouped);
    },
    () => undefined,
  );
  try {
    const { code, by, error } = await ended(child);
    signal.throwIfAborted();
    if (flooded) throw failed(run, `it printed more than ${maxStdout / 1024} KiB where a credential was expected`, output.stderr());
    if (late) throw failed(run, `no answer within ${limitMs / 1000} s`, output.stderr());
    if (error !== undefined) throw failed(run, (error as NodeJS.ErrnoException).code ?? error.message, output.stderr(), error);
    if (code !== 0) throw failed(run, code === null ? `killed by ${by}` : `exit code ${code}`, output.stderr());
    return output.stdout();
  } finally {
    done.abort();
    undo();
    process.off('exit', orphan);
  }
}

interface Ending {
  readonly code: number | null;
  readonly by?: string | null;
  readonly error?: Error;
}

/** At its end with all output read, or, when it was killed, without waiting for what its children still hold open. */
function ended(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, error }));
    child.once('close', (code, by) => resolve({ code, by }));
    child.once('exit', (code, by) => {
      if (!child.killed && by !== 'SIGKILL') return;
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve({ code, by });
    });
  });
}

function collect(child: ChildProcess, tooMuch: () => void): { stdout(): string; stderr(): string } {
  const out: Buffer[] = [];
  let outBytes = 0;
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    outBytes += chunk.length;
    if (outBytes <= maxStdout) out.push(chunk);
    else tooMuch();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err = (err + chunk.toString('utf8')).slice(-maxStderr);
  });
  return { stdout: () => Buffer.concat(out).toString('utf8'), stderr: () => err.trimEnd().split('\n').slice(-tailLines).join('\n').trim() };
}

function kill(child: ChildProcess, grouped: boolean): void {
  if (child.pid === undefined) return;
  try {
    // Also where the plugin itself has ended: a child of it that holds the output open would be waited for without end.
    if (grouped) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

function failed({ command, args, env }: PluginRun, reason: string, said: string, cause?: unknown): Error {
  const known = Object.entries(env).flatMap(([name, value]) => (name === 'KUBERNETES_EXEC_INFO' ? [] : [value]));
  const stderr = redact(said, known);
  return new ShepherdError('ERR_UNREACHABLE', `the credential plugin ${command} failed: ${reason}${stderr === '' ? '' : `; it said: ${stderr}`}`, {
    facts: { what: `credential plugin ${command}`, reason },
    remedy: `run it by hand to see what it needs (often a login): ${redact([command, ...args].join(' '))}`,
    retryable: true,
    cause,
  });
}
