import type { Outlook, PortContext, ReleaseInfo, Releases, Revision, RevisionMark, WriteContext } from '@shepherd/core';
import type { HelmClient } from './binary/helm-client.js';
import { HelmWrites } from './binary/helm-writes.js';
import { ChartCandidates } from './candidate/candidates.js';
import { Charts } from './chart/charts.js';
import { notesOf } from './chart/notes.js';
import { deploymentIn, imagesOf, manifestHash } from './chart/objects.js';
import type { Rendered } from './chart/render.js';
import type { Fenced } from './fenced.js';
import type { PlatformBelow } from './helm.js';
import { type ChartRelease, checkRelease, type HelmOptions, isChart } from './options.js';
import { Catalogue, entryNamed, isLong, longName, type Manifests, revisionsFrom } from './revisions/catalogue.js';
import { outlookOf } from './revisions/outlook.js';
import { ReleaseFinder } from './revisions/release-finder.js';
import { Rollbacks } from './rollbacks.js';
import { stableOf } from './stable.js';
import { type Parts, Upgrades } from './upgrades.js';

type Any = Releases<ChartRelease | Manifests>;

/** Charts through helm; everything else as the platform below releases it. */
export class HelmReleases implements Any {
  readonly #below: PlatformBelow;
  readonly #helm: HelmClient;
  readonly #catalogue: Catalogue;
  readonly #finder: ReleaseFinder;
  readonly #upgrades: Upgrades;
  readonly #rollbacks: Rollbacks;
  readonly charts: Charts;
  readonly candidates: ChartCandidates;

  constructor(below: PlatformBelow, helm: HelmClient, fenced: Fenced, { hookTimeout = '5m' }: HelmOptions) {
    this.#below = below;
    this.#helm = helm;
    this.#catalogue = new Catalogue(helm, below.releases);
    this.#finder = new ReleaseFinder(helm, this.#catalogue);
    this.charts = new Charts(helm, this.#catalogue, this.#finder);
    this.candidates = new ChartCandidates(below, helm, this.charts);
    const parts: Parts = { below, helm, writes: new HelmWrites(helm, fenced, hookTimeout), fenced, catalogue: this.#catalogue };
    this.#upgrades = new Upgrades(parts);
    this.#rollbacks = new Rollbacks(parts, this.#finder);
  }

  close(): void {
    this.#upgrades.close();
    this.#rollbacks.close();
  }

  accepts(release: unknown): boolean {
    return isChart(release) || this.#below.releases.accepts(release);
  }

  async identify(context: PortContext, release: ChartRelease | Manifests): Promise<ReleaseInfo & { readonly hash: string }> {
    if (!isChart(release)) return this.#below.releases.identify(context, release);
    const [{ rendered, name, last, before }, { stable }] = await Promise.all([this.charts.seen(context, release), this.#below.tracks.inspect(context)]);
    const template = stable === undefined ? undefined : await this.#templateHash(context, rendered, release);
    const manifest = manifestHash(rendered.objects);
    // Equal pods, and yet another release: a ConfigMap, a Service, a budget.
    const long = template !== undefined && template === stable?.revision.hash && manifest !== manifestHash(before);
    const images = imagesOf(deploymentIn(rendered.objects, context.app.name, release.chart));
    return {
      version: `${rendered.chart}-${rendered.version} (${images.join(', ')})`,
      images,
      irreversible: release.irreversible ?? false,
      beyondPods: true,
      hash: template === undefined ? manifest : long ? longName({ template, manifest }) : template,
      notes: notesOf({ name, last, rendered, before, values: release.values ?? [], podsChange: template !== stable?.revision.hash }),
    };
  }

  begin(context: WriteContext, next: Parameters<NonNullable<Any['begin']>>[1]): void {
    if ('restore' in next) return this.#rollbacks.begin(context, next.restore);
    const { release } = next;
    if (!isChart(release)) return this.#below.releases.begin?.(context, { release });
    this.#upgrades.begin(context, release);
  }

  async apply(context: WriteContext, release: ChartRelease | Manifests, to: Parameters<Any['apply']>[2]): Promise<Revision> {
    if (!isChart(release)) return this.#below.releases.apply(context, release, to);
    checkRelease(release);
    if (to.track === 'candidate') return this.candidates.apply(context, release, to);
    await this.#upgrades.apply(context, release, to.over);
    return stableOf(this.#below.tracks, context);
  }

  /**
   * By helm, as any upgrade: the chart is more than the template that the candidate tried. What the rollout holds of traffic and pods stays as it is meanwhile
   * (the door sees to that), so users stay with the candidate.
   */
  async promote(context: WriteContext, options: NonNullable<Parameters<Any['promote']>[1]> = {}): Promise<Revision> {
    const { release, over } = options;
    if (!isChart(release)) return this.#below.releases.promote(context, { over });
    await this.candidates.refuseGone(context);
    return this.apply(context, release, { track: 'stable', replicas: 0, over });
  }

  async list(context: PortContext): Promise<readonly Revision[]> {
    const below = this.#below.releases.list(context);
    below.catch(() => undefined);
    const name = await this.#finder.nameOf(context);
    if (name === undefined) return below;
    const entries = await this.#catalogue.entries(context, name);
    return revisionsFrom(entries, await below).map(({ revision }) => revision);
  }

  restore(context: WriteContext, hash: string, why: NonNullable<Parameters<Any['restore']>[2]> = {}): Promise<Revision> {
    return this.#rollbacks.restore(context, hash, why);
  }

  /** Where two revisions have the same pods, what is said of the pods would be said of both. */
  async mark(context: WriteContext, hash: string, mark: RevisionMark): Promise<void> {
    if (isLong(hash)) return;
    await this.#below.releases.mark?.(context, hash, mark);
  }

  /** Helm's records keep what its charts made; what is not of a chart is the platform's to keep. */
  async keep(context: WriteContext, hash: string): Promise<void> {
    if (await this.#finder.isOfChart(context)) return;
    await this.#below.releases.keep?.(context, hash);
  }

  async outlook(context: PortContext, hash: string): Promise<Outlook> {
    const name = await this.#finder.nameOf(context);
    const history = name === undefined ? undefined : await this.#catalogue.history(context, name);
    const entries = name === undefined ? [] : await this.#catalogue.entries(context, name, history);
    const target = entryNamed(entries, hash, context.rolloutId);
    if (target === undefined) return (await this.#below.releases.outlook?.(context, hash)) ?? { missing: [], notes: [], findings: [] };
    const now = history?.list.findLast(({ status }) => status === 'deployed');
    return outlookOf(this.#helm, context, { target, now: entries.find(({ helm }) => helm.revision === now?.revision)?.objects ?? [] });
  }

  async #templateHash(context: PortContext, { objects }: Rendered, { chart }: ChartRelease): Promise<string> {
    return (await this.#below.releases.identify(context, { manifests: [deploymentIn(objects, context.app.name, chart)] })).hash;
  }
}
