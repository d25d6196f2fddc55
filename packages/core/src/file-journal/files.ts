import { createHash } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const longest = 200;
/** A temporary file that is so much older than one just written was left by a process that died. */
const leftoverMs = 3_600_000;

/** Whether the file system refused with one of these codes (`EEXIST`, `ENOENT`, …). */
export const isCode = (error: unknown, ...codes: readonly string[]): boolean => codes.includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');

const unless =
  <T>(value: T, ...codes: readonly string[]) =>
  (error: unknown): T => {
    if (isCode(error, ...codes)) return value;
    throw error;
  };

/**
 * A file name for any text: what is not a-z, 0-9 or `-` as %XX, capitals too, since some file systems know no case; a name that would be too long ends in a hash
 * of the whole.
 */
export function fileName(text: string): string {
  const name = [...Buffer.from(text)].map((byte) => (/[a-z0-9-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${hex(byte)}`)).join('');
  if (name.length <= longest) return name === '' ? '%' : name;
  return `${name.slice(0, longest - 17)}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

/** The names in a directory; none where it is missing. */
export const namesIn = (directory: string): Promise<readonly string[]> => readdir(directory).catch(unless([], 'ENOENT'));

/** The text of a file; `undefined` where it is missing. */
export const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(unless(undefined, 'ENOENT'));

/** The directories in a directory; none where it is missing. */
export const directoriesIn = async (directory: string): Promise<readonly string[]> => {
  const entries = await readdir(directory, { withFileTypes: true }).catch(unless([], 'ENOENT'));
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
};

export const remove = (path: string): Promise<void> => rm(path, { force: true });

/** Makes it with the directories above, for this user alone, so that it outlives a power cut. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await sync(dirname(made));
}

/** What was linked, renamed or removed in this directory outlives a power cut. */
async function sync(directory: string): Promise<void> {
  // One above ours may be closed to us, and is not ours to care for then.
  const handle = await open(directory, 'r').catch(unless(undefined, 'EACCES'));
  if (handle === undefined) return;
  try {
    // Some file systems cannot, and have nothing to be asked for then.
    await handle.sync().catch(unless(undefined, 'EINVAL', 'EPERM', 'ENOTSUP'));
  } finally {
    await handle.close();
  }
}

/** Writes files that are there whole or not at all, by way of a directory for files that are being written. */
export class Writer {
  readonly #scratch: string;

  constructor(scratch: string) {
    this.#scratch = scratch;
  }

  /** @returns false if the name is taken, or the directory was removed meanwhile; nothing has changed then. */
  async create(directory: string, name: string, text: string): Promise<boolean> {
    return this.#place(directory, text, async (written) => {
      const landed = await link(written, join(directory, name)).then(() => true, unless(false, 'EEXIST', 'ENOENT'));
      await remove(written);
      return landed;
    });
  }

  /** For a name that nobody else uses. */
  async put(directory: string, name: string, text: string): Promise<void> {
    await this.#place(directory, text, (written) => rename(written, join(directory, name)).then(() => true));
  }

  async #place(directory: string, text: string, place: (written: string) => Promise<boolean>): Promise<boolean> {
    await makeDirectory(this.#scratch);
    await makeDirectory(directory);
    const written = join(this.#scratch, crypto.randomUUID());
    const handle = await open(written, 'wx', 0o600);
    let writtenMs: number;
    try {
      await handle.writeFile(text);
      await handle.sync();
      writtenMs = (await handle.stat()).mtimeMs;
    } finally {
      await handle.close();
    }
    const landed = await place(written);
    if (landed) await sync(directory);
    await this.#sweep(writtenMs);
    return landed;
  }

  /** By the times of the file system alone, which are of one clock. */
  async #sweep(nowMs: number): Promise<void> {
    for (const name of await namesIn(this.#scratch)) {
      const path = join(this.#scratch, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && nowMs - found.mtimeMs > leftoverMs) await remove(path);
    }
  }
}
