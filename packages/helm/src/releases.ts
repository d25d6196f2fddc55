import {
  type Outlook,
  type PortContext,
  type ReleaseInfo,
  type Releases,
  type Revision,
  type RevisionMark,
  ShepherdError,
  type Track,
  toMs,
  type WriteContext,
} from '@shepherd/core';
import { Ahead, type Begun } from './ahead.js';
import { explained } from './binary/explain.js';
import type { Call, HelmClient } from './binary/helm-client.js';
import type { Ran } from './binary/run.js';
import { ChartCandidates } from './candidate/candidates.js';
import { notesOf } from './chart/notes.js';
import { type ChartObject, deploymentIn, imagesOf, manifestHash } from './chart/objects.js';
import { chartFlags, type Rendered, render } from './chart/render.js';
import { withValueFiles } from './chart/values.js';
import type { Fenced } from './fenced.js';
import type { PlatformBelow } from './helm.js';
import { lintText } from './lint.js';
import { ofRollout } from './of-rollout.js';
import { type ChartRelease, checkRelease, type HelmOptions, isChart } from './options.js';
import { Catalogue, type Entry, entryNamed, type History, isLong, Looks, longName, type Manifests, revisionsFrom, templateOf } from './revisions/catalogue.js';
import { broughtBack, type HelmRevision, isPending, refuseTaken } from './revisions/history.js';
import { outlookOf } from './revisions/outlook.js';
import { forget, releaseNames } from './revisions/release-records.js';
import { mustBeGone } from './revisions/unfinished.js';

type To = Parameters<Releases<Manifests>['apply']>[2];
type Why = NonNullable<Parameters<Releases<Manifests>['restore']>[2]>;

const mostKept = 500;

/** Charts through helm; everything else as the platform below releases it. */
export class HelmReleases implements Releases<ChartRelease | Manifests> {
  readonly #below: PlatformBelow;
  readonly #helm: HelmClient;
  readonly #fenced: Fenced;
  readonly #hookTimeout: string;
  readonly #catalogue: Catalogue;
  /** By rollout and release: what was planned is rendered once. */
  readonly #rendered = new Map<string, Promise<Rendered>>();
  readonly #looks = new Looks<Seen>();
  readonly #found = new Looks<string | undefined>();
  readonly #linted = new Map<string, Promise<string>>();
  readonly #upgrades = new Ahead<BeforeWrite>();
  readonly #rollbacks = new Ahead<BeforeRestore>();
  readonly candidates: ChartCandidates;
  /** Rollouts of charts, whose app is known to be helm's. */
  readonly #charts = new Set<string>();
  /** Names of helm's releases that are not the app's own. */
  readonly #names = new Map<string, string>();

  constructor(below: PlatformBelow, helm: HelmClient, fenced: Fenced, { hookTimeout = '5m' }: HelmOptions) {
    this.#below = below;
    this.#helm = helm;
    this.#fenced = fenced;
    this.#hookTimeout = `${Math.ceil(toMs(hookTimeout) / 1_000)}s`;
    this.#catalogue = new Catalogue(helm, below.releases);
    this.candidates = new ChartCandidates(below, helm, (context, release) => this.seen(context, release));
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
    const [{ rendered, name, last, before }, { stable }] = await Promise.all([this.seen(context, release), this.#below.tracks.inspect(context)]);
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

  /** What a chart would make now, and what its release made last. What is rendered is kept by rollout, the rest by look. */
  seen(context: PortContext, release: ChartRelease): Promise<Seen> {
    return this.#looks.read(context, JSON.stringify(release), () => this.#see(context, release));
  }

  async #see(context: PortContext, release: ChartRelease): Promise<Seen> {
    checkRelease(release);
    const name = release.name ?? context.app.name;
    this.#names.set(appKey(context), name);
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
    if (history.length > 0) this.#remember(rolloutKey(context));
    const inForce = history.findLast(({ status }) => status === 'deployed');
    const before = inForce === undefined ? [] : await this.#catalogue.manifest(context, name, inForce, known);
    return { name, history, last, rendered, before };
  }

  /** Helm starts, reads and renders while the rollout stores its intent; what it writes waits for `apply` or `restore`. */
  begin(context: WriteContext, next: { readonly release: ChartRelease | Manifests } | { readonly restore: string }): void {
    if ('restore' in next) return this.#beginRestore(context, next.restore);
    const { release } = next;
    if (!isChart(release)) return this.#below.releases.begin?.(context, { release });
    const name = release.name ?? context.app.name;
    this.#upgrades.begin(context, aheadKey(context, release), {
      look: () => this.#beforeWrite(context, name),
      run: (held, until) => this.#upgrade(held, release, name, until),
    });
  }

