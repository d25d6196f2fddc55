import { join } from 'node:path';
import { ShepherdError } from '../errors/shepherd-error.js';
import { checkFence } from '../internal/check-fence.js';
import type { WriteContext } from '../ports/context.js';
import { namesIn, remove, textOf, type Writer } from './files.js';

/** Versions that stay beside the newest one. */
const kept = 8;

/** What is stored, by whom, and which version of it. */
export interface Entry {
  readonly number: number;
  /** Tells entries apart also where a removed directory began anew. */
  readonly version: string;
  readonly namespace: string;
  readonly name: string;
  readonly fence: number;
  readonly rolloutId: string;
  /** Missing: made for its fence alone, nothing was stored yet. */
  readonly value?: unknown;
}

/**
 * One value with compare-and-set between processes, without a lock: each version is a file of its own, `N.json`, the highest N is what is stored, and the file is
 * linked under its name when it is whole. A link fails where the name is taken, so of all who write over N one makes N + 1. Nobody can die with it half done.
 *
 * Old versions are removed, oldest first, at a distance. Who was stopped so long that its N + 1 has come and gone finds the gap taken by nobody; so whoever has
 * linked looks how far the others are, and takes nothing for stored that could be such a gap.
 */
export class Register {
  readonly #directory: string;
  readonly #writer: Writer;

  constructor(directory: string, writer: Writer) {
    this.#directory = directory;
    this.#writer = writer;
  }

  get directory(): string {
    return this.#directory;
  }

  /** @throws ShepherdError ERR_JOURNAL if the newest file was cut off or edited */
  async read(): Promise<Entry | undefined> {
    for (;;) {
      const newest = (await this.#numbers()).at(-1);
      if (newest === undefined) return undefined;
      const text = await textOf(this.#path(newest));
      // Removed since: there are newer ones.
      if (text !== undefined) return parse(text, newest, this.#path(newest));
    }
  }

  /** @returns undefined if it did not land, because somebody else wrote since `over` was read. */
  async write({ app, fence, rolloutId }: WriteContext, over: Entry | undefined, value: unknown): Promise<Entry | undefined> {
    const number = (over?.number ?? 0) + 1;
    const { namespace, name } = app;
    const entry = { id: crypto.randomUUID(), namespace, name, fence, rolloutId, ...(value === undefined ? {} : { value }) };
    if (!(await this.#writer.create(this.#directory, `${number}.json`, JSON.stringify(entry)))) return undefined;
    const numbers = await this.#numbers();
    if ((numbers.at(-1) ?? 0) >= number + kept) {
      await remove(this.#path(number));
      return undefined;
    }
    for (const old of numbers) if (old <= number - kept) await remove(this.#path(old));
    return { ...entry, number, version: versionOf(number, entry.id) };
  }

  /** Our fence on it, also where there is nothing yet; what is stored stays. @throws ShepherdError ERR_LOCK_LOST */
  async fence(context: WriteContext): Promise<void> {
    for (;;) {
      context.signal.throwIfAborted();
      const found = await this.read();
      checkFence(context, found, this.#directory);
      if (found?.fence === context.fence && found.rolloutId === context.rolloutId) return;
      if ((await this.write(context, found, found?.value)) !== undefined) return;
    }
  }

  async #numbers(): Promise<readonly number[]> {
    const names = await namesIn(this.#directory);
    return names
      .flatMap((name) => /^([1-9]\d*)\.json$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  readonly #path = (number: number): string => join(this.#directory, `${number}.json`);
}

const versionOf = (number: number, id: string): string => `${number}-${id}`;

function parse(text: string, number: number, path: string): Entry {
  const refuse = (reason: string): ShepherdError =>
    new ShepherdError('ERR_JOURNAL', `the journal ${path} cannot be used: ${reason}`, {
      facts: { object: path, reason },
      remedy: 'look at it, and remove the directory of the app once no rollout of the app is under way',
    });
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw refuse(text === '' ? 'it is empty' : 'it is cut off, or no JSON');
  }
  const { id, namespace, name, fence, rolloutId, value } = (found ?? {}) as Partial<Readonly<Record<string, unknown>>>;
  const isWhole = [id, namespace, name, rolloutId].every((each) => typeof each === 'string') && Number.isSafeInteger(fence);
  if (!isWhole) throw refuse('it has not the fields that it was written with');
  const head = { number, version: versionOf(number, id as string), namespace: namespace as string, name: name as string };
  return { ...head, fence: fence as number, rolloutId: rolloutId as string, ...(value === undefined ? {} : { value }) };
}
