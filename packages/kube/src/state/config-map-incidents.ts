import { type App, type IncidentStore, type PortContext, refuseRecord, type Saved, ShepherdError } from '@shepherd/core';
import { KubeError, type KubeObject } from '../api/index.js';
import { type Cluster, translated } from '../cluster.js';
import { names } from '../names.js';
import { paths } from '../objects.js';
import { stateName } from './object-name.js';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>> | undefined;
}

const maxBytes = 128 * 1024;
const suffix = '-incidents';

/** One ConfigMap an app for its incidents, with the rights that the journal takes. Whoever writes names the version that it read; no lock, no fence. */
export class ConfigMapIncidents implements IncidentStore {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  load(context: PortContext): Promise<Saved | undefined> {
    return translated(context, `read the incidents of ${context.app.name}`, async () => {
      const found = await this.#cluster.find<ConfigMap>(path(context.app), context.signal);
      return found === undefined ? undefined : parse(found);
    });
  }

  save({ app, signal }: PortContext, record: unknown, ifVersion: string | undefined): Promise<Saved> {
    return translated({ signal }, `write the incidents of ${app.name}`, async () => {
      const text = JSON.stringify(record);
      refuseRecord(stateName(app.name, suffix), text, maxBytes);
      const metadata = {
        name: stateName(app.name, suffix),
        namespace: app.namespace,
        labels: { [names.incidents]: 'true', 'app.kubernetes.io/managed-by': 'shepherd' },
        annotations: { [names.app]: app.name },
        ...(ifVersion === undefined ? {} : { resourceVersion: ifVersion }),
      };
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { record: text } };
      try {
        const saved =
          ifVersion === undefined
            ? await this.#cluster.api.create<ConfigMap>(paths.configMaps(app.namespace), body, { signal })
            : await this.#cluster.api.replace<ConfigMap>(path(app), body, { signal });
        return { record, version: saved.metadata.resourceVersion ?? '' };
      } catch (error) {
        if (!(error instanceof KubeError) || (error.status !== 409 && error.status !== 404)) throw error;
        throw new ShepherdError('ERR_CONFLICT', `the incidents of ${app.name} were written by somebody else`, {
          facts: { object: stateName(app.name, suffix), reason: error.reason },
          remedy: 'read them again',
          cause: error,
        });
      }
    });
  }

  async *list(namespaces: readonly string[] | undefined, signal: AbortSignal): AsyncIterable<Omit<App, 'cluster'>> {
    const query = { labelSelector: `${names.incidents}=true` };
    for (const at of namespaces === undefined ? ['/api/v1/configmaps'] : namespaces.map((namespace) => paths.configMaps(namespace))) {
      const { items } = await translated({ signal }, 'list the incidents', () => this.#cluster.api.list<ConfigMap>(at, { query, signal }));
      for (const { metadata } of items) {
        const name = metadata.annotations?.[names.app];
        if (name !== undefined && metadata.namespace !== undefined) yield { namespace: metadata.namespace, name };
      }
    }
  }
}

const path = ({ namespace, name }: App): string => paths.configMaps(namespace, stateName(name, suffix));

function parse({ metadata, data }: ConfigMap): Saved {
  try {
    return { record: JSON.parse(data?.['record'] ?? '') as unknown, version: metadata.resourceVersion ?? '' };
  } catch {
    const [object, reason] = [`${metadata.namespace}/${metadata.name}`, 'its record is no JSON'];
    throw new ShepherdError('ERR_JOURNAL', `the incidents ${object} cannot be used: ${reason}`, {
      facts: { object, reason },
      remedy: 'look at it, undo what was edited, or delete the ConfigMap',
    });
  }
}