  #beginRestore(context: WriteContext, hash: string): void {
    const looked = this.#beforeRestore(context, hash);
    this.#rollbacks.begin(context, aheadKey(context, hash), {
      look: () => looked,
      run: async (held, until) => {
        const { name, target, last, isThere } = await looked;
        if (name === undefined || target === undefined || last === undefined || isPending(last) || isThere)
          throw new Error('helm has nothing to do here, or not yet');
        return this.#rollback(held, name, target.helm, until);
      },
    });
  }

  #remember(key: string): void {
    this.#charts.add(key);
    if (this.#charts.size > mostKept) this.#charts.delete(this.#charts.values().next().value as string);
  }

  async apply(context: WriteContext, release: ChartRelease | Manifests, to: To): Promise<Revision> {
    if (!isChart(release)) return this.#below.releases.apply(context, release, to);
    checkRelease(release);
    if (to.track === 'candidate') return this.candidates.apply(context, release, to);
    const begun = this.#upgrades.take(aheadKey(context, release));
    try {
      await this.#applyStable(context, release, begun, to);
    } finally {
      begun?.drop();
    }
    return this.#stable(context);
  }

  async #applyStable(context: WriteContext, release: ChartRelease, begun: Begun<BeforeWrite> | undefined, to: To): Promise<void> {
    const name = release.name ?? context.app.name;
    await this.#fenced.ensure(context);
    const { list: history, records, stable } = await (begun?.seen ?? this.#beforeWrite(context, name));
    const last = history.at(-1);
    const record = last === undefined ? undefined : records.get(last.revision);
    // Written by this rollout before it lost its process: done is done.
    if (last?.status === 'deployed' && record?.owner?.rolloutId === context.rolloutId && broughtBack(last) === undefined) return;
    refuseForeign(context, stable, to.over);
    const unfinished = last !== undefined && isPending(last);
    if (unfinished) {
      mustBeGone(context, name, last, record);
      // Not rolled back: its pods would go and come again.
      if (record !== undefined) await forget(this.#helm, context, record);
    }
    // One that began over an unfinished release has refused itself.
    const ran = (unfinished ? undefined : await begun?.go()) ?? (await this.#upgrade(context, release, name));
    await this.#mustHaveRun(context, { command: ['upgrade'], release: name, chart: release.chart }, ran);
  }

  /** What is there just before helm reads it as well. */
  async #beforeWrite(context: WriteContext, name: string): Promise<BeforeWrite> {
    const [history, { stable }] = await Promise.all([this.#catalogue.history(context, name), this.#inspect(context)]);
    return { ...history, stable };
  }

  /**
   * By helm, as any upgrade: the chart is more than the template that the candidate tried. What the rollout holds of traffic and pods stays as it is meanwhile
   * (the door sees to that), so users stay with the candidate.
   */
  async promote(context: WriteContext, options: NonNullable<Parameters<Releases<ChartRelease | Manifests>['promote']>[1]> = {}): Promise<Revision> {
    const { release, over } = options;
    if (!isChart(release)) return this.#below.releases.promote(context, { over });
    await this.candidates.refuseGone(context);
    return this.apply(context, release, { track: 'stable', replicas: 0, over });
  }

  async list(context: PortContext): Promise<readonly Revision[]> {
    const below = this.#below.releases.list(context);
    below.catch(() => undefined);
    const name = await this.#releaseName(context);
    if (name === undefined) return below;
    const entries = await this.#catalogue.entries(context, name);
    return revisionsFrom(entries, await below).map(({ revision }) => revision);
  }

  /** By helm where helm made it (RR G6), by the platform below where that did. */
  async restore(context: WriteContext, hash: string, options: Why = {}): Promise<Revision> {
    const begun = this.#rollbacks.take(aheadKey(context, hash));
    try {
      return await this.#restore(context, hash, begun, options);
    } finally {
      begun?.drop();
    }
  }

  async #restore(context: WriteContext, hash: string, begun: Begun<BeforeRestore> | undefined, options: Why): Promise<Revision> {
    const { name, records, entries, target, last, isThere } = await (begun?.seen ?? this.#beforeRestore(context, hash));
    if (name === undefined) return this.#below.releases.restore(context, hash, options);
    await this.#fenced.ensure(context);
    if (target === undefined || last === undefined) return this.#restoreBelow(context, hash, entries, options);
    const unfinished = isPending(last) ? records.get(last.revision) : undefined;
    if (isPending(last)) mustBeGone(context, name, last, unfinished);
    if (!isThere) {
      const ran = (await begun?.go()) ?? (await this.#rollback(context, name, target.helm));
      await this.#mustHaveRun(context, { command: ['rollback'], release: name }, ran);
    }
    // What it made has gone with the rollback; helm itself would keep it as unfinished for ever.
    if (unfinished !== undefined) await forget(this.#helm, context, unfinished);
    return this.#stable(context);
  }

  /** What is there just before helm reads it as well. */
  async #beforeRestore(context: WriteContext, hash: string): Promise<BeforeRestore> {
    const name = await this.#releaseName(context);
    if (name === undefined) return { name, records: new Map(), entries: [], target: undefined, last: undefined, isThere: false };
    await this.#fenced.ensure(context);
    const [{ history, entries }, { stable }] = await Promise.all([
      this.#catalogue.history(context, name).then(async (known) => ({ history: known, entries: await this.#catalogue.entries(context, name, known) })),
      this.#inspect(context),
    ]);
    const target = entryNamed(entries, hash, context.rolloutId);
    const last = history.list.at(-1);
    // In force, and yet not what runs: somebody released an image past helm.
    const isThere = last !== undefined && target !== undefined && isInForce(last, target.helm) && stable?.revision.hash === target.template;
    return { name, records: history.records, entries, target, last, isThere };
  }

  /** Where two revisions have the same pods, what is said of the pods would be said of both. */
  async mark(context: WriteContext, hash: string, mark: RevisionMark): Promise<void> {
    if (isLong(hash)) return;
    await this.#below.releases.mark?.(context, hash, mark);
  }

  /** Helm's records keep what its charts made; what is not of a chart is the platform's to keep. */
  async keep(context: WriteContext, hash: string): Promise<void> {
    if (this.#charts.has(rolloutKey(context)) || (await this.#releaseName(context)) !== undefined) return;
    await this.#below.releases.keep?.(context, hash);
  }

  async outlook(context: PortContext, hash: string): Promise<Outlook> {
    const name = await this.#releaseName(context);
    const history = name === undefined ? undefined : await this.#catalogue.history(context, name);
    const entries = name === undefined ? [] : await this.#catalogue.entries(context, name, history);
    const target = entryNamed(entries, hash, context.rolloutId);
    if (target === undefined) return (await this.#below.releases.outlook?.(context, hash)) ?? { missing: [], notes: [], findings: [] };
    const now = history?.list.findLast(({ status }) => status === 'deployed');
    return outlookOf(this.#helm, context, { target, now: entries.find(({ helm }) => helm.revision === now?.revision)?.objects ?? [] });
  }

  async #restoreBelow(context: WriteContext, hash: string, entries: readonly Entry[], options: Why): Promise<Revision> {
    const below = await this.#below.releases.list(context);
    if (below.some((each) => each.hash === hash)) return this.#below.releases.restore(context, hash, options);
    const known = revisionsFrom(entries, below).map(({ revision }) => revision.hash);
    const { name } = context.app;
    throw new ShepherdError('ERR_REVISION_NOT_FOUND', `${name} has no revision ${hash} any more; helm knows: ${known.join(', ') || 'none'}`, {
      facts: { app: name, hash, known },
      remedy: 'deploy the chart that you want; helm keeps as many revisions as --history-max says',
    });
  }

  #upgrade(context: WriteContext, release: ChartRelease, name: string, until?: Promise<unknown>): Promise<Ran> {
    return withValueFiles(release.values ?? [], (files) => {
      // Without --wait and --atomic: readiness and the way back are Shepherd's (KC HM-2).
      const flags = ['--install', '--reset-values', '--disable-openapi-validation', '--output=json', '--hide-notes', `--timeout=${this.#hookTimeout}`];
      const call = { command: ['upgrade'], release: name, flags: [...flags, ...chartFlags(release), ...files], operands: [name, release.chart] };
      return this.#helm.attempt(context, call, until);
    });
  }

  #rollback(context: WriteContext, name: string, { revision }: HelmRevision, until?: Promise<unknown>): Promise<Ran> {
    const call = { command: ['rollback'], release: name, flags: [`--timeout=${this.#hookTimeout}`], operands: [name, String(revision)] };
    return this.#helm.attempt(context, call, until);
  }

  async #mustHaveRun(context: WriteContext, { command, release, chart }: Pick<Call, 'command' | 'release' | 'chart'>, ran: Ran): Promise<void> {
    if (ran.code === 0) return;
    // The door refused it because somebody else holds the lock by now: that is the reason then, not what helm made of it.
    await this.#fenced.fence(context);
    throw explained({ command: command.join(' '), release, chart }, ran);
  }

  async #inspect(context: PortContext): ReturnType<PlatformBelow['tracks']['inspect']> {
    const { look: _, ...fresh } = context;
    return this.#below.tracks.inspect(fresh);
  }

  async #stable(context: PortContext): Promise<Revision> {
    const { stable } = await this.#inspect(context);
    if (stable !== undefined) return { ...stable.revision, owner: 'helm' };
    const { name } = context.app;
    throw new ShepherdError('ERR_APP_NOT_FOUND', `the chart was installed, but made no Deployment ${name}`, {
      facts: { app: `${context.app.namespace}/${name}`, near: [] },
      remedy: 'name the app as the Deployment that the chart makes',
    });
  }

  #render(context: PortContext, release: ChartRelease, how: { readonly name: string; readonly stuck: boolean }): Promise<Rendered> {
    return ofRollout(this.#rendered, context, release, how.stuck ? 'rendered, stuck' : 'rendered', () => render(this.#helm, context, release, how));
  }

  /** What `helm lint` says of a chart on this disk. */
  lintText(context: PortContext, release: ChartRelease): Promise<string> {
    return ofRollout(this.#linted, context, release, 'linted', () => lintText(this.#helm, context, release));
  }

  async #templateHash(context: PortContext, { objects }: Rendered, { chart }: ChartRelease): Promise<string> {
    return (await this.#below.releases.identify(context, { manifests: [deploymentIn(objects, context.app.name, chart)] })).hash;
  }

  /** Helm's release that made the app: as asked before, of the app's name, else the one that has its Deployment. */
  #releaseName(context: PortContext): Promise<string | undefined> {
    return this.#found.read(context, '', () => this.#findReleaseName(context));
  }

  async #findReleaseName(context: PortContext): Promise<string | undefined> {
    const { app } = context;
    const names = await releaseNames(this.#helm, context);
    const known = this.#names.get(appKey(context)) ?? app.name;
    if (names.has(known)) return known;
    for (const name of names) {
      const history = await this.#catalogue.history(context, name);
      const last = history.list.findLast(({ status }) => status === 'deployed');
      const objects: readonly ChartObject[] = last === undefined ? [] : await this.#catalogue.manifest(context, name, last, history);
      if (!objects.some(({ kind, metadata }) => kind === 'Deployment' && metadata?.name === app.name)) continue;
      this.#names.set(appKey(context), name);
      return name;
    }
    return undefined;
  }
}

