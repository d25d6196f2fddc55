import { type App, type Journal, type PortContext, type Saved, ShepherdError, type WriteContext } from '@shepherd/core';
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
  readonly #cluster: Cluster;
  #posted = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  load(context: PortContext): Promise<Saved | undefined> {
    return translated(context, `read the journal of ${context.app.name}`, async () => {
      const found = await this.#cluster.find<ConfigMap>(this.#path(context.app), context.signal);
      return found === undefined ? undefined : parse(found);
    });
  }

  save(context: WriteContext, record: unknown, ifVersion: string | undefined): Promise<Saved> {
    return translated(context, `write the journal of ${context.app.name}`, async () => {
      const text = JSON.stringify(record);
      const bytes = Buffer.byteLength(text);
      if (bytes > maxBytes)
        throw journalError(
          stateName(context.app.name),
          `it would have ${bytes} bytes, at most ${maxBytes} are allowed`,
          'shorten the request: manifests and metadata are kept in it',
        );
      const body = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: stateName(context.app.name),
          namespace: context.app.namespace,
          labels,
          annotations: { [names.app]: context.app.name, [names.fence]: String(context.fence) },
          ...(ifVersion === undefined ? {} : { resourceVersion: ifVersion }),
        },
        data: { record: text },
      };
      if (ifVersion !== undefined) await this.#checkFence(context);
      try {
        const saved =
          ifVersion === undefined
            ? await this.#cluster.api.create<ConfigMap>(paths.configMaps(context.app.namespace), body, { signal: context.signal })
            : await this.#cluster.api.replace<ConfigMap>(this.#path(context.app), body, { signal: context.signal });
        return { record, version: saved.metadata.resourceVersion ?? '' };
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
        if (found !== undefined) yield parse(found);
    } catch (error) {
      if (!signal.aborted) await translated({ signal }, `watch the journal of ${app.name}`, () => Promise.reject(error));
    }
  }

  async *list(namespaces: readonly string[] | undefined, signal: AbortSignal): AsyncIterable<Omit<App, 'cluster'>> {
    const query = { labelSelector: `${names.journal}=true` };
    for (const path of namespaces === undefined ? ['/api/v1/configmaps'] : namespaces.map((namespace) => paths.configMaps(namespace))) {
      const { items } = await translated({ signal }, 'list the journals', () => this.#cluster.api.list<ConfigMap>(path, { query, signal }));
      for (const { metadata } of items) {
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
        const metadata = { name: stateName(context.app.name, '-mailbox'), namespace: context.app.namespace };
        await this.#cluster.api
          .create(paths.configMaps(context.app.namespace), { apiVersion: 'v1', kind: 'ConfigMap', metadata }, { signal: context.signal })
          .catch((lost: unknown) => {
            // Two first letters at a time: the other one made the mailbox.
            if (!(lost instanceof KubeError && lost.status === 409)) throw lost;
          });
        await put();
      }
    });
  }

  take(context: WriteContext): Promise<readonly unknown[]> {
    return translated(context, `read the mailbox of ${context.app.name}`, async () => {
      const found = await this.#cluster.find<ConfigMap>(this.#mailbox(context.app), context.signal);
      const entries = Object.entries(found?.data ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
      if (found === undefined || entries.length === 0) return [];
      checkFence(context, found);
      // What came in between stays: only the keys that were read are emptied.
      await this.#cluster.api.patch(
        this.#mailbox(context.app),
        'merge',
        { data: Object.fromEntries(entries.map(([key]) => [key, null])) },
        { signal: context.signal },
      );
      return entries.flatMap(([, text]) => {
        try {
          return [JSON.parse(text) as unknown];
        } catch {
          return [];
        }
      });
    });
  }

  /** Sorts by time, then by the order in which this process posted. */
  #nextKey({ clock }: PortContext): string {
    this.#posted += 1;
    return `${String(clock.now().getTime()).padStart(15, '0')}-${String(this.#posted).padStart(6, '0')}-${crypto.randomUUID().slice(0, 8)}`;
  }

  /** The version alone would let an older holder write that has read since. */
  async #checkFence(context: WriteContext): Promise<void> {
    const found = await this.#cluster.find<ConfigMap>(this.#path(context.app), context.signal);
    if (found !== undefined) checkFence(context, found);
  }

  readonly #path = ({ namespace, name }: App): string => paths.configMaps(namespace, stateName(name));
  readonly #mailbox = ({ namespace, name }: App): string => paths.configMaps(namespace, stateName(name, '-mailbox'));
}

const journalError = (object: string, reason: string, remedy: string): ShepherdError =>
  new ShepherdError('ERR_JOURNAL', `the journal ${object} cannot be used: ${reason}`, { facts: { object, reason }, remedy });

function parse({ metadata, data }: ConfigMap): Saved {
  try {
    return { record: JSON.parse(data?.['record'] ?? '') as unknown, version: metadata.resourceVersion ?? '' };
  } catch {
    throw journalError(
      `${metadata.namespace}/${metadata.name}`,
      'its record is no JSON',
      'look at it, and delete the ConfigMap once no rollout of the app is under way',
    );
  }
}
