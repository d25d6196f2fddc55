import { PassThrough } from 'node:stream';
import type { Io, StopSignal } from '../io.js';

export interface FakeIoOptions {
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** What is typed each time that output matches: first match wins. */
  readonly answers?: readonly (readonly [RegExp, string])[] | undefined;
  /** All three streams are a terminal of this size. */
  readonly terminal?: { columns: number; rows: number } | undefined;
}

/** A process's surroundings in memory. */
export class FakeIo implements Io {
  out = '';
  err = '';
  exited: number | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Io['stdout'];
  readonly stderr: Io['stderr'];
  readonly #listeners = new Set<(signal: StopSignal) => void>();
  readonly #exits = new Set<() => void>();

  constructor({ env = {}, cwd = '/nowhere/at/all', answers = [], terminal }: FakeIoOptions = {}) {
    this.env = env;
    this.cwd = cwd;
    const stdin = new PassThrough() as unknown as NodeJS.ReadStream;
    this.stdin = Object.assign(stdin, { isTTY: terminal !== undefined, setRawMode: () => stdin });
    const type = (text: string): void => void stdin.push(answers.find(([asked]) => asked.test(text))?.[1] ?? '');
    const size = terminal === undefined ? {} : { isTTY: true, columns: terminal.columns, rows: terminal.rows };
    this.stdout = { ...size, write: (text: string) => {
        this.out += text;
        type(text);
      }, on: () => undefined, off: () => undefined };
    // readline asks for a stream with events.
    this.stderr = Object.assign(new PassThrough(), { ...size, write: (text: string) => {
        this.err += text;
        type(text);
        return true;
      } });
  }

  onSignal(listener: (signal: StopSignal) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  atExit(listener: () => void): () => void {
    this.#exits.add(listener);
    return () => void this.#exits.delete(listener);
  }

  exit(code: number): void {
    this.exited = code;
    for (const listener of this.#exits) listener();
  }

  /** A signal comes. */
  signal(signal: StopSignal): void {
    this.#listeners.forEach((listener) => listener(signal));
  }

  get lines(): readonly string[] {
    return this.out.split('\n').slice(0, -1);
  }
}