interface BeforeWrite extends History {
  readonly stable: Track | undefined;
}

interface BeforeRestore extends Pick<History, 'records'> {
  /** Undefined: no chart made the app. */
  readonly name: string | undefined;
  readonly entries: readonly Entry[];
  readonly target: Entry | undefined;
  readonly last: HelmRevision | undefined;
  /** It is in force and runs. */
  readonly isThere: boolean;
}

export interface Seen {
  readonly name: string;
  readonly history: readonly HelmRevision[];
  readonly last: HelmRevision | undefined;
  readonly rendered: Rendered;
  /** Of the revision in force. */
  readonly before: readonly ChartObject[];
}

/** @throws ShepherdError ERR_CONFLICT where stable runs neither what the rollout found nor its own */
function refuseForeign({ app: { name } }: PortContext, stable: Track | undefined, over: readonly string[] | undefined): void {
  if (over === undefined || stable === undefined || over.some((each) => templateOf(each) === stable.revision.hash)) return;
  const { hash } = stable.revision;
  throw new ShepherdError('ERR_CONFLICT', `${name} runs revision ${hash}, which somebody else wrote meanwhile`, {
    facts: { object: name, reason: `revision ${hash} is not of this rollout` },
    remedy: 'see who wrote it',
  });
}

const aheadKey = ({ app, rolloutId, fence }: WriteContext, what: ChartRelease | string): string => JSON.stringify([app, rolloutId, fence, what]);
const rolloutKey = ({ app, rolloutId }: PortContext): string => JSON.stringify([app, rolloutId]);
const appKey = ({ app }: PortContext): string => `${app.namespace}/${app.name}`;
const isInForce = (last: HelmRevision, target: HelmRevision): boolean =>
  last.status === 'deployed' && (last.revision === target.revision || broughtBack(last) === target.revision);
