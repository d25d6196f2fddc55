import { randomInt, randomUUID } from 'node:crypto';
import type { Clock } from '@shepherd/core';
import { copyJson, equalJson, type Wire } from './json.js';
import { rulesOf } from './kinds/index.js';
import type { RuleContext } from './kinds/kind-rules.js';
import { validateMetadata, validateMetadataUpdate } from './kinds/metadata.js';
import type { KubeObject } from './objects.js';
import { quotaRefusal } from './quota.js';
import { apiVersionOf, type ResourceInfo, type Resources } from './resources.js';
import { alreadyExists, conflict, forbidden, invalid, modified, notFound, qualified, type StatusCause, StatusError } from './status-error.js';
import { Store } from './store.js';
import { timestamp } from './timestamp.js';

/** How a write is meant; nothing of it is stored but what `track` leaves in the draft. */
export interface WriteOptions {
  /** The result is answered, nothing is stored. */
  readonly dryRun?: boolean | undefined;
  /** `status`: spec and metadata stay, status alone is taken. */
  readonly subresource?: 'status' | undefined;
  /** Notes who owns which field, just before the draft is stored. `told` is the draft without what the server itself adds, like addresses. */
  readonly track?: ((draft: Wire, previous: KubeObject | undefined, told: Wire) => void) | undefined;
}

export interface DeleteOptions {
  readonly dryRun?: boolean | undefined;
  /** Seconds that a pod gets to end. */
  readonly grace?: number | undefined;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface Deleted {
  readonly object: KubeObject;
  /** False while finalizers or grace keep it. */
  readonly removed: boolean;
}

const SUFFIX = 'bcdfghjklmnpqrstvwxz2456789';
const suffix = (): string => Array.from({ length: 5 }, () => SUFFIX[randomInt(SUFFIX.length)]).join('');

/** The rules of the API server over the store: every write, from a client or a controller, goes through here. */
export class Registry {
  readonly store: Store;
  readonly #rules: RuleContext = { list: (resource) => this.store.list(resource) };

  constructor(
    readonly resources: Resources,
    readonly clock: Clock,
    historyLimit?: number,
  ) {
    this.store = new Store(historyLimit, () => clock.monotonicMs());
  }

  now(): string {
    return timestamp(this.clock.now());
  }

  /** @throws StatusError 404 */
  need(info: ResourceInfo, namespace: string | undefined, name: string): KubeObject {
    const object = this.store.get(qualified(info), namespace, name);
    if (!object) throw notFound(info, name);
    return object;
  }

