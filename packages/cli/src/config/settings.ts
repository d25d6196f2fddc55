import type { Window } from '@shepherd/core/gates';
import type { NotifySettings } from './notify-settings.js';
import type { SecretPlace } from './secret-place.js';

/** A time: seconds, or text with a unit (`3m`). */
type Seconds = number | string;

/** A check with what the answer must be. */
export interface CheckByPath {
  readonly path: string;
  /** @default 200 */
  readonly status?: number | undefined;
  readonly text?: string | undefined;
  readonly json?: unknown;
  readonly header?: Readonly<Record<string, string>> | undefined;
  /** What a wrong answer may mean: the incident is opened at once, and the rollout waits for a person instead of going back. */
  readonly incident?: 'data-corruption' | 'security' | undefined;
}

/** A check by a command in one pod, which must end with code 0. */
export interface CheckByCommand {
  /** Program and arguments; no shell reads them. */
  readonly exec: readonly string[];
  /** @default the one that answers requests */
  readonly container?: string | undefined;
  /** @default 10 */
  readonly timeout?: Seconds | undefined;
  /** What it must print. */
  readonly expect?: string | undefined;
  /** What a wrong answer may mean: the incident is opened at once, and the rollout waits for a person instead of going back. */
  readonly incident?: 'data-corruption' | 'security' | undefined;
}

/** A check by path alone, with what the answer must be, or by a command. */
export type ConfiguredCheck = string | CheckByPath | CheckByCommand;

/** How to reach Prometheus, or what speaks its API (Thanos, Mimir, VictoriaMetrics). Never a secret itself: where it stands. */
export interface PrometheusSettings {
  readonly url: string;
  readonly bearer?: SecretPlace | undefined;
  readonly basic?: { readonly username: string; readonly password: SecretPlace } | undefined;
  /** Such as a tenant's `X-Scope-OrgID`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** @default detected before the rollout */
  readonly vocabulary?: 'http' | 'ingress-nginx' | 'istio' | 'opentelemetry' | undefined;
  /** Queries for what pods use, where it is not called as usual; holes such as `$where` as in `prometheus()`. */
  readonly usage?: { readonly cpu?: string | undefined; readonly memory?: string | undefined; readonly databaseConnections?: string | undefined } | undefined;
  /** How often it scrapes. @default 15 */
  readonly scrapeInterval?: Seconds | undefined;
  /** How long it may take to answer. @default 10 */
  readonly timeout?: Seconds | undefined;
}

/** What a release is judged by, beside the comparison with the version that serves. */
export interface AnalysisSettings {
  /** Percent of failed requests that is too much. @default 5 where there is nothing to compare with */
  readonly errorThreshold?: number | undefined;
  /** P99 that is too much, in milliseconds. */
  readonly latencyThreshold?: number | undefined;
  /** @default 'medium' */
  readonly sensitivity?: 'low' | 'medium' | 'high' | undefined;
  /** What happens where the metrics do not say: a person decides, or it is settled. @default 'pause' */
  readonly onInconclusive?: 'pause' | 'rollback' | 'promote' | undefined;
}

