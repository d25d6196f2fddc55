import type { KubeObject } from './kube-api.js';
import { withQuery } from './kube-path.js';
import { ListWatch, type ListWatchContext } from './list-watch.js';
import { onAbort } from './on-abort.js';

interface Shared<T extends KubeObject> {
  readonly watch: ListWatch<T>;
  followers: number;
  readonly wake: Set<() => void>;
}

/** All watches of a client: one a path and query, shared by all who follow it, ended with the last of them. */
export class WatchHub {
  readonly #shared = new Map<string, Shared<KubeObject>>();
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  constructor(private readonly context: ListWatchContext) {}

  async *follow<T extends KubeObject>(
    path: string,
    { query = {}, signal }: { readonly query?: Readonly<Record<string, string>> | undefined; readonly signal: AbortSignal },
  ): AsyncGenerator<readonly T[], void, undefined> {
    if (this.#closed || signal.aborted) return;
    const key = withQuery(path, query);
    const shared = this.#join(key, path, query) as unknown as Shared<T>;
    let seen: readonly T[] | undefined;
    try {
      while (!this.#closed && !signal.aborted) {
        if (shared.watch.failure !== undefined) throw shared.watch.failure;
        const snapshot = shared.watch.snapshot();
        if (snapshot === seen) await woken(shared.wake, signal);
        else if (snapshot !== undefined) yield snapshot;
        seen = snapshot;
      }
    } finally {
      await this.#leave(key, shared as unknown as Shared<KubeObject>);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = [...this.#shared.values()];
    this.#shared.clear();
    await Promise.all([...open.map(({ watch }) => watch.stop()), ...this.#ending]);
    for (const { wake } of open) for (const call of wake) call();
  }

  #join(key: string, path: string, query: Readonly<Record<string, string>>): Shared<KubeObject> {
    const known = this.#shared.get(key);
    if (known !== undefined) {
      known.followers++;
      return known;
    }
    const wake = new Set<() => void>();
    let pending = false;
    const onChange = (): void => {
      if (shared.watch.failure !== undefined && this.#shared.get(key) === shared) this.#shared.delete(key);
      if (pending) return;
      pending = true;
      // Changes that come together are one.
      queueMicrotask(() => {
        pending = false;
        for (const call of wake) call();
      });
    };
    const shared: Shared<KubeObject> = { watch: new ListWatch(this.context, path, query, onChange), followers: 1, wake };
    this.#shared.set(key, shared);
    shared.watch.start();
    return shared;
  }

  async #leave(key: string, shared: Shared<KubeObject>): Promise<void> {
    shared.followers--;
    if (shared.followers > 0) return;
    if (this.#shared.get(key) === shared) this.#shared.delete(key);
    const ending = shared.watch.stop();
    this.#ending.add(ending);
    await ending;
    this.#ending.delete(ending);
  }
}

function woken(wake: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      wake.delete(done);
      undo();
      resolve();
    };
    wake.add(done);
    const undo = onAbort(signal, done);
  });
}
