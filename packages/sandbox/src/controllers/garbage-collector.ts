import type { KubeObject, Objects, StoredKind } from '../api/objects.js';
import type { Scheduler } from '../scheduler.js';
import { WorkQueue } from './work-queue.js';

interface Known {
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly owners: readonly string[];
}

/**
 * Removes what belonged to an owner that is gone, lets go of what `orphan` keeps, and lets an owner wait for its dependents where `foregroundDeletion` says so.
 */
export class GarbageCollector {
  readonly #known = new Map<string, Known>();
  readonly #byOwner = new Map<string, Set<string>>();
  readonly #queue: WorkQueue;
  readonly #kinds = new Map<string, StoredKind>();
  readonly #stops: (() => void)[] = [];

  constructor(
    readonly objects: Objects,
    scheduler: Scheduler,
  ) {
    this.#queue = new WorkQueue(scheduler, (uid) => this.#collect(uid));
    const watchKind = (kind: StoredKind): void => {
      if (this.#kinds.has(kind.resource) || kind.resource === 'events') return;
      this.#kinds.set(kind.resource, kind);
      this.#stops.push(objects.watch(kind.resource, ({ type, object }) => this.#see(kind.resource, type === 'deleted', object)));
    };
    this.#stops.push(objects.eachKind(watchKind));
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #see(resource: string, gone: boolean, object: KubeObject): void {
    const { uid, namespace, name, ownerReferences = [] } = object.metadata;
    for (const owner of this.#known.get(uid)?.owners ?? []) this.#byOwner.get(owner)?.delete(uid);
    if (gone) {
      for (const owner of this.#known.get(uid)?.owners ?? []) this.#queue.add(owner);
      this.#known.delete(uid);
      if ((this.#byOwner.get(uid)?.size ?? 0) > 0) for (const dependent of this.#byOwner.get(uid) ?? []) this.#queue.add(dependent);
      else this.#byOwner.delete(uid);
      return;
    }
    const owners = ownerReferences.map((owner) => owner.uid);
    this.#known.set(uid, { resource, namespace, name, owners });
    for (const owner of owners) {
      const dependents = this.#byOwner.get(owner) ?? new Set();
      this.#byOwner.set(owner, dependents.add(uid));
    }
    const waits = object.metadata.finalizers?.some((name) => name === 'foregroundDeletion' || name === 'orphan');
    if (waits || owners.some((owner) => !this.#known.has(owner))) this.#queue.add(uid);
  }

  #collect(uid: string): void {
    const known = this.#known.get(uid);
    const object = known && this.objects.get(known.resource, known.namespace, known.name);
    if (known === undefined || object?.metadata.uid !== uid) return;
    if (object.metadata.deletionTimestamp !== undefined) return this.#finish(known, object);
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length === 0) return;
    const present = owners.filter((owner) => this.#isThere(object, owner));
    if (present.length === 0) this.objects.delete(known.resource, known.namespace, known.name);
    else if (present.length < owners.length) {
      this.objects.update(known.resource, { ...object, metadata: { ...object.metadata, ownerReferences: present } });
    }
  }

  /** A reference counts while its object is there, with this uid; one of a kind that nobody serves counts always. */
  #isThere(dependent: KubeObject, owner: { apiVersion: string; kind: string; name: string; uid: string }): boolean {
    const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
    const served = [...this.#kinds.values()].find(({ resource, kind }) => kind === owner.kind && resource.replace(/^[^.]+/, '') === group);
    if (served === undefined) return true;
    const namespace = served.namespaced ? dependent.metadata.namespace : undefined;
    return this.objects.get(served.resource, namespace, owner.name)?.metadata.uid === owner.uid;
  }

  #finish({ resource }: Known, owner: KubeObject): void {
    const { finalizers = [], uid } = owner.metadata;
    const dependents = [...(this.#byOwner.get(uid) ?? [])].flatMap((one) => this.#known.get(one) ?? []);
    if (finalizers.includes('orphan')) {
      for (const one of dependents) this.#letGo(one, uid);
      this.#unlock(resource, owner, 'orphan');
    } else if (finalizers.includes('foregroundDeletion')) {
      for (const one of dependents) this.objects.delete(one.resource, one.namespace, one.name);
      if ((this.#byOwner.get(uid)?.size ?? 0) === 0) this.#unlock(resource, owner, 'foregroundDeletion');
    }
  }

  #letGo({ resource, namespace, name }: Known, ownerUid: string): void {
    const object = this.objects.get(resource, namespace, name);
    if (object === undefined) return;
    const { ownerReferences = [], ...metadata } = object.metadata;
    const others = ownerReferences.filter(({ uid }) => uid !== ownerUid);
    this.objects.update(resource, { ...object, metadata: { ...metadata, ...(others.length > 0 && { ownerReferences: others }) } });
  }

  #unlock(resource: string, object: KubeObject, finalizer: string): void {
    const finalizers = object.metadata.finalizers?.filter((name) => name !== finalizer) ?? [];
    this.objects.update(resource, { ...object, metadata: { ...object.metadata, finalizers } });
  }
}
