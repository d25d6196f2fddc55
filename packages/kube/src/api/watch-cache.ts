import type { KubeObject } from './kube-api.js';

/** The objects that a list and its watch have told of; says of each news whether it changed anything. */
export class WatchCache<T extends KubeObject> {
  #objects = new Map<string, T>();
  #snapshot: readonly T[] | undefined;

  /** The outcome of a list. True if it differs from what was known: what vanished while nobody watched is gone, too (KC LW-5). */
  replace(items: readonly T[]): boolean {
    const before = this.#objects;
    this.#objects = new Map(items.map((item) => [keyOf(item), item]));
    const changed = before.size !== this.#objects.size || items.some((item) => !isSame(before.get(keyOf(item)), item));
    if (changed) this.#snapshot = undefined;
    return changed;
  }

  /** ADDED or MODIFIED. False for what is known already. */
  put(object: T): boolean {
    const key = keyOf(object);
    if (isSame(this.#objects.get(key), object)) return false;
    this.#objects.set(key, object);
    this.#snapshot = undefined;
    return true;
  }

  remove(object: T): boolean {
    const known = this.#objects.delete(keyOf(object));
    if (known) this.#snapshot = undefined;
    return known;
  }

  /** In the server's own order: by namespace, then name. The same array until something changes. */
  snapshot(): readonly T[] {
    this.#snapshot ??= [...this.#objects.values()].toSorted(
      (a, b) => compare(a.metadata.namespace, b.metadata.namespace) || compare(a.metadata.name, b.metadata.name),
    );
    return this.#snapshot;
  }
}

const keyOf = ({ metadata }: KubeObject): string => metadata.uid ?? `${metadata.namespace ?? ''}/${metadata.name}`;

/** Versions are compared for equality only: they have no order that a client may use. */
const isSame = (known: KubeObject | undefined, news: KubeObject): boolean =>
  known !== undefined && news.metadata.resourceVersion !== undefined && known.metadata.resourceVersion === news.metadata.resourceVersion;

const compare = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0);
