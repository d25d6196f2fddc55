/** A stream that the command line writes to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

/** Signals that have a meaning here. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

/** What the command line knows of the world around it; a test gives its own. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: NodeJS.ReadStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Keeps a secret out of a log that others read, where the log belongs to a CI system that can; else undefined. */
  readonly mask?: ((secret: string) => void) | undefined;
  /** How long after the first signal this process must be gone, in ms; undefined: as long as it takes. */
  readonly leaveWithinMs?: number | undefined;
  /** A part of the log that a reader may fold, where the log has such. */
  readonly fold?: ((title: string, text: string) => void) | undefined;
  /** Calls back for each SIGINT and SIGTERM until undone. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /** Calls back when the process ends, however it does, until undone. */
  atExit(listener: () => void): () => void;
  /** Ends the process at once; for the second signal alone. */
  exit(code: number): void;
}

/** Whoever read our output is gone, as after `| head`: what is said from here on nobody hears, and what runs goes on. */
const ignoreGone = (stream: NodeJS.WriteStream): NodeJS.WriteStream =>
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

/** The process this runs in. */
export const processIo = (): Io => ({
  stdout: ignoreGone(process.stdout),
  stderr: ignoreGone(process.stderr),
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  onSignal(listener) {
    process.on('SIGINT', listener).on('SIGTERM', listener);
    return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
  },
  atExit(listener) {
    process.once('exit', listener);
    return () => void process.off('exit', listener);
  },
  exit: (code) => process.exit(code),
});
