import { type ChildProcess, spawn } from 'node:child_process';
import { type Clock, ShepherdError } from '@shepherd/core';
import { onAbort } from '../on-abort.js';

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
  const output = collect(child);
  const done = new AbortController();
  const undo = onAbort(signal, () => kill(child, grouped));
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
    if (late) throw failed(run, `no answer within ${limitMs / 1000} s`, output.stderr());
    if (error !== undefined) throw failed(run, (error as NodeJS.ErrnoException).code ?? error.message, output.stderr(), error);
    if (code !== 0) throw failed(run, code === null ? `killed by ${by}` : `exit code ${code}`, output.stderr());
    return output.stdout();
  } finally {
    done.abort();
    undo();
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

function collect(child: ChildProcess): { stdout(): string; stderr(): string } {
  const out: Buffer[] = [];
  let outBytes = 0;
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    outBytes += chunk.length;
    if (outBytes <= maxStdout) out.push(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err = (err + chunk.toString('utf8')).slice(-maxStderr);
  });
  return { stdout: () => Buffer.concat(out).toString('utf8'), stderr: () => err.trimEnd().split('\n').slice(-tailLines).join('\n').trim() };
}

function kill(child: ChildProcess, grouped: boolean): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    if (grouped) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

function failed({ command, args }: PluginRun, reason: string, stderr: string, cause?: unknown): Error {
  return new ShepherdError('ERR_UNREACHABLE', `the credential plugin ${command} failed: ${reason}${stderr === '' ? '' : `; it said: ${stderr}`}`, {
    facts: { what: `credential plugin ${command}`, reason },
    remedy: `run it by hand to see what it needs (often a login): ${[command, ...args].join(' ')}`,
    retryable: true,
    cause,
  });
}
