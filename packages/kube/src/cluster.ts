import { type AppParts, type PortContext, ShepherdError, type WriteContext } from '@shepherd/core';
import { asStored } from './api/as-stored.js';
import { type Connection, createKubeApi, type KubeApi, KubeError, type KubeObject, loadConnection, toShepherdError } from './api/index.js';
import { ofOneLook } from './api/one-look.js';
import { names } from './names.js';
import { annotation } from './objects.js';
import type { KubeApp, KubernetesOptions } from './options.js';
import { askRegistry, type RegistryAsk } from './registry/ask-registry.js';

const attempts = 5;
/** The pods of a Deployment that goes change its status all the time. */
const deletes = 20;

interface ChangeOptions<T> {
  /** @default 'strategic' */
  readonly type?: 'strategic' | 'merge' | undefined;
  /** The object as it was read a moment ago: decided on at once, and read again only where somebody wrote in between. */
  readonly seen?: T | undefined;
  /** As whom the server notes the fields. @default 'shepherd' */
  readonly manager?: string | undefined;
}

/** One cluster, as its options say it: connects at first use. */
export class Cluster {
  readonly api: KubeApi;
  readonly #options: KubernetesOptions;
  readonly #looks = new WeakMap<object, Cluster>();
  #connection: Promise<Connection> | undefined;

  constructor(options: KubernetesOptions, api?: KubeApi) {
    this.#options = options;
    this.api = api ?? createKubeApi({ connection: () => this.connection(), ...(options.clock === undefined ? {} : { clock: options.clock }) });
  }

