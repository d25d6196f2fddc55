import { freezeJson } from './json.js';
import type { KubeObject, Watcher } from './objects.js';
import { expired } from './status-error.js';

/** One write, as watches tell it. `rv` is its resourceVersion. */
export interface Change {
  readonly rv: number;
  /** On the store's clock. */
  readonly atMs: number;
  readonly type: 'added' | 'modified' | 'deleted';
  readonly object: KubeObject;
  readonly previous?: KubeObject;
}

type Listener = (change: Change) => void;

interface Table {
  readonly objects: Map<string, KubeObject>;
  readonly listeners: Set<Listener>;
  history: Change[];
  /** Changes up to here are forgotten. */
  forgotten: number;
  sorted: Map<string, readonly KubeObject[]>;
}

const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;

/** The bytes of etcd's order; localeCompare would differ. */
const byKey = ([a]: [string, KubeObject], [b]: [string, KubeObject]): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Objects by resource, one counter of versions for all, and the last changes of each resource, so that a watch can start in the past and the pages of a
 * list show one moment. Knows no rules: what is put here is stored.
 */
export class Store {
  #version = 1;
  readonly #tables = new Map<string, Table>();
  readonly #pending: [Table, Change][] = [];
  #telling = false;

  /** `nowMs`: monotonic, so that the past can be asked for by time. */
  constructor(
    private readonly historyLimit = 1000,
    private readonly nowMs: () => number = () => 0,
  ) {}

  /** The version of the last write. */
  get version(): number {
    return this.#version;
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#table(resource).objects.get(keyOf(namespace, name));
  }

  /** In etcd's order: namespace, then name. */
  list(resource: string, namespace?: string): readonly KubeObject[] {
    const table = this.#table(resource);
    let sorted = table.sorted.get(namespace ?? '');
    if (!sorted) {
      sorted = inOrder(table.objects, namespace);
      table.sorted.set(namespace ?? '', sorted);
    }
    return sorted;
  }

  /** The list as it was after the write `rv`. @throws StatusError 410 if that is forgotten */
  listAt(resource: string, namespace: string | undefined, rv: number): readonly KubeObject[] {
    if (rv >= this.#version) return this.list(resource, namespace);
    const table = this.#table(resource);
    if (rv < table.forgotten) throw tooOld(rv, table.forgotten);
    const past = new Map(table.objects);
    for (const change of table.history.toReversed()) {
      if (change.rv <= rv) break;
      const key = keyOf(change.object.metadata.namespace, change.object.metadata.name);
      if (change.previous === undefined) past.delete(key);
      else past.set(key, change.previous);
    }
    return inOrder(past, namespace);
  }

  /** The version that a reader of this resource saw so long ago, or the oldest that is remembered. */
  versionAgo(resource: string, agoMs: number): number {
    const { history } = this.#table(resource);
    const until = this.nowMs() - agoMs;
    // Newest first: what is asked for is seldom long ago.
    for (let i = history.length - 1; i >= 0; i--) {
      const change = history[i] as Change;
      if (change.atMs <= until) return (history[i + 1]?.rv ?? this.#version + 1) - 1;
    }
    return (history[0]?.rv ?? this.#version + 1) - 1;
  }

  /** Stores a draft under the next version; the draft is frozen and belongs to the store from then on. */
  put(resource: string, draft: KubeObject): KubeObject {
    const table = this.#table(resource);
    const key = keyOf(draft.metadata.namespace, draft.metadata.name);
    const previous = table.objects.get(key);
    const object = this.#stamp(draft);
    table.objects.set(key, object);
    this.#tell(table, { rv: this.#version, atMs: this.nowMs(), type: previous ? 'modified' : 'added', object, ...(previous && { previous }) });
    return object;
  }

  /** Removes an object; `last` is how the deleted event shows it. */
  remove(resource: string, last: KubeObject): KubeObject {
    const table = this.#table(resource);
    const key = keyOf(last.metadata.namespace, last.metadata.name);
    const previous = table.objects.get(key);
    const object = this.#stamp({ ...last, metadata: { ...last.metadata } });
    table.objects.delete(key);
    this.#tell(table, { rv: this.#version, atMs: this.nowMs(), type: 'deleted', object, ...(previous && { previous }) });
    return object;
  }

  /** Changes after the write `from` (all later ones, in order), starting with those of the past. @throws StatusError 410 if they are forgotten */
  follow(resource: string, from: number, listener: Listener): () => void {
    const table = this.#table(resource);
    if (from < table.forgotten) throw tooOld(from, table.forgotten);
    // Changes that are still being told to others are in the history too: the listener must not hear them twice.
    const until = this.#version;
    const guarded: Listener = (change) => {
      if (change.rv > until) listener(change);
    };
    const past = table.history.filter((change) => change.rv > from);
    table.listeners.add(guarded);
    for (const change of past) listener(change);
    return () => void table.listeners.delete(guarded);
  }

  /** As `Objects.watch`. */
  watch(resource: string, watcher: Watcher): () => void {
    const present = this.list(resource);
    const stop = this.follow(resource, this.#version, watcher);
    for (const object of present) watcher({ type: 'added', object });
    return stop;
  }

  /** Forgets the past of all resources, so that watches and pages from before answer 410. */
  forget(): void {
    for (const table of this.#tables.values()) {
      table.history = [];
      table.forgotten = this.#version;
    }
  }

  #stamp(draft: KubeObject): KubeObject {
    this.#version += 1;
    draft.metadata.resourceVersion = String(this.#version);
    return freezeJson(draft);
  }

  /** A watcher that writes must not make the others hear of its write before the one that caused it: so changes wait in line. */
  #tell(table: Table, change: Change): void {
    table.sorted = new Map();
    table.history.push(change);
    if (table.history.length > this.historyLimit * 2) {
      const dropped = table.history.splice(0, this.historyLimit);
      table.forgotten = dropped.at(-1)?.rv ?? table.forgotten;
    }
    this.#pending.push([table, change]);
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (let next = this.#pending.shift(); next; next = this.#pending.shift()) {
        // A copy: who starts to listen meanwhile has heard of this change already.
        for (const listener of Array.from(next[0].listeners)) this.#call(next[0], listener, next[1]);
      }
    } finally {
      this.#telling = false;
    }
  }

  #call(table: Table, listener: Listener, change: Change): void {
    if (!table.listeners.has(listener)) return;
    try {
      listener(change);
    } catch (error) {
      // The write has happened: it must not look failed to the writer. A broken watcher is a bug of the sandbox and has to be seen.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #table(resource: string): Table {
    let table = this.#tables.get(resource);
    if (!table) {
      table = { objects: new Map(), listeners: new Set(), history: [], forgotten: 0, sorted: new Map() };
      this.#tables.set(resource, table);
    }
    return table;
  }
}

const inOrder = (objects: ReadonlyMap<string, KubeObject>, namespace: string | undefined): readonly KubeObject[] =>
  [...objects]
    .filter(([, object]) => namespace === undefined || object.metadata.namespace === namespace)
    .sort(byKey)
    .map(([, object]) => object);

const tooOld = (asked: number, oldest: number) => expired(`too old resource version: ${asked} (${oldest})`);
