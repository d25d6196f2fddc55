import { type PortContext, type Releases, type Revision, ShepherdError } from '@shepherd/core';
import { type Ask, throughDoor } from '../binary/door.js';
import type { HelmClient } from '../binary/helm-client.js';
import { type ChartObject, deploymentIn, imagesOf, manifestHash, objectsOf } from '../chart/objects.js';
import { broughtBack, type HelmRevision, historyOf, wasDeployed } from './history.js';
import { type ReleaseRecord, recordsOf } from './release-records.js';
import { type StoredRelease, storedRelease } from './stored-release.js';

/** What the platform below takes: the template out of manifests. */
export type Manifests = { readonly manifests: readonly object[] };

/** A revision of helm under the name that Shepherd has for it. */
export interface Entry {
  readonly helm: HelmRevision;
  /** Of its pod template, as the platform names it. */
  readonly template: string;
  /** Of all that the chart made. */
  readonly manifest: string;
  readonly images: readonly string[];
  readonly objects: readonly ChartObject[];
  /** `Job migrate (pre-rollback)`; none where the record could not be read. */
  readonly hooks: readonly string[];
  readonly record: ReleaseRecord | undefined;
}

/** The same pods with another manifest: what tells two revisions apart whose pods are equal. */
export const longName = ({ template, manifest }: Pick<Entry, 'template' | 'manifest'>): string => `${template}-${manifest}`;
/** The name of the pods in a long name. */
export const templateOf = (hash: string): string => hash.split('-')[0] ?? hash;
export const isLong = (hash: string): boolean => hash.includes('-');

export interface History {
  readonly list: readonly HelmRevision[];
  readonly records: ReadonlyMap<number, ReleaseRecord>;
}

/** What helm knows of a release, revision by revision; manifests are read once, for a revision never changes. */
export class Catalogue {
  readonly #helm: HelmClient;
  readonly #below: Pick<Releases<Manifests>, 'identify'>;
  readonly #looks = new Looks<History>();
  readonly #stored = new Map<string, Promise<StoredRelease | undefined>>();
  readonly #histories = new Map<string, Promise<readonly HelmRevision[]>>();
  readonly #manifests = new Map<string, Promise<readonly ChartObject[]>>();
  readonly #templates = new Map<string, Promise<string | undefined>>();

  constructor(helm: HelmClient, below: Pick<Releases<Manifests>, 'identify'>) {
    this.#helm = helm;
    this.#below = below;
  }

  /**
   * The revisions, oldest first, and helm's records of them. A record is read once as it stands; helm itself is asked where one of them cannot be read, since
   * a child process takes ten times as long.
   */
  history(context: PortContext, release: string): Promise<History> {
    return this.#looks.read(context, release, () => this.#history(context, release));
  }

  async #history(context: PortContext, release: string): Promise<History> {
    const { records, all, stored } = await throughDoor(this.#helm, context, async (ask) => {
      const found = await recordsOf(ask, context, release);
      const sorted = [...found.values()].toSorted((a, b) => a.revision - b.revision);
      return { records: found, all: sorted, stored: await Promise.all(sorted.map((record) => this.#read(ask, context, record))) };
    });
    const list = stored.flatMap((each) => each?.listed ?? []);
    if (list.length === all.length) return { list, records };
    const state = all.map(stateOf).join();
    return { list: await kept(this.#histories, `${context.app.namespace} ${release} ${state}`, () => historyOf(this.#helm, context, release)), records };
  }

  #read(ask: Ask, context: PortContext, record: ReleaseRecord): Promise<StoredRelease | undefined> {
    return kept(this.#stored, storedKey(context, record), () => storedRelease(ask, context, record));
  }

  /** What was read with the history. */
  #known(context: PortContext, record: ReleaseRecord | undefined): Promise<StoredRelease | undefined> | undefined {
    return record === undefined ? undefined : this.#stored.get(storedKey(context, record));
  }

  /** What a revision made. @throws ShepherdError ERR_REVISION_NOT_FOUND */
  manifest(context: PortContext, release: string, { revision, updated }: HelmRevision, { records }: Pick<History, 'records'>): Promise<readonly ChartObject[]> {
    const key = `${context.app.namespace} ${release} ${revision} ${updated}`;
    return kept(this.#manifests, key, async () => {
      const stored = await this.#known(context, records.get(revision));
      const ask = () => this.#helm.run(context, { command: ['get', 'manifest'], release, flags: [`--revision=${revision}`], operands: [release] });
      return objectsOf(stored?.manifest ?? (await ask()), release);
    });
  }

  /** Revisions that were in force, newest first. */
  async entries(context: PortContext, release: string, history?: History): Promise<readonly Entry[]> {
    const known = history ?? (await this.history(context, release));
    const found = await Promise.all(
      known.list
        .filter(wasDeployed)
        .toReversed()
        .map(async (helm): Promise<Entry | undefined> => {
          const objects = await this.manifest(context, release, helm, known);
          const template = await this.#template(context, release, helm, objects);
          if (template === undefined) return undefined;
          const images = imagesOf(deploymentIn(objects, context.app.name, release));
          const record = known.records.get(helm.revision);
          const hooks = (await this.#known(context, record))?.hooks ?? [];
          return { helm, template, manifest: manifestHash(objects), images, objects, hooks, record };
        }),
    );
    return found.filter((each) => each !== undefined);
  }

  /** Undefined where the platform would not take it any more: such a revision is nothing to go back to. */
  #template(context: PortContext, release: string, { revision, updated }: HelmRevision, objects: readonly ChartObject[]): Promise<string | undefined> {
    return kept(this.#templates, `${context.app.namespace} ${context.app.name} ${release} ${revision} ${updated}`, async () => {
      try {
        const { hash } = await this.#below.identify(context, { manifests: [deploymentIn(objects, context.app.name, release)] });
        return hash;
      } catch (error) {
        if (ShepherdError.is(error, 'ERR_INVALID_OPTIONS') || ShepherdError.is(error, 'ERR_CHART')) return undefined;
        throw error;
      }
    });
  }
}

