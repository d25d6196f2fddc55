import { type App, formatApp, type Journal, type PortContext, refuseRecord, type Saved, ShepherdError, type WriteContext } from '@shepherd/core';
import { KubeError, type KubeObject } from '../api/index.js';
import { type Cluster, checkFence, translated } from '../cluster.js';
import { names } from '../names.js';
import { paths } from '../objects.js';
import { stateName } from './object-name.js';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>> | undefined;
}

/** With the outbox; an object of etcd may have 1 MiB. */
const maxBytes = 256 * 1024;
const labels = { [names.journal]: 'true', 'app.kubernetes.io/managed-by': 'shepherd' };

/** One ConfigMap an app for its record, one more as the mailbox of everybody who does not drive. */
export class ConfigMapJournal implements Journal {
  readonly maxBytes = maxBytes;
  readonly #cluster: Cluster;
  #posted = 0;
  /** The last write of each app's record by this process: while it stands, nobody with a later fence has written. */
  readonly #last = new Map<string, { readonly version: string; readonly fence: number }>();

  /** What this process was given of each app's mailbox, and has not taken again since. */
  readonly #given = new Map<string, { readonly fence: number; readonly keys: readonly string[] }>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  load(context: PortContext): Promise<Saved | undefined> {
    return translated(context, `read the journal of ${context.app.name}`, async () => {
      const found = await this.#cluster.find<ConfigMap>(this.#path(context.app), context.signal);
      return found === undefined || isEmpty(found) ? undefined : parse(found);
    });
  }

  save(context: WriteContext, record: unknown, ifVersion: string | undefined): Promise<Saved> {
    return translated(context, `write the journal of ${context.app.name}`, async () => {
      const text = JSON.stringify(record);
      refuseRecord(stateName(context.app.name), text, maxBytes);
      const current =
        ifVersion !== undefined && this.#wrote(context, ifVersion) ? undefined : await this.#cluster.find<ConfigMap>(this.#path(context.app), context.signal);
      // The version alone would let an older holder write that has read since.
      if (current !== undefined) checkFence(context, current);
      const over = ifVersion ?? (current !== undefined && isEmpty(current) ? current.metadata.resourceVersion : undefined);
      const metadata = { ...this.#metadata(context), ...(over === undefined ? {} : { resourceVersion: over }) };
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { record: text } };
      try {
        const saved =
          over === undefined
            ? await this.#cluster.api.create<ConfigMap>(paths.configMaps(context.app.namespace), body, { signal: context.signal })
            : await this.#cluster.api.replace<ConfigMap>(this.#path(context.app), body, { signal: context.signal });
        const version = saved.metadata.resourceVersion ?? '';
        this.#last.set(formatApp(context.app), { version, fence: context.fence });
        return { record, version };
      } catch (error) {
        // A journal that was deleted meanwhile is somebody else's write as well.
        if (!(error instanceof KubeError) || (error.status !== 409 && error.status !== 404)) throw error;
        throw new ShepherdError('ERR_CONFLICT', `the journal of ${context.app.name} was written by somebody else`, {
          facts: { object: stateName(context.app.name), reason: error.reason },
          remedy: 'see who drives the rollout',
          cause: error,
        });
      }
    });
  }

  async *watch({ app, signal }: PortContext): AsyncIterable<Saved> {
    const query = { fieldSelector: `metadata.name=${stateName(app.name)}` };
    try {
      for await (const [found] of this.#cluster.api.follow<ConfigMap>(paths.configMaps(app.namespace), { query, signal }))
        if (found !== undefined && !isEmpty(found)) yield parse(found);
    } catch (error) {
      if (!signal.aborted) await translated({ signal }, `watch the journal of ${app.name}`, () => Promise.reject(error));
    }
  }

  async *list(namespaces: readonly string[] | undefined, signal: AbortSignal): AsyncIterable<Omit<App, 'cluster'>> {
    const query = { labelSelector: `${names.journal}=true` };
    for (const path of namespaces === undefined ? ['/api/v1/configmaps'] : namespaces.map((namespace) => paths.configMaps(namespace))) {
      const { items } = await translated({ signal }, 'list the journals', () => this.#cluster.api.list<ConfigMap>(path, { query, signal }));
      for (const found of items) {
        const { metadata } = found;
        if (isEmpty(found)) continue;
        const name = metadata.annotations?.[names.app];
        if (name !== undefined && metadata.namespace !== undefined) yield { namespace: metadata.namespace, name };
      }
    }
  }

  post(context: PortContext, command: unknown): Promise<void> {
    return translated(context, `write to the mailbox of ${context.app.name}`, async () => {
      const data = { [this.#nextKey(context)]: JSON.stringify(command) };
      const path = this.#mailbox(context.app);
      const put = (): Promise<ConfigMap> => this.#cluster.api.patch<ConfigMap>(path, 'merge', { data }, { signal: context.signal });
      const absent = (error: unknown): boolean => error instanceof KubeError && error.status === 404;
      try {
        await put();
      } catch (error) {
        if (!absent(error)) throw error;
        await this.#make(context.app.namespace, this.#mailboxMetadata(context), context.signal);
        await put();
      }
    });
  }

  take(context: WriteContext): Promise<readonly unknown[]> {
    return translated(context, `read the mailbox of ${context.app.name}`, async () => {
      const path = this.#mailbox(context.app);
      const app = formatApp(context.app);
      const found = await this.#cluster.find<ConfigMap>(path, context.signal);
      if (found === undefined) return [];
      checkFence(context, found);
      const given = this.#given.get(app);
      const done = given?.fence === context.fence ? given.keys.filter((key) => key in (found.data ?? {})) : [];
      const data = Object.fromEntries(done.map((key) => [key, null]));
      // What comes in between is seen or stays: only the keys that were given are emptied.
      const left = done.length === 0 ? found : await this.#cluster.change<ConfigMap>(context, path, () => ({ data }), { seen: found });
      const letters = Object.entries(left.data ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
      this.#given.set(app, { fence: context.fence, keys: letters.map(([key]) => key) });
      return letters.flatMap(([, text]) => {
        try {
          return [JSON.parse(text) as unknown];
        } catch {
          return [];
        }
      });
    });
  }

  /** Makes record and mailbox where there are none: what is not there could still be made by the holder before us. */
  fence(context: WriteContext): Promise<void> {
    return translated(context, `take over the journal of ${context.app.name}`, async () => {
      const { namespace } = context.app;
      for (const [path, metadata] of [
        [this.#path(context.app), this.#metadata(context)],
        [this.#mailbox(context.app), this.#mailboxMetadata(context)],
      ] as const) {
        if ((await this.#cluster.find(path, context.signal)) === undefined) await this.#make(namespace, metadata, context.signal);
        await this.#cluster.fence(context, path);
      }
    });
  }

  /** An object without data; one that is there already is as good. */
  async #make(namespace: string, metadata: object, signal: AbortSignal): Promise<void> {
    await this.#cluster.api.create(paths.configMaps(namespace), { apiVersion: 'v1', kind: 'ConfigMap', metadata }, { signal }).catch((lost: unknown) => {
      if (!KubeError.is(lost, 409)) throw lost;
    });
  }

  readonly #metadata = (context: WriteContext): object => ({
    name: stateName(context.app.name),
    namespace: context.app.namespace,
    labels,
    annotations: { [names.app]: context.app.name, [names.fence]: String(context.fence) },
  });

  readonly #mailboxMetadata = ({ app }: PortContext): object => ({ name: stateName(app.name, '-mailbox'), namespace: app.namespace });

  /** Sorts by time, then by the order in which this process posted. */
  #nextKey({ clock }: PortContext): string {
    this.#posted += 1;
    return `${String(clock.now().getTime()).padStart(15, '0')}-${String(this.#posted).padStart(6, '0')}-${crypto.randomUUID().slice(0, 8)}`;
  }

  #wrote({ app, fence }: WriteContext, version: string): boolean {
    const last = this.#last.get(formatApp(app));
    return last?.version === version && last.fence === fence;
  }

  readonly #path = ({ namespace, name }: App): string => paths.configMaps(namespace, stateName(name));
  readonly #mailbox = ({ namespace, name }: App): string => paths.configMaps(namespace, stateName(name, '-mailbox'));
}

/** Made for its fence; nothing was saved yet. */
const isEmpty = ({ data }: ConfigMap): boolean => data === undefined || Object.keys(data).length === 0;

function parse({ metadata, data }: ConfigMap): Saved {
  try {
    return { record: JSON.parse(data?.['record'] ?? '') as unknown, version: metadata.resourceVersion ?? '' };
  } catch {
    const [object, reason] = [`${metadata.namespace}/${metadata.name}`, 'its record is no JSON'];
    throw new ShepherdError('ERR_JOURNAL', `the journal ${object} cannot be used: ${reason}`, {
      facts: { object, reason },
      remedy: 'look at it, and delete the ConfigMap once no rollout of the app is under way',
    });
  }
}