/** What a config says and a flag overrides. */
export interface Settings {
  /** The app that is meant where no command names one. */
  readonly app?: string | undefined;
  readonly namespace?: string | undefined;
  /** Of the kubeconfig. */
  readonly context?: string | undefined;
  /** Path; one that is not absolute counts from the config's folder. */
  readonly kubeconfig?: string | undefined;
  /** What is released where no image is named; a path that is not absolute counts from the config's folder. */
  readonly chart?: string | undefined;
  readonly chartVersion?: string | undefined;
  /** Files of values, or values; a path that is not absolute counts from the config's folder. */
  readonly values?: readonly (string | Readonly<Record<string, unknown>>)[] | undefined;
  /** @default 'rolling' */
  readonly strategy?: 'rolling' | 'blue-green' | 'canary' | undefined;
  /** Of a canary, in percent. @default [10, 25, 50, 75, 100] */
  readonly stages?: readonly number[] | undefined;
  /** Of a canary's stage. @default 300 */
  readonly interval?: Seconds | undefined;
  /** How long the old side stays whole after a blue/green switch. @default 300 */
  readonly gracePeriod?: Seconds | undefined;
  /** @default 120 */
  readonly smokeTimeout?: Seconds | undefined;
  /** How long a side that lost its traffic keeps its pods. @default 30 */
  readonly drain?: Seconds | undefined;
  /** How long it may stand without a driver while the new version has traffic. @default 300 */
  readonly unwatched?: Seconds | undefined;
  /** Where requests are counted: the address of Prometheus, or how to reach it. */
  readonly prometheus?: string | PrometheusSettings | undefined;
  /** False: health checks and pods alone decide. @default judged by metrics where `prometheus` is given */
  readonly analysis?: false | AnalysisSettings | undefined;
  /** On top of the standard ones. */
  readonly checks?: readonly ConfiguredCheck[] | undefined;
  /** What the app needs: `diagnose` looks each up, connects to it, and asks the app at `auth` whether it may log in there. */
  readonly dependencies?: readonly { readonly name: string; readonly address: string; readonly auth?: string | undefined }[] | undefined;
  /** Who is told what happens. @default nobody */
  readonly notify?: NotifySettings | undefined;
  /** `otel`: spans and metrics by OpenTelemetry; true also says where its SDK is missing. @default on where OTEL_EXPORTER_OTLP_ENDPOINT is set and the SDK is installed */
  readonly telemetry?: { readonly otel?: boolean | undefined } | undefined;
  /** Of the whole rollout. @default 3600 */
  readonly timeout?: Seconds | undefined;
  /** Secrets that must be there before anything is written, with the keys that they must have; no value is ever shown. */
  readonly requiredSecrets?: readonly { readonly name: string; readonly keys?: readonly string[] | undefined }[] | undefined;
  /** Maintenance windows: releases begin only inside an allowing one, if any applies, and in no denying one. An environment's stand in place of these. */
  readonly windows?: readonly Window[] | undefined;
  /** The environment in which each image must have succeeded before: staging first. */
  readonly requireEnv?: string | undefined;
  /** What `shepherd checklist` insists on (exit code 5 where it is not done), and what does not apply here; ids such as `I8`. @default nothing */
  readonly checklist?: { readonly required?: 'all' | readonly string[] | undefined; readonly skip?: readonly string[] | undefined } | undefined;
  /** What going wrong would cost: `high` has `plan` suggest a canary. @default 'normal' */
  readonly risk?: 'normal' | 'high' | undefined;
  /** Severe acts ask for the app's name here. @default where the environment, namespace, cluster or context has the word prod or production in its name */
  readonly production?: boolean | undefined;
}

/** One environment of a config, as far as it says where an app is. */
export interface Place {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly production?: boolean | undefined;
}

/** What a command works by: the config for one environment, variables on top. */
export interface LoadedSettings extends Settings {
  /** The environment that was asked for. */
  readonly environment?: string | undefined;
  /** How to reach the one of `requireEnv`. */
  readonly required?: Settings | undefined;
  /** All environments of the config. */
  readonly places?: readonly Place[] | undefined;
}

/** The content of `shepherd.config.ts`, `.mts`, `.mjs`, `.js`, `.json` or `.yaml`. */
export interface Config extends Settings {
  /** Of this format. @default 1 */
  readonly schemaVersion?: 1 | undefined;
  /** For editors: where the JSON Schema is. */
  readonly $schema?: string | undefined;
  /** Overrides by name, chosen with `--environment`; each in a namespace of its own. */
  readonly environments?: Readonly<Record<string, Settings>> | undefined;
}

/** What a config that is a function is told. */
export interface ConfigContext {
  /** The environment that was asked for. */
  readonly env: string | undefined;
  /** `CI` is set. */
  readonly ci: boolean;
}

/** Types a config written in TypeScript or JavaScript: its content, or a function that makes it. */
export const defineConfig = <C extends Config | ((context: ConfigContext) => Config | Promise<Config>)>(config: C): C => config;
