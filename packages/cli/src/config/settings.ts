/** A time: seconds, or text with a unit (`3m`). */
type Seconds = number | string;

/** A check by path, or with what the answer must be. */
export type ConfiguredCheck =
  | string
  | {
      readonly path: string;
      /** @default 200 */
      readonly status?: number | undefined;
      readonly text?: string | undefined;
      readonly json?: unknown;
      readonly header?: Readonly<Record<string, string>> | undefined;
    };

/** What a config says and a flag overrides. */
export interface Settings {
  /** The app that is meant where no command names one. */
  readonly app?: string | undefined;
  readonly namespace?: string | undefined;
  /** Of the kubeconfig. */
  readonly context?: string | undefined;
  /** Path; one that is not absolute counts from the config's folder. */
  readonly kubeconfig?: string | undefined;
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
  /** A canary must say it, as long as nothing judges by metrics. */
  readonly analysis?: false | undefined;
  /** On top of the standard ones. */
  readonly checks?: readonly ConfiguredCheck[] | undefined;
  /** Of the whole rollout. @default 3600 */
  readonly timeout?: Seconds | undefined;
}

/** The content of `shepherd.config.mjs`, `.js`, `.json` or `.yaml`. */
export interface Config extends Settings {
  /** Overrides by name, chosen with `--environment`. */
  readonly environments?: Readonly<Record<string, Settings>> | undefined;
}

/** Types a config written in JavaScript. */
export const defineConfig = (config: Config): Config => config;
