import type { Baselines, PortContext } from '@shepherd/core';
import { KubeError, type KubeObject } from '../api/index.js';
import { type Cluster, translated } from '../cluster.js';
import { names } from '../names.js';
import { paths } from '../objects.js';
import { stateName } from './object-name.js';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>> | undefined;
}

/** Revisions whose figures are kept; older ones go. */
const kept = 20;

/** One ConfigMap an app, `shepherd-<app>-baselines`, with a key a revision. It needs no lock: each write is one key. */
export class ConfigMapBaselines implements Baselines {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  read(context: PortContext): Promise<Readonly<Record<string, unknown>>> {
    return translated(context, `read the baselines of ${context.app.name}`, async () => parsed(await this.#find(context)));
  }

  write(context: PortContext, hash: string, value: object): Promise<void> {
    return translated(context, `store a baseline of ${context.app.name}`, async () => {
      const { app, signal } = context;
      const name = stateName(app.name, '-baselines');
      const text = JSON.stringify(value);
      const found = await this.#find(context);
      if (found === undefined) {
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations: { [names.app]: app.name } }, data: { [hash]: text } };
        try {
          await this.#cluster.api.create(paths.configMaps(app.namespace), body, { signal });
          return;
        } catch (error) {
          if (!KubeError.is(error, 409)) throw error;
        }
      }
      const gone = Object.fromEntries(oldest(found, hash).map((key) => [key, null]));
      await this.#cluster.api.patch(paths.configMaps(app.namespace, name), 'merge', { data: { ...gone, [hash]: text } }, { signal });
    });
  }

  #find({ app, signal }: PortContext): Promise<ConfigMap | undefined> {
    return this.#cluster.find<ConfigMap>(paths.configMaps(app.namespace, stateName(app.name, '-baselines')), signal);
  }
}

/** What somebody else wrote into it is no baseline, and is left alone. */
function parsed(found: ConfigMap | undefined): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(found?.data ?? {}).flatMap(([hash, text]) => {
      try {
        return [[hash, JSON.parse(text) as unknown]];
      } catch {
        return [];
      }
    }),
  );
}

/** Keys that make room for one more. */
function oldest(found: ConfigMap | undefined, hash: string): readonly string[] {
  const others = Object.entries(parsed(found)).filter(([key]) => key !== hash);
  const atOf = (value: unknown): string => String((value as { readonly at?: unknown }).at ?? '');
  return others
    .toSorted(([, a], [, b]) => (atOf(a) < atOf(b) ? 1 : -1))
    .slice(kept - 1)
    .map(([key]) => key);
}
