import type { Clock, Platform } from '@shepherd/core';
import type { NotifySettings } from './config/notify-settings.js';
import type { PrometheusSettings, Settings } from './config/settings.js';
import type { Io } from './io.js';
import type { CliRelease } from './release.js';

/** Which cluster, and where in it. What is left out comes from the kubeconfig. */
export interface Connection {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
  /** Where the requests of apps are counted. */
  readonly prometheus?: string | PrometheusSettings | undefined;
  /** Must be there before anything is written. */
  readonly requiredSecrets?: Settings['requiredSecrets'];
  /** Who is told what happens, and in which environment of the config. */
  readonly notify?: NotifySettings | undefined;
  readonly environment?: string | undefined;
  readonly telemetry?: Settings['telemetry'];
  /** Another environment, which a gate reads. */
  readonly required?: { readonly environment: string; readonly connection: Connection } | undefined;
  /** Refuse a current context that nobody named, where there are several. */
  readonly explicitContext?: boolean | undefined;
}

/** Makes the platform that a command works on. */
export type Connect = (connection: Connection) => Promise<Platform<CliRelease>>;

/** The name of the context that a command works on, for people; undefined where there is none. */
export type NameContext = (connection: Connection) => Promise<string | undefined>;

export const nameKubeContext: NameContext = async (connection) => (await import('@shepherd/kube')).readContext(connection);

const patienceMs = 3_000;

/**
 * The cluster of the kubeconfig; its code is loaded when it is needed. One that does not answer is asked again for a while: a person at a terminal sees that,
 * instead of nothing.
 */
export const connectKube =
  ({ stderr }: Pick<Io, 'stderr'>, clock: Clock): Connect =>
  async (connection) => {
    const [{ kubernetes }, { helm }] = await Promise.all([import('@shepherd/kube'), import('@shepherd/helm')]);
    const { requiredSecrets, ...options } = connection;
    const platform = helm(kubernetes({ ...options, ...(requiredSecrets === undefined ? {} : { app: { requiredSecrets } }) }));
    if (stderr.isTTY !== true) return platform;
    return {
      ...platform,
      resolve: async (...asked) => {
        const found = new AbortController();
        const notice = clock.sleep(patienceMs, found.signal).then(
          () => stderr.write('no answer from the cluster yet; trying again …\n'),
          () => undefined,
        );
        try {
          return await platform.resolve(...asked);
        } finally {
          found.abort();
          await notice;
        }
      },
    };
  };