const storedKey = ({ app }: PortContext, record: ReleaseRecord): string => `${app.namespace} ${stateOf(record)}`;
const stateOf = ({ name, uid, resourceVersion }: ReleaseRecord): string => `${name} ${uid} ${resourceVersion}`;

/** What is read of one look is read once; without one, anew each time. */
export class Looks<T> {
  readonly #known = new WeakMap<object, Map<string, Promise<T>>>();

  read({ app, look }: PortContext, key: string, read: () => Promise<T>): Promise<T> {
    if (look === undefined) return read();
    const known = this.#known.get(look) ?? new Map<string, Promise<T>>();
    this.#known.set(look, known);
    return kept(known, JSON.stringify([app, key]), read);
  }
}

const keptEntries = 500;

/** Reads once; the oldest are forgotten, and what failed is read again. */
export function kept<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? read();
  known.set(key, value);
  if (known.size > keptEntries) known.delete(known.keys().next().value as string);
  value.catch(() => known.delete(key));
  return value;
}

/**
 * The revisions as a rollback chooses from them, newest first, each release once. The newest of those whose pods are equal has the pods' own name. One that
 * helm rolled back right after is known as bad (RR RB-5), whoever did that.
 */
export function revisionsFrom(entries: readonly Entry[], known: readonly Revision[]): readonly { readonly entry: Entry; readonly revision: Revision }[] {
  const seen = new Set<string>();
  const used = new Set<string>();
  return entries.flatMap((entry) => {
    const long = longName(entry);
    if (seen.has(long)) return [];
    seen.add(long);
    const hash = used.has(entry.template) ? long : entry.template;
    used.add(entry.template);
    const below = known.find((each) => each.hash === entry.template);
    const next = entries.find(({ helm }) => helm.revision === entry.helm.revision + 1);
    const back = next === undefined ? undefined : broughtBack(next.helm);
    const undone = back !== undefined && back < entry.helm.revision ? `helm rolled revision ${entry.helm.revision} back to ${back} right after` : undefined;
    const bad = isLong(hash) ? undone : (below?.bad ?? undone);
    const { by, reason }: Partial<Revision> = isLong(hash) ? {} : (below ?? {});
    const revision: Revision = {
      hash,
      owner: 'helm',
      number: entry.helm.revision,
      images: below?.images ?? entry.images,
      chart: entry.helm.chart,
      at: new Date(entry.helm.updated).toISOString(),
      verified: bad === undefined && (below?.verified ?? true),
      ...(bad === undefined ? {} : { bad }),
      ...(by === undefined ? {} : { by }),
      ...(reason === undefined ? {} : { reason }),
    };
    return [{ entry, revision }];
  });
}

/** The revision that a hash names. Those of this rollout are no target: they are what it writes. */
export function entryNamed(entries: readonly Entry[], hash: string, rolloutId: string | undefined): Entry | undefined {
  const others = entries.filter(({ record }) => rolloutId === undefined || record?.owner?.rolloutId !== rolloutId);
  return others.find((entry) => longName(entry) === hash) ?? others.find(({ template }) => template === hash);
}
