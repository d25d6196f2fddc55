import {
  type App,
  type AppParts,
  type Asked,
  invalidOptions,
  type PlanNeeds,
  type Platform,
  type PortContext,
  ShepherdError,
  type WriteContext,
} from '@shepherd/core';
import { autoscalerOrNone, routerOrNone, tracksOrNone } from './absent.js';
import { HelmClient } from './binary/helm-client.js';
import { withCopies } from './candidate/with-copies.js';
import { Fenced } from './fenced.js';
import { lintChart } from './lint.js';
import { type ChartRelease, checkedOptions, type HelmOptions, isChart } from './options.js';
import { preflightChart } from './preflight.js';
import { HelmReleases } from './releases.js';
import type { Manifests } from './revisions/catalogue.js';

/** A platform that takes manifests, as that of Kubernetes does. */
export type PlatformBelow = Platform<Manifests>;

/**
 * Adds charts to a platform: helm owns the template, the platform pods, traffic, journal and lock. Helm runs against that platform's cluster, never another,
 * and nothing is run before a chart is asked for. @throws ShepherdError ERR_INVALID_OPTIONS
 */
export function helm<R>(platform: Platform<R>, options: HelmOptions = {}): Platform<R | ChartRelease> {
  const { binary } = checkedOptions(options);
  const given = platform as unknown as PlatformBelow;
  if (given.childEnv === undefined || !given.releases.accepts({ manifests: [] })) {
    throw invalidOptions([{ path: 'platform', got: platform.name, expected: 'one that takes { manifests } and has childEnv, such as kubernetes()' }]);
  }
  // What is not there yet may be what the chart makes.
  const below: PlatformBelow = { ...delegated(given), releases: given.releases, tracks: tracksOrNone(given.tracks), router: routerOrNone(given.router) };
  const client = new HelmClient(given, binary);
  const tracks = withCopies(below.tracks, client);
  const fenced = new Fenced(given);
  const releases = new HelmReleases(below, client, fenced, options);
  const made: Platform<Manifests | ChartRelease> = {
    ...below,
    name: platform.name,
    releases,
    tracks,
    ...(given.fence === undefined ? {} : { fence: (context: WriteContext) => fenced.fence(context) }),
    lint: (context: PortContext, release: Manifests | ChartRelease, needs: PlanNeeds) =>
      isChart(release) ? lintChart({ below, releases }, context, release, needs) : (given.lint?.(context, release, needs) ?? Promise.resolve([])),
    preflight: async (context: PortContext, asked?: Asked<Manifests | ChartRelease>) =>
      isAskedChart(asked)
        ? preflightChart({ below, releases, client }, context, asked)
        : ((await given.preflight?.(context, asked as Asked<Manifests> | undefined)) ?? []),
    resolve: (ref: AppParts, signal?: AbortSignal) => resolved(given, ref, signal),
    async [Symbol.asyncDispose]() {
      releases.close();
      await given[Symbol.asyncDispose]?.();
    },
  };
  return made as unknown as Platform<R | ChartRelease>;
}

const isAskedChart = (asked: Asked<Manifests | ChartRelease> | undefined): asked is Asked<ChartRelease> => asked !== undefined && isChart(asked.release);

/** The calls of a platform, whatever it is made of. */
function delegated(given: PlatformBelow): Omit<PlatformBelow, 'releases' | 'tracks' | 'router'> {
  const { specificationVersion, name, journal, lock, clock, autoscaler, actions, diagnosis, baselines, incidents, observer } = given;
  return {
    specificationVersion,
    name,
    journal,
    lock,
    ...(clock === undefined ? {} : { clock }),
    ...(autoscaler === undefined ? {} : { autoscaler: autoscalerOrNone(autoscaler) }),
    ...(actions === undefined ? {} : { actions }),
    ...(diagnosis === undefined ? {} : { diagnosis }),
    ...(baselines === undefined ? {} : { baselines }),
    ...(incidents === undefined ? {} : { incidents }),
    ...(observer === undefined ? {} : { observer }),
    http: (context) => given.http(context),
    ...(given.exec === undefined ? {} : { exec: (context: PortContext) => (given.exec as NonNullable<PlatformBelow['exec']>)(context) }),
    resolve: (ref, signal) => given.resolve(ref, signal),
    ...(given.healthPath === undefined ? {} : { healthPath: async (context) => given.healthPath?.(context) }),
    ...(given.checks === undefined ? {} : { checks: (app: App) => given.checks?.(app) }),
    ...(given.lint === undefined ? {} : { lint: async (context, release, needs) => given.lint?.(context, release, needs) ?? [] }),
    ...(given.fence === undefined ? {} : { fence: async (context: WriteContext) => given.fence?.(context) }),
    ...(given.preflight === undefined ? {} : { preflight: async (context, asked) => given.preflight?.(context, asked) ?? [] }),
    childEnv: async (context, options) => given.childEnv?.(context, options) ?? {},
    async [Symbol.asyncDispose]() {
      await given[Symbol.asyncDispose]?.();
    },
  };
}

/** An app that is not there yet may be one that its chart makes: whatever needs it to be there says so itself. */
async function resolved(given: PlatformBelow, ref: AppParts, signal?: AbortSignal): Promise<Omit<App, 'cluster'>> {
  try {
    return await given.resolve(ref, signal);
  } catch (error) {
    if (!ShepherdError.is(error, 'ERR_APP_NOT_FOUND')) throw error;
    // As `namespace/name`: which namespace a bare name means is the platform's to know.
    const [namespace, name] = error.facts.app.split('/');
    if (namespace === undefined || name === undefined) throw error;
    return { namespace, name };
  }
}
