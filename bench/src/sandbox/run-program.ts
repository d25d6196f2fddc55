import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process of its own, without the loader of this one: its memory and its time are those of a user's process. */
export interface Program extends AsyncDisposable {
  /** The next line that it prints, as JSON. @throws Error when it ended before */
  next(): Promise<Readonly<Record<string, unknown>>>;
  tell(line: string): void;
}

export function startProgram(name: string, args: readonly string[] = []): Program {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url)), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await lines.next();
      if (done === true) throw new Error(`${name} ended before it had said all`);
      return JSON.parse(value) as Readonly<Record<string, unknown>>;
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

/** What a program that ends by itself prints. */
export async function resultOf(name: string, args: readonly string[] = []): Promise<Readonly<Record<string, unknown>>> {
  await using program = startProgram(name, args);
  return program.next();
}
