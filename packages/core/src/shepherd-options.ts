import type { Clock } from './ports/clock.js';
import type { MetricsProvider } from './ports/metrics-provider.js';
import type { Notifier } from './ports/notifier.js';
import type { Observer } from './ports/observer.js';
import type { Platform } from './ports/platform.js';
import type { DeployRequest } from './rollout/request.js';
import type { Extension } from './strategies/strategy.js';
import type { Actor } from './words/app.js';

/**
 * `platform`, `metrics`: one, or one a cluster (the key is `App.cluster`; of one platform, its name). `extensions`: all that a request uses, else
 * ERR_NOT_REGISTERED before the first write, not at a takeover. `defaults`: lists add up, the rest is overridden. `observers`: hear of what is driven here (OpenTelemetry), beside the platform's own. `actor` @default user@host or the CI run.
 * `clock` @default the platform's.
 */
export interface ShepherdOptions<in R> {
  readonly platform: Platform<R> | { readonly [cluster: string]: Platform<R> };
  readonly metrics?: MetricsProvider | { readonly [cluster: string]: MetricsProvider } | undefined;
  readonly notifiers?: readonly Notifier[] | undefined;
  readonly observers?: readonly Observer[] | undefined;
  readonly extensions?: readonly Extension[] | undefined;
  readonly defaults?: Partial<Omit<DeployRequest, 'app' | 'release'>> | undefined;
  readonly actor?: Actor | undefined;
  readonly clock?: Clock | undefined;
}