  create(info: ResourceInfo, input: Wire, options: WriteOptions = {}): KubeObject {
    const draft = this.#draftOf(info, input);
    const { metadata } = draft;
    if (metadata.resourceVersion) throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
    if (info.namespaced) this.#needNamespace(info, metadata);
    const generated = !metadata.name && metadata.generateName;
    if (generated) metadata.name = metadata.generateName.slice(0, 58) + suffix();
    for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink', 'resourceVersion']) delete metadata[field];
    metadata.uid = randomUUID();
    metadata.creationTimestamp = this.now();
    if (info.generation) metadata.generation = 1;
    else delete metadata.generation;
    const rules = rulesOf(qualified(info));
    rules.defaults?.(draft);
    const told = tellsOf(draft, options);
    rules.prepareCreate?.(draft, this.#rules);
    this.#refuse(info, draft, [...validateMetadata(info, draft), ...(rules.validate?.(draft) ?? [])]);
    while (this.store.get(qualified(info), metadata.namespace, metadata.name)) {
      if (!generated) throw alreadyExists(info, metadata.name, isGoing(this.store.get(qualified(info), metadata.namespace, metadata.name)));
      metadata.name = metadata.generateName.slice(0, 58) + suffix();
    }
    const refusal = info.namespaced ? quotaRefusal(this.store, info, draft) : undefined;
    if (refusal) throw refusal;
    options.track?.(draft, undefined, told);
    return options.dryRun ? draft : this.store.put(qualified(info), draft);
  }

  /** Replaces an object. An unchanged one is no write: it keeps its version. */
  update(info: ResourceInfo, input: Wire, options: WriteOptions = {}): KubeObject {
    const current = this.need(info, info.namespaced ? input.metadata?.namespace : undefined, input.metadata?.name ?? '');
    const given = input.metadata;
    if (given.uid && given.uid !== current.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${given.uid}, UID in object meta: ${current.metadata.uid}`;
      const key = `${storedUnder(info)}/${info.namespaced ? `${given.namespace}/` : ''}${given.name}`;
      throw conflict(info, given.name, `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`);
    }
    if (given.resourceVersion && !/^\d+$/.test(given.resourceVersion)) {
      throw new StatusError(500, '', `strconv.ParseUint: parsing ${JSON.stringify(given.resourceVersion)}: invalid syntax`);
    }
    if (given.resourceVersion && given.resourceVersion !== current.metadata.resourceVersion) throw modified(info, given.name);
    const rules = rulesOf(qualified(info));
    const draft = options.subresource === 'status' ? this.#statusDraft(input, current) : this.#specDraft(info, input, current);
    let told = draft;
    if (options.subresource === undefined) {
      rules.defaults?.(draft);
      told = tellsOf(draft, options);
      rules.prepareUpdate?.(draft, current, this.#rules);
      const changed = !(rules.sameSpec ?? sameSpec)(draft, current) || rules.countsAsSpec?.(draft, current);
      if (info.generation && changed) draft.metadata.generation = (current.metadata.generation ?? 0) + 1;
      this.#refuse(info, draft, [
        ...validateMetadata(info, draft),
        ...(rules.validate?.(draft) ?? []),
        ...(rules.validateUpdate?.(draft, current) ?? []),
        ...twice(validateMetadataUpdate(draft, current)),
      ]);
    }
    options.track?.(draft, current, told);
    if (equalJson(draft, current)) return current;
    if (options.dryRun) return draft;
    if (current.metadata.deletionTimestamp && !draft.metadata.finalizers?.length && !heldBySpec(info, draft) && !draft.metadata.deletionGracePeriodSeconds) {
      this.store.remove(qualified(info), draft);
      // watches see a new version, the writer the one that was stored last
      return draft;
    }
    return this.store.put(qualified(info), draft);
  }

  delete(info: ResourceInfo, namespace: string | undefined, name: string, options: DeleteOptions = {}): Deleted {
    const current = this.need(info, namespace, name);
    if (info.group === '' && info.plural === 'namespaces' && KEPT_NAMESPACES.includes(name)) throw forbidden(info, name, 'this namespace may not be deleted');
    needSame(info, current, options);
    const draft: Wire = { ...current, metadata: { ...current.metadata } };
    const finalizers = finalizersFor(current.metadata.finalizers ?? [], options.propagation);
    if (finalizers.length > 0) draft.metadata.finalizers = finalizers;
    else delete draft.metadata.finalizers;
    const grace = graceOf(info, current, options.grace);
    const kept = finalizers.length > 0 || heldBySpec(info, current) || grace > 0;
    if (options.dryRun) return { object: current, removed: !kept };
    if (!kept) return { object: this.store.remove(qualified(info), draft), removed: true };
    if (info.plural === 'namespaces' && info.group === '') draft.status = { ...draft.status, phase: 'Terminating' };
    const before = current.metadata.deletionGracePeriodSeconds;
    if (!current.metadata.deletionTimestamp || (before !== undefined && grace < before)) {
      // The moment is when the deletion was asked for, plus the grace, even where a second delete shortens it.
      const asked = current.metadata.deletionTimestamp ? Date.parse(current.metadata.deletionTimestamp) - (before ?? 0) * 1000 : this.clock.now().getTime();
      draft.metadata.deletionTimestamp = timestamp(new Date(asked + grace * 1000));
      if (!heldBySpec(info, current)) draft.metadata.deletionGracePeriodSeconds = grace;
      if (info.generation && !current.metadata.deletionTimestamp) draft.metadata.generation = (current.metadata.generation ?? 0) + 1;
    }
    if (equalJson(draft, current)) return { object: current, removed: false };
    return { object: this.store.put(qualified(info), draft), removed: false };
  }

  #draftOf(info: ResourceInfo, input: Wire): Wire {
    const { apiVersion: _, kind: __, metadata, ...rest } = copyJson(input);
    return { apiVersion: apiVersionOf(info), kind: info.kind, metadata: metadata ?? {}, ...rest };
  }

  #specDraft(info: ResourceInfo, input: Wire, current: KubeObject): Wire {
    const draft = this.#draftOf(info, input);
    const { metadata } = draft;
    for (const field of ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation', 'resourceVersion', 'generateName']) {
      const value = (current.metadata as Wire)[field];
      if (value === undefined) delete metadata[field];
      else metadata[field] = value;
    }
    const { managedFields } = current.metadata as Wire;
    if (managedFields) metadata.managedFields = managedFields;
    else delete metadata.managedFields;
    if (info.subresources.includes('status')) {
      if (current.status === undefined) delete draft.status;
      else draft.status = current.status;
    }
    return draft;
  }

  /** Annotations come along: the Deployment controller keeps its revision there without counting a generation. */
  #statusDraft(input: Wire, current: KubeObject): Wire {
    const draft: Wire = { ...current, metadata: { ...current.metadata } };
    if (input.metadata.annotations) draft.metadata.annotations = copyJson(input.metadata.annotations);
    if (input.status === undefined) delete draft.status;
    else draft.status = copyJson(input.status);
    return draft;
  }

  #needNamespace(info: ResourceInfo, metadata: Wire): void {
    metadata.namespace ??= 'default';
    const namespaces = this.resources.get('namespaces');
    const namespace = this.store.get('namespaces', undefined, metadata.namespace);
    if (!namespace) throw notFound(namespaces, metadata.namespace);
    if (namespace.metadata.deletionTimestamp) {
      const why = `unable to create new content in namespace ${metadata.namespace} because it is being terminated`;
      const message = `namespace ${metadata.namespace} is being terminated`;
      throw forbidden(info, metadata.name ?? '', why, [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }]);
    }
  }

  #refuse(info: ResourceInfo, draft: Wire, causes: readonly StatusCause[]): void {
    if (causes.length > 0) throw invalid(info, draft.metadata.name ?? '', causes);
  }
}

const KEPT_NAMESPACES = ['default', 'kube-public', 'kube-system'];

/** Where the real server keeps the kind in etcd, as it tells in messages. */
const storedUnder = (info: ResourceInfo): string =>
  `/registry/${{ services: 'services/specs', endpoints: 'services/endpoints', nodes: 'minions' }[qualified(info)] ?? info.plural}`;

const sameSpec = (draft: Wire, previous: KubeObject): boolean => equalJson(draft.spec, previous.spec);

/** The real server finds this out twice. */
const twice = (causes: readonly StatusCause[]): StatusCause[] => [...causes, ...causes];

const isGoing = (object: KubeObject | undefined): boolean => object?.metadata.deletionTimestamp !== undefined;

/** A namespace waits for the namespace controller to empty it. */
const heldBySpec = ({ group, plural }: ResourceInfo, { spec }: Wire): boolean => group === '' && plural === 'namespaces' && spec?.finalizers?.length > 0;

/** The draft as the client is responsible for it, before the server adds what is its own. */
function tellsOf(draft: Wire, { track }: WriteOptions): Wire {
  if (!track) return draft;
  return { ...draft, metadata: { ...draft.metadata }, ...(draft.spec && { spec: copyJson(draft.spec) }) };
}

/** The garbage collector's own finalizers say how dependents go; Background needs none. */
function finalizersFor(current: readonly string[], propagation: DeleteOptions['propagation']): string[] {
  if (propagation === undefined) return [...current];
  const others = current.filter((name) => name !== 'foregroundDeletion' && name !== 'orphan');
  if (propagation === 'Background') return others;
  return [...others, propagation === 'Foreground' ? 'foregroundDeletion' : 'orphan'];
}

/** The preconditions of a delete. The real server names the kind where other conflicts name the resource. */
function needSame(info: ResourceInfo, { metadata }: KubeObject, { uid, resourceVersion }: DeleteOptions): void {
  const asKind = { group: info.group, plural: info.kind };
  const differs = (what: string, given: string, stored: string): string =>
    `the ${what} in the precondition (${given}) does not match the ${what} in record (${stored})`;
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(asKind, metadata.name, `${differs('UID', uid, metadata.uid)}. The object might have been deleted and then recreated`);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(asKind, metadata.name, `${differs('ResourceVersion', resourceVersion, metadata.resourceVersion)}. The object might have been modified`);
  }
}

function graceOf(info: ResourceInfo, object: KubeObject, asked: number | undefined): number {
  if (info.plural !== 'pods' || info.group !== '') return 0;
  // Nobody runs it: there is nothing to wait for.
  if (!object.spec?.nodeName || object.status?.phase === 'Succeeded' || object.status?.phase === 'Failed') return 0;
  return asked ?? object.spec.terminationGracePeriodSeconds ?? 30;
}
