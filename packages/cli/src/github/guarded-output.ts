import type { Output } from '../io.js';
import { looksLikeCommand, withoutCommands } from './workflow-command.js';

/**
 * What a command prints, line by line: pod logs, what helm says, a reason that somebody typed. Lines that the runner would obey are printed between tokens that
 * change each time; commands of our own do not come this way.
 */
export class GuardedOutput implements Output {
  readonly isTTY = false;
  #rest = '';

  constructor(
    private readonly output: Pick<Output, 'write'>,
    private readonly token: () => string = () => crypto.randomUUID(),
  ) {}

  write(text: string): void {
    // A lone carriage return begins a line of the log too.
    const lines = `${this.#rest}${text}`.split(/\r\n|[\n\r]/u);
    this.#rest = lines.pop() ?? '';
    if (lines.length > 0) this.output.write(guarded(lines, this.token));
  }

  /** The last line, where nothing ended it. */
  end(): void {
    if (this.#rest === '') return;
    const rest = this.#rest;
    this.#rest = '';
    this.output.write(guarded([rest], this.token));
  }
}

/** Neighbours that look like commands share one pair of tokens, so that a log stays readable. */
function guarded(lines: readonly string[], token: () => string): string {
  let text = '';
  for (let from = 0; from < lines.length; ) {
    const foreign = looksLikeCommand(lines[from] as string);
    let to = from + 1;
    while (to < lines.length && looksLikeCommand(lines[to] as string) === foreign) to += 1;
    const part = lines.slice(from, to);
    text += foreign ? withoutCommands(part, token()) : part.map((line) => `${line}\n`).join('');
    from = to;
  }
  return text;
}
