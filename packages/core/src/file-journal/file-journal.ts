import { join, resolve } from 'node:path';
import { invalidOptions, ShepherdError } from '../errors/shepherd-error.js';
import { checkFence } from '../internal/check-fence.js';
import { defaultMaxBytes } from '../journal/compact.js';
import { refuseRecord } from '../journal/room.js';
import type { PortContext, WriteContext } from '../ports/context.js';
import type { Journal, Saved } from '../ports/journal.js';
import type { App } from '../words/app.js';
import { DirectoryChanges } from './directory-changes.js';
import { directoriesIn, fileName, Writer } from './files.js';
import { type Given, Mailbox } from './mailbox.js';
import { type Entry, Register } from './register.js';
import { translated } from './translated.js';

type Named = Pick<App, 'namespace' | 'name'>;

/** Where the journal is. */
export interface FileJournalOptions {
  /**
   * Where the files are; made, for this user alone, where it is missing. A local disk, or a share whose hard links and fsync can be trusted. One directory for
   * each cluster: apps are told apart by namespace and name.
   */
  readonly directory: string;
}

/**
 * A journal in a directory: `{ ...kubernetes(), journal: fileJournal({ directory: '/var/lib/shepherd' }) }`. For tools that may write no ConfigMap, and for
 * platforms without a store of their own, where all processes that drive, watch or command a rollout see the same disk. The lock stays the platform's: it
 * decides who drives, and its fence guards these files as it guards the objects of the cluster. Whoever releases from changing machines (CI) wants the
 * platform's journal, since another machine can go on only from what it can read.
 *
 * Safe between processes and against their death at any point: a record is stored whole or not at all, of two writers over one version one lands, and each
 * posted command is taken once. Files have mode 600, directories 700. Records have at most 256 KiB.
 *
 * Its calls reject with ERR_FORBIDDEN where the directory may not be written, ERR_INVALID_OPTIONS where it is none, ERR_UNREACHABLE for other troubles of the
 * disk, ERR_JOURNAL for a file that was cut off or edited and for a record that is too large, ERR_CONFLICT and ERR_LOCK_LOST as the port says.
 *
 * @throws ShepherdError ERR_INVALID_OPTIONS without a directory
 */
export function fileJournal({ directory }: FileJournalOptions): Journal {
  if (typeof directory !== 'string' || directory === '') {
    throw invalidOptions([{ path: 'fileJournal.directory', got: JSON.stringify(directory) ?? 'undefined', expected: 'the path of a directory' }]);
  }
  return new FileJournal(resolve(directory));
}

class FileJournal implements Journal {
  readonly maxBytes = defaultMaxBytes;
  readonly #directory: string;
  readonly #given = new Map<string, Given>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  load({ app, signal }: PortContext): Promise<Saved | undefined> {
    return this.#translated(signal, `read the journal of ${app.name}`, async () => savedOf(await this.#record(app).read()));
  }

  save(context: WriteContext, record: unknown, ifVersion: string | undefined): Promise<Saved> {
    const { app, signal } = context;
    return this.#translated(signal, `write the journal of ${app.name}`, async () => {
      const register = this.#record(app);
      const text = JSON.stringify(record);
      refuseRecord(register.directory, text, this.maxBytes);
      const found = await register.read();
      checkFence(context, found, register.directory);
      const stored = savedOf(found)?.version;
      if (stored !== ifVersion) throw conflict(app, `it has version ${stored ?? 'none'}, expected ${ifVersion ?? 'none'}`);
      signal.throwIfAborted();
      const entry = await register.write(context, found, JSON.parse(text));
      if (entry === undefined) throw conflict(app, 'somebody else wrote it at the same time');
      return { record: entry.value, version: entry.version };
    });
  }

  fence(context: WriteContext): Promise<void> {
    const { app, signal } = context;
    return this.#translated(signal, `take over the journal of ${app.name}`, async () => {
      await this.#record(app).fence(context);
      await this.#mailbox(app).fence(context);
    });
  }

  async *watch({ app, clock, signal }: PortContext): AsyncIterable<Saved> {
    const register = this.#record(app);
    using changes = new DirectoryChanges(register.directory);
    let last: string | undefined;
    while (!signal.aborted) {
      changes.begin();
      const saved = await this.#translated(signal, `watch the journal of ${app.name}`, async () => savedOf(await register.read())).catch((lost: unknown) => {
        if (!signal.aborted) throw lost;
      });
      if (signal.aborted) return;
      if (!saved || saved.version === last) await changes.wait(clock, signal);
      else yield saved;
      last = saved?.version;
    }
  }

  async *list(namespaces: readonly string[] | undefined, signal: AbortSignal): AsyncIterable<Named> {
    const named = namespaces?.map(fileName);
    const names = (path: string): Promise<readonly string[]> => this.#translated(signal, 'list the journals', () => directoriesIn(path));
    for (const namespace of named ?? (await names(this.#directory))) {
      for (const name of await names(join(this.#directory, namespace))) {
        const entry = await this.#translated(signal, 'list the journals', () => this.#register(join(this.#directory, namespace, name), 'record').read());
        if (entry !== undefined && savedOf(entry) !== undefined) yield { namespace: entry.namespace, name: entry.name };
      }
    }
  }

  post({ app, signal }: PortContext, command: unknown): Promise<void> {
    return this.#translated(signal, `write to the mailbox of ${app.name}`, () => this.#mailbox(app).post(command));
  }

  take(context: WriteContext): Promise<readonly unknown[]> {
    const { app, signal } = context;
    return this.#translated(signal, `read the mailbox of ${app.name}`, () => this.#mailbox(app).take(context));
  }

  readonly #translated = <T>(signal: AbortSignal, what: string, work: () => Promise<T>): Promise<T> => translated(signal, this.#directory, what, work);
  readonly #home = ({ namespace, name }: Named): string => join(this.#directory, fileName(namespace), fileName(name));
  readonly #record = (app: Named): Register => this.#register(this.#home(app), 'record');
  readonly #writer = (home: string): Writer => new Writer(join(home, 'writing'));
  readonly #register = (home: string, part: 'record' | 'taken'): Register => new Register(join(home, part), this.#writer(home));

  #mailbox(app: Named): Mailbox {
    const home = this.#home(app);
    return new Mailbox(join(home, 'mailbox'), this.#register(home, 'taken'), this.#writer(home), this.#given);
  }
}

const savedOf = (entry: Entry | undefined): Saved | undefined =>
  entry === undefined || entry.value === undefined ? undefined : { record: entry.value, version: entry.version };

const conflict = ({ name }: Named, reason: string): ShepherdError =>
  new ShepherdError('ERR_CONFLICT', `the journal of ${name} cannot be written: ${reason}`, {
    facts: { object: `journal of ${name}`, reason },
    remedy: 'see who drives the rollout',
  });
