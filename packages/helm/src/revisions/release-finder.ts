import type { PortContext } from '@shepherd/core';
import type { HelmClient } from '../binary/helm-client.js';
import type { ChartObject } from '../chart/objects.js';
import { type Catalogue, Looks } from './catalogue.js';
import { releaseNames } from './release-records.js';

const mostKept = 500;

/** Which release of helm made an app. */
export class ReleaseFinder {
  readonly #helm: HelmClient;
  readonly #catalogue: Catalogue;
  readonly #looks = new Looks<string | undefined>();
  /** Names of helm's releases that are not the app's own. */
  readonly #names = new Map<string, string>();
  /** Rollouts of charts, whose app is known to be helm's. */
  readonly #charts = new Set<string>();

  constructor(helm: HelmClient, catalogue: Catalogue) {
    this.#helm = helm;
    this.#catalogue = catalogue;
  }

  /** The app's chart is released, or is to be, by this name. */
  call(context: PortContext, name: string): void {
    this.#names.set(appKey(context), name);
  }

  /** The app is helm's already: this rollout need not ask again. */
  isHelms(context: PortContext): void {
    this.#charts.add(rolloutKey(context));
    if (this.#charts.size > mostKept) this.#charts.delete(this.#charts.values().next().value as string);
  }

  async isOfChart(context: PortContext): Promise<boolean> {
    return this.#charts.has(rolloutKey(context)) || (await this.nameOf(context)) !== undefined;
  }

  /** As it was called before, of the app's name, else the one that has its Deployment; undefined: no chart made the app. */
  nameOf(context: PortContext): Promise<string | undefined> {
    return this.#looks.read(context, '', () => this.#find(context));
  }

  async #find(context: PortContext): Promise<string | undefined> {
    const { app } = context;
    const names = await releaseNames(this.#helm, context);
    const known = this.#names.get(appKey(context)) ?? app.name;
    if (names.has(known)) return known;
    for (const name of names) {
      const history = await this.#catalogue.history(context, name);
      const last = history.list.findLast(({ status }) => status === 'deployed');
      const objects: readonly ChartObject[] = last === undefined ? [] : await this.#catalogue.manifest(context, name, last, history);
      if (!objects.some(({ kind, metadata }) => kind === 'Deployment' && metadata?.name === app.name)) continue;
      this.call(context, name);
      return name;
    }
    return undefined;
  }
}

const rolloutKey = ({ app, rolloutId }: PortContext): string => JSON.stringify([app, rolloutId]);
const appKey = ({ app }: PortContext): string => `${app.namespace}/${app.name}`;
