import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Sdk from '@opentelemetry/sdk-node';
import type { Clock, Notifier, Observer } from '@shepherd/core';
import type { OtelApi } from '@shepherd/telemetry';
import type { Settings } from './config/settings.js';
import type { Io } from './io.js';

/** Spans and metrics of a command; what is off costs nothing. */
export interface Otel {
  readonly observers: readonly Observer[];
  notifiers(channels: readonly Notifier[]): readonly Notifier[];
  /** Sends what there is to send, for at most so long. */
  stop(mostMs: number): Promise<void>;
}

const off: Otel = { observers: [], notifiers: (channels) => channels, stop: () => Promise.resolve() };
const endpoints = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'];
const sdkName = '@opentelemetry/sdk-node';

/** What is used of it; all else it reads from `OTEL_…` itself. */
type SdkModule = Pick<typeof Sdk, 'api' | 'resources' | 'NodeSDK'>;

/** On where an endpoint is set and the SDK is installed, beside this command or where it was started; it is loaded with the first event of a rollout. */
export async function connectOtel(settings: Settings['telemetry'], { env, stderr, cwd }: Pick<Io, 'env' | 'stderr' | 'cwd'>, clock: Clock): Promise<Otel> {
  const isAsked = settings?.otel === true || endpoints.some((name) => (env[name] ?? '') !== '');
  if (settings?.otel === false || !isAsked || env['OTEL_SDK_DISABLED'] === 'true') return off;
  const path = pathOf(sdkName, cwd);
  if (path === undefined) {
    if (settings?.otel === true) stderr.write(`nothing is sent to OpenTelemetry: ${sdkName} is not installed\n`);
    return off;
  }
  let sdk: { shutdown(): Promise<void> } | undefined;
  const start = async (): Promise<OtelApi | undefined> => {
    try {
      const module = (await import(pathToFileURL(path).href)) as SdkModule & { readonly default?: SdkModule };
      const { NodeSDK, api, resources } = module.NodeSDK === undefined && module.default !== undefined ? module.default : module;
      // A request that hangs would keep the process for longer than it waits at its end.
      process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] ??= '4000';
      // Of the process nothing but what the environment says: a command line may hold more than belongs outside.
      const made = new NodeSDK({ ...(env['OTEL_SERVICE_NAME'] ? {} : { serviceName: 'shepherd' }), resourceDetectors: [resources.envDetector] });
      made.start();
      sdk = made;
      return api;
    } catch (error) {
      stderr.write(`nothing is sent to OpenTelemetry: ${sdkName} does not start: ${error instanceof Error ? error.message : String(error)}\n`);
      return undefined;
    }
  };
  const { openTelemetry } = await import('@shepherd/telemetry');
  const telemetry = openTelemetry({ env, api: start });
  return {
    observers: [telemetry],
    notifiers: (channels) => telemetry.notifiers(channels),
    async stop(mostMs) {
      const sent = new AbortController();
      const late = clock.sleep(mostMs, sent.signal).catch(() => undefined);
      const all = telemetry.settled().then(() => sdk?.shutdown());
      await Promise.race([all.catch(() => undefined), late]);
      sent.abort();
    },
  };
}

/** Of a package that this one does not depend on. */
function pathOf(name: string, cwd: string): string | undefined {
  for (const from of [import.meta.url, pathToFileURL(join(cwd, 'package.json')).href]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // Not there: perhaps in the next place.
    }
  }
  return undefined;
}
