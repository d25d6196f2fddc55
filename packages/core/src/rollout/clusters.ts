import { invalidOptions, ShepherdError } from '../errors/shepherd-error.js';
import type { Clock } from '../ports/clock.js';
import type { PortContext } from '../ports/context.js';
import type { MetricsProvider } from '../ports/metrics-provider.js';
import type { Platform } from '../ports/platform.js';
import { shown } from '../strategies/options.js';
import { type App, type AppParts, type AppRef, parseAppRef } from '../words/app.js';

/** The platforms of a Shepherd by the name of their cluster. */
export class Clusters {
  readonly #platforms: ReadonlyMap<string, Platform<unknown>>;

  constructor(given: Platform<never> | { readonly [cluster: string]: Platform<never> } | undefined) {
    const one = typeof given === 'object' && given !== null && 'specificationVersion' in given ? (given as Platform<never>) : undefined;
    const entries = one === undefined ? Object.entries((given ?? {}) as { readonly [cluster: string]: Platform<never> }) : [[one.name, one] as const];
    if (entries.length === 0)
      throw invalidOptions([{ path: 'platform', got: shown(given), expected: 'a platform such as kubernetes(), or one for each cluster' }]);
    for (const [cluster, platform] of entries) {
      const version = (platform as { specificationVersion?: unknown } | null)?.specificationVersion;
      if (version !== 'v1')
        throw invalidOptions([
          { path: `platform.${cluster}`, got: `specificationVersion ${shown(version)}`, expected: "a platform with specificationVersion 'v1'" },
        ]);
      if (/[_/]/.test(cluster)) throw invalidOptions([{ path: `platform.${cluster}`, got: shown(cluster), expected: 'a cluster name without _ and /' }]);
    }
    this.#platforms = new Map(entries as unknown as readonly (readonly [string, Platform<unknown>])[]);
  }

  get names(): readonly string[] {
    return [...this.#platforms.keys()];
  }

  get all(): readonly (readonly [string, Platform<unknown>])[] {
    return [...this.#platforms];
  }

  /** @throws ShepherdError ERR_INVALID_OPTIONS for an unknown cluster, or none named where there are several */
  platform(cluster: string | undefined): { readonly cluster: string; readonly platform: Platform<unknown> } {
    const [first, ...more] = this.#platforms;
    const name = cluster ?? (more.length === 0 ? first?.[0] : undefined);
    const platform = name === undefined ? undefined : this.#platforms.get(name);
    if (name !== undefined && platform !== undefined) return { cluster: name, platform };
    throw invalidOptions([{ path: 'app.cluster', got: shown(cluster), expected: `one of ${this.names.join(', ')}` }], 'name the cluster: eu/shop/web');
  }

  /** The clock of the first platform that has one. */
  get clock(): Clock | undefined {
    return this.all.map(([, { clock }]) => clock).find((clock) => clock !== undefined);
  }
}

/** The provider that sees an app of this cluster. */
export function metricsOf(given: MetricsProvider | { readonly [cluster: string]: MetricsProvider } | undefined, cluster: string): MetricsProvider | undefined {
  if (given === undefined || 'specificationVersion' in given) return given as MetricsProvider | undefined;
  return given[cluster];
}

/** The parts of the one app of a request. @throws ShepherdError ERR_INVALID_OPTIONS */
export function partsOf(app: AppRef | readonly [AppRef, ...AppRef[]]): AppParts {
  const ref = Array.isArray(app) ? (app[0] as AppRef) : (app as AppRef);
  const parts = parseAppRef(ref);
  if (parts === undefined) throw invalidOptions([{ path: 'app', got: shown(ref), expected: 'web, shop/web or eu/shop/web' }]);
  return parts;
}

/** An app with the context for calls about it. */
export interface Located {
  readonly platform: Platform<unknown>;
  readonly app: App;
  readonly context: PortContext;
}

/** Finds the full name of an app. @throws ShepherdError ERR_APP_NOT_FOUND, ERR_FORBIDDEN, ERR_UNREACHABLE */
export async function locate(clusters: Clusters, parts: AppParts, rolloutId: string | undefined, signal: AbortSignal, clock: Clock): Promise<Located> {
  const { cluster, platform } = clusters.platform(parts.cluster);
  try {
    const app: App = { cluster, ...(await platform.resolve(parts, signal)) };
    return { platform, app, context: { app, rolloutId, signal, clock } };
  } catch (error) {
    signal.throwIfAborted();
    if (ShepherdError.is(error)) throw error;
    throw new ShepherdError('ERR_UNREACHABLE', `${platform.name}: ${error instanceof Error ? error.message : String(error)}`, {
      facts: { what: platform.name, reason: error instanceof Error ? error.message : String(error) },
      remedy: 'see that the platform can be reached from here',
      cause: error,
    });
  }
}
