import type { PortContext } from '@shepherd/core';
import type { HelmClient } from '../binary/helm-client.js';
import { ofRollout } from '../of-rollout.js';
import { type ChartRelease, checkRelease } from '../options.js';
import { type Catalogue, Looks } from '../revisions/catalogue.js';
import { type HelmRevision, isPending, refuseTaken } from '../revisions/history.js';
import type { ReleaseFinder } from '../revisions/release-finder.js';
import { mustBeGone } from '../revisions/unfinished.js';
import { lintText } from './lint-text.js';
import type { ChartObject } from './objects.js';
import { type Rendered, render } from './render.js';

/** What a chart would make now, and what its release made last. */
export interface Seen {
  readonly name: string;
  readonly history: readonly HelmRevision[];
  readonly last: HelmRevision | undefined;
  readonly rendered: Rendered;
  /** Of the revision in force. */
  readonly before: readonly ChartObject[];
}

/** Charts as helm sees them before anything is written. What is rendered is kept by rollout and release, what the cluster has by look. */
export class Charts {
  readonly #helm: HelmClient;
  readonly #catalogue: Catalogue;
  readonly #finder: ReleaseFinder;
  readonly #looks = new Looks<Seen>();
  readonly #rendered = new Map<string, Promise<Rendered>>();
  readonly #linted = new Map<string, Promise<string>>();

  constructor(helm: HelmClient, catalogue: Catalogue, finder: ReleaseFinder) {
    this.#helm = helm;
    this.#catalogue = catalogue;
    this.#finder = finder;
  }

  /** @throws ShepherdError where the chart is none, or its release is another's or unfinished */
  seen(context: PortContext, release: ChartRelease): Promise<Seen> {
    return this.#looks.read(context, JSON.stringify(release), () => this.#see(context, release));
  }

  async #see(context: PortContext, release: ChartRelease): Promise<Seen> {
    checkRelease(release);
    const name = release.name ?? context.app.name;
    this.#finder.call(context, name);
    // Beside what follows: the answer is wanted a moment later.
    this.lintText(context, release).catch(() => undefined);
    // Nearly always as it turns out to be; where a release is unfinished, helm refuses this one and is asked otherwise.
    const usual = this.#render(context, release, { name, stuck: false });
    usual.catch(() => undefined);
    const known = await this.#catalogue.history(context, name);
    const { list: history, records } = known;
    const last = history.at(-1);
    const stuck = last !== undefined && isPending(last);
    if (stuck) mustBeGone(context, name, last, records.get(last.revision));
    const rendered = await (stuck ? this.#render(context, release, { name, stuck }) : usual);
    refuseTaken(name, history, rendered.chart);
    if (history.length > 0) this.#finder.isHelms(context);
    const inForce = history.findLast(({ status }) => status === 'deployed');
    const before = inForce === undefined ? [] : await this.#catalogue.manifest(context, name, inForce, known);
    return { name, history, last, rendered, before };
  }

  #render(context: PortContext, release: ChartRelease, how: { readonly name: string; readonly stuck: boolean }): Promise<Rendered> {
    return ofRollout(this.#rendered, context, release, how.stuck ? 'rendered, stuck' : 'rendered', () => render(this.#helm, context, release, how));
  }

  /** What `helm lint` says of a chart on this disk. */
  lintText(context: PortContext, release: ChartRelease): Promise<string> {
    return ofRollout(this.#linted, context, release, 'linted', () => lintText(this.#helm, context, release));
  }
}
