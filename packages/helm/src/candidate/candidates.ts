import { type PlanNeeds, type PortContext, type Releases, type Revision, ShepherdError, type WriteContext } from '@shepherd/core';
import type { HelmClient } from '../binary/helm-client.js';
import type { Charts, Seen } from '../chart/charts.js';
import { type ChartObject, deploymentIn } from '../chart/objects.js';
import type { PlatformBelow } from '../helm.js';
import type { ChartRelease } from '../options.js';
import type { Manifests } from '../revisions/catalogue.js';
import { copyLabels, createCopies, giveCopies } from './copies.js';
import { type CandidateInput, candidateOf } from './make.js';
import { servicesOfOthers } from './services.js';
import { unfitFor } from './unfit.js';

type To = Parameters<Releases<Manifests>['apply']>[2];

/** Charts beside what runs: the platform below makes the pods, from the Deployment that the chart renders (DESIGN 5). */
export class ChartCandidates {
  readonly #below: PlatformBelow;
  readonly #helm: HelmClient;
  readonly #charts: Charts;

  constructor(below: PlatformBelow, helm: HelmClient, charts: Charts) {
    this.#below = below;
    this.#helm = helm;
    this.#charts = charts;
  }

  /** Why this release cannot run beside stable; empty: it can. Reads only. */
  async unfit(context: PortContext, release: ChartRelease, { isolated = false }: Pick<PlanNeeds, 'isolated'>): Promise<readonly string[]> {
    const [seen, { stable, roles }] = await Promise.all([this.#charts.seen(context, release), this.#below.tracks.inspect(context)]);
    const input = this.#input(context, release, seen);
    const labels = labelsOf(input.before.find((each) => each.kind === 'Deployment' && each.metadata?.name === context.app.name));
    const [hash, others] = await Promise.all([this.#hash(context, input.deployment), isolated ? servicesOfOthers(this.#helm, context, seen.name, labels) : []]);
    return [
      ...(roles === 'swap' ? ['the app is a pair of colours, of which a chart would have to know'] : []),
      ...unfitFor({ ...input, hooks: seen.rendered.hooks, podsChange: hash !== stable?.revision.hash }),
      ...others.map((service) => `${service} sends requests to the app: its own upgrade would take them back in the middle`),
    ];
  }

  /** A candidate of this rollout that is there already is a success. @throws ShepherdError ERR_UNSUPPORTED_WORKLOAD */
  async apply(context: WriteContext, release: ChartRelease, to: To): Promise<Revision> {
    const seen = await this.#charts.seen(context, release);
    const input = this.#input(context, release, seen);
    const [hash, unfit] = await Promise.all([this.#hash(context, input.deployment), this.unfit(context, release, { isolated: to.isolated })]);
    if (unfit.length > 0) throw rollingOnly(context.app.name, unfit);
    const { deployment, configs } = candidateOf(input, { labels: copyLabels(context), rolloutId: context.rolloutId });
    await createCopies(this.#helm, context, configs);
    // By the name that the release will have: with the copies its template has another one.
    const revision = await this.#below.releases.apply(context, { manifests: [deployment] }, { ...to, hash });
    await giveCopies(this.#helm, context, configs);
    return { ...revision, owner: 'helm' };
  }

  /** @throws ShepherdError ERR_STEP_FAILED where there is no candidate that was tried */
  async refuseGone(context: WriteContext): Promise<void> {
    const { look: _, ...fresh } = context;
    const { candidate } = await this.#below.tracks.inspect(fresh);
    if (candidate !== undefined) return;
    throw new ShepherdError('ERR_STEP_FAILED', `${context.app.name} has no candidate to promote`, {
      facts: { step: 'promote', reason: 'the candidate was deleted' },
      remedy: 'see who deleted it, then deploy again',
    });
  }

  #input({ app }: PortContext, { chart }: ChartRelease, { before, rendered: { objects: after } }: Seen): CandidateInput {
    return { before, after, deployment: deploymentIn(after, app.name, chart), namespace: app.namespace };
  }

  async #hash(context: PortContext, deployment: ChartObject): Promise<string> {
    return (await this.#below.releases.identify(context, { manifests: [deployment] })).hash;
  }
}

const labelsOf = (deployment: ChartObject | undefined): Readonly<Record<string, string>> => {
  const { spec } = (deployment ?? {}) as { readonly spec?: { readonly template?: { readonly metadata?: { readonly labels?: Record<string, string> } } } };
  return spec?.template?.metadata?.labels ?? {};
};

const rollingOnly = (app: string, reasons: readonly string[]): ShepherdError =>
  new ShepherdError('ERR_UNSUPPORTED_WORKLOAD', `${app}: this chart can only be rolled this time: ${reasons.join('; ')}`, {
    facts: { app, field: 'strategy', got: 'a strategy with a candidate', expected: 'rolling' },
    remedy: 'use the rolling strategy for this release',
  });
