import { join } from 'node:path';
import { checkFence } from '../internal/check-fence.js';
import type { WriteContext } from '../ports/context.js';
import { namesIn, remove, textOf, type Writer } from './files.js';
import type { Entry, Register } from './register.js';

/** What a holder was given and has not taken again since: names of letters. */
export interface Given {
  readonly fence: number;
  readonly names: readonly string[];
}

/**
 * One file a command. Names are used once and begin with a number above all that are there, so they sort as they came. A command is done with when the register
 * names it, which only the holder of the newest fence can write; that its file goes is tidying up.
 */
export class Mailbox {
  readonly #letters: string;
  readonly #taken: Register;
  readonly #writer: Writer;
  readonly #given: Map<string, Given>;

  /** `given`: by directory, of this process. */
  constructor(letters: string, taken: Register, writer: Writer, given: Map<string, Given>) {
    this.#letters = letters;
    this.#taken = taken;
    this.#writer = writer;
    this.#given = given;
  }

  async post(command: unknown): Promise<void> {
    const last = (await this.#names()).at(-1);
    const number = last === undefined ? 1 : Number.parseInt(last, 10) + 1;
    await this.#writer.put(this.#letters, `${String(number).padStart(12, '0')}-${crypto.randomUUID()}.json`, JSON.stringify(command));
  }

  /** @throws ShepherdError ERR_LOCK_LOST */
  async take(context: WriteContext): Promise<readonly unknown[]> {
    for (;;) {
      context.signal.throwIfAborted();
      const found = await this.#taken.read();
      checkFence(context, found, this.#taken.directory);
      const names = await this.#names();
      const given = this.#given.get(this.#letters);
      const done = new Set([...namedIn(found), ...(given?.fence === context.fence ? given.names : [])]);
      const fresh = names.filter((name) => !done.has(name));
      const texts = await Promise.all(fresh.map((name) => textOf(join(this.#letters, name))));
      const gone = names.filter((name) => done.has(name));
      // Those that are gone from the directory need not be named any more.
      if (gone.length > 0 && (await this.#taken.write(context, found, gone)) === undefined) continue;
      this.#given.set(this.#letters, { fence: context.fence, names: fresh });
      for (const name of gone) await remove(join(this.#letters, name));
      return texts.flatMap(parsed);
    }
  }

  fence(context: WriteContext): Promise<void> {
    return this.#taken.fence(context);
  }

  async #names(): Promise<readonly string[]> {
    return (await namesIn(this.#letters)).filter((name) => /^\d{12}-.+\.json$/.test(name)).sort();
  }
}

const namedIn = (entry: Entry | undefined): ReadonlySet<unknown> => new Set(Array.isArray(entry?.value) ? entry.value : []);

/** What is no command any more is left out. */
function parsed(text: string | undefined): readonly unknown[] {
  try {
    return text === undefined ? [] : [JSON.parse(text) as unknown];
  } catch {
    return [];
  }
}