  /** The cluster as reads of this call see it: those of one look are answered together. Never for what a write is decided on. */
  at({ look }: PortContext): Cluster {
    if (look === undefined) return this;
    const known = this.#looks.get(look);
    if (known !== undefined) return known;
    const view = new Cluster(this.#options, ofOneLook(this.api));
    this.#looks.set(look, view);
    return view;
  }

  /** The cluster with reads that are never of a while ago, for what is at these paths. */
  asStored(certain: ReadonlySet<string>): Cluster {
    return new Cluster(this.#options, asStored(this.api, certain));
  }

  connection(): Promise<Connection> {
    const { kubeconfig, context, explicitContext, transport } = this.#options;
    this.#connection ??= loadConnection({ kubeconfig, context, explicitContext, transport });
    this.#connection.catch(() => (this.#connection = undefined));
    return this.#connection;
  }

  async namespace(): Promise<string> {
    return this.#options.namespace ?? (await this.connection()).namespace;
  }

  app(parts: AppParts): KubeApp {
    const { app } = this.#options;
    return (typeof app === 'function' ? app(parts) : app) ?? {};
  }

  /** Undefined: registries are not asked. */
  get askRegistry(): RegistryAsk | undefined {
    return this.#options.askRegistry ?? (this.#options.transport === undefined ? askRegistry : undefined);
  }

  get leaseMs(): number {
    return this.#options.leaseMs ?? 15_000;
  }

  /** A 404 as undefined. */
  async find<T extends KubeObject>(path: string, signal: AbortSignal): Promise<T | undefined> {
    try {
      return await this.api.get<T>(path, { signal });
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** True only where the server says so; who may not read namespaces cannot tell. */
  async isNamespaceMissing(namespace: string, signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.find(`/api/v1/namespaces/${namespace}`, signal)) === undefined;
    } catch (error) {
      if (KubeError.is(error, 403)) return false;
      throw error;
    }
  }

  /**
   * Reads, decides, writes with the version that was read as precondition; again where somebody wrote in between. `decide` answers undefined where the object
   * is as wanted: then only our fence is written, and only where it is not there yet, so that a holder of the lock before us stops (RR PT-7). @throws ShepherdError ERR_LOCK_LOST where a later holder of the lock wrote before
   */
  async change<T extends KubeObject>(
    context: WriteContext,
    path: string,
    decide: (current: T) => object | readonly object[] | undefined,
    { type = 'strategic', seen, manager }: ChangeOptions<T> = {},
  ): Promise<T> {
    const options = { signal: context.signal, ...(manager === undefined ? {} : { query: { fieldManager: manager } }) };
    for (let attempt = 1; ; attempt += 1) {
      const current = attempt === 1 && seen !== undefined ? seen : await this.api.get<T>(path, { signal: context.signal });
      checkFence(context, current);
      const decided = decide(current);
      if (decided === undefined && annotation(current, names.fence) === String(context.fence)) return current;
      // Whose the object is stays as it is where nothing else is written.
      const body = decided ?? { metadata: { annotations: { [names.rolloutId]: annotation(current, names.rolloutId) } } };
      try {
        if (Array.isArray(body)) return await this.api.patch<T>(path, 'json', [...fencedOperations(context, current), ...body], options);
        return await this.api.patch<T>(path, type, fenced(context, current, body as object), options);
      } catch (error) {
        if (attempt === attempts || !(await this.#isRace(context, path, current, error))) throw error;
      }
    }
  }

  /** Writes our fence and nothing else, where the object is there. `optional`: not where that is forbidden. @throws ShepherdError ERR_LOCK_LOST */
  async fence(
    context: WriteContext,
    path: string,
    { type = 'strategic', optional = false, manager }: { readonly type?: 'strategic' | 'merge'; readonly optional?: boolean; readonly manager?: string } = {},
  ): Promise<void> {
    try {
      await this.change(context, path, () => undefined, { type, manager });
    } catch (error) {
      // What was deleted meanwhile can be written by nobody.
      if (!KubeError.is(error, 404) && !(optional && KubeError.is(error, 403))) throw error;
    }
  }

  /**
   * Deletes what was read and may be deleted, in the version that was read: no delete of ours lands after somebody else's write. `may` throws where it must
   * not be. A missing object is a success. @throws ShepherdError ERR_LOCK_LOST where a later holder of the lock wrote before
   */
  async remove<T extends KubeObject>(
    context: WriteContext,
    path: string,
    { propagation = 'Background', may = () => undefined }: { readonly propagation?: 'Foreground' | 'Background'; readonly may?: (current: T) => void } = {},
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const current = await this.find<T>(path, context.signal);
      if (current === undefined || current.metadata.deletionTimestamp !== undefined) return;
      checkFence(context, current);
      may(current);
      const { uid, resourceVersion } = current.metadata;
      try {
        const preconditions = { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
        return await this.api.delete(path, { signal: context.signal, propagation, preconditions });
      } catch (error) {
        if (attempt === deletes || !KubeError.is(error, 409)) throw error;
      }
    }
  }

  /** A 409, or a `test` of a JSON Patch that failed because somebody wrote in between; a template that the server refuses is also a 422. */
  async #isRace({ signal }: WriteContext, path: string, before: KubeObject, error: unknown): Promise<boolean> {
    if (KubeError.is(error, 409)) return true;
    if (!KubeError.is(error, 422)) return false;
    const now = await this.api.get(path, { signal });
    return now.metadata.resourceVersion !== before.metadata.resourceVersion;
  }
}

/** @throws ShepherdError ERR_LOCK_LOST */
export function checkFence(context: WriteContext, object: KubeObject): void {
  const found = Number(annotation(object, names.fence) ?? 0);
  if (found <= context.fence) return;
  throw new ShepherdError('ERR_LOCK_LOST', `${object.metadata.name} was written by a later holder of the lock (fence ${found}, ours ${context.fence})`, {
    facts: { rolloutId: context.rolloutId, holder: annotation(object, names.rolloutId) ?? 'unknown' },
    remedy: 'another process drives the app now; this one stopped',
  });
}

const marks = (context: WriteContext): Record<string, string> => ({ [names.fence]: String(context.fence), [names.rolloutId]: context.rolloutId });

function fenced(context: WriteContext, current: KubeObject, body: object): object {
  const { metadata = {} } = body as { metadata?: { annotations?: object } };
  return { ...body, metadata: { ...metadata, resourceVersion: current.metadata.resourceVersion, annotations: { ...marks(context), ...metadata.annotations } } };
}

const escape = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

function fencedOperations(context: WriteContext, current: KubeObject): readonly object[] {
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: current.metadata.resourceVersion },
    ...(current.metadata.annotations === undefined ? [{ op: 'add', path: '/metadata/annotations', value: {} }] : []),
    ...Object.entries(marks(context)).map(([key, value]) => ({ op: 'add', path: `/metadata/annotations/${escape(key)}`, value })),
  ];
}

/** Runs a port call; what the API refused leaves as a ShepherdError. */
export async function translated<T>(context: Pick<PortContext, 'signal'>, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    context.signal.throwIfAborted();
    if (ShepherdError.is(error)) throw error;
    throw toShepherdError(error, what);
  }
}
