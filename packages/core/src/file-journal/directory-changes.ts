import { type FSWatcher, watch } from 'node:fs';
import { Changes } from '../internal/changes.js';
import type { Clock } from '../ports/clock.js';

/** Where the file system tells nothing (a network share, too many watches, a directory that is not there yet) a change is seen after this time. */
const pollMs = 1_000;

/** Says when a directory may have changed. */
export class DirectoryChanges implements Disposable {
  readonly #directory: string;
  readonly #changes = new Changes();
  #watcher: FSWatcher | undefined;
  #changed = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Called before a look at the directory: what changes from here on ends the next wait. */
  begin(): void {
    this.#changed = false;
    if (this.#watcher !== undefined) return;
    try {
      this.#watcher = watch(this.#directory, { persistent: false }, () => {
        this.#changed = true;
        this.#changes.notify();
      });
      this.#watcher.on('error', () => this[Symbol.dispose]());
    } catch {
      // The poll sees it.
    }
  }

  /** Resolves at a change, after a while, or when the signal aborts. */
  async wait(clock: Clock, signal: AbortSignal): Promise<void> {
    if (!this.#changed) await this.#changes.next(clock, signal, pollMs);
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
