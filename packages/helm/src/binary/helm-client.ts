import type { Platform, PortContext, WriteContext } from '@shepherd/core';
import { explained } from './explain.js';
import { ownEnv, type Ran, runHelm } from './run.js';
import { type HelmVersion, parseVersion } from './version.js';

type Context = PortContext | WriteContext;

/** One call: the verb, its flags, and what comes after `--`. */
export interface Call {
  readonly command: readonly string[];
  readonly release: string;
  readonly flags?: readonly string[] | undefined;
  /** Names, after the flags; none of them can be taken for one. */
  readonly operands: readonly string[];
  readonly chart?: string | undefined;
}

/** Helm against the platform's cluster and no other: as a child process without a shell, with a kubeconfig that ends with the call. */
export class HelmClient {
  readonly #binary: string;
  readonly #platform: Pick<Platform, 'childEnv'>;
  #version: Promise<HelmVersion> | undefined;

  constructor(platform: Pick<Platform, 'childEnv'>, binary = 'helm') {
    this.#platform = platform;
    this.#binary = binary;
  }

  /** Asked once; again where it failed. @throws ShepherdError ERR_TOOL */
  version({ signal, clock }: PortContext): Promise<HelmVersion> {
    this.#version ??= runHelm(this.#binary, ['version', '--template', '{{.Version}}'], { env: ownEnv(), signal, clock }).then((ran) =>
      parseVersion(this.#binary, ran.code === 0 ? ran.stdout : ''),
    );
    this.#version.catch(() => (this.#version = undefined));
    return this.#version;
  }

  /** What helm printed. @throws ShepherdError by what it said */
  async run(context: Context, call: Call): Promise<string> {
    const ran = await this.attempt(context, call);
    if (ran.code === 0) return ran.stdout;
    throw explained({ command: call.command.join(' '), release: call.release, chart: call.chart }, ran);
  }

  /** `until`: its writes wait for that. @throws ShepherdError ERR_TOOL where helm cannot be started */
  async attempt(context: Context, call: Call, until?: Promise<unknown>): Promise<Ran> {
    const version = this.version(context);
    // What only reads need not wait for the answer; it counts all the same.
    version.catch(() => undefined);
    if ('fence' in context) await version;
    const args = [...call.command, ...(call.flags ?? []), `--namespace=${context.app.namespace}`, '--', ...call.operands];
    const ran = await this.withCluster(
      context,
      (env) => runHelm(this.#binary, args, { env: { ...ownEnv(), ...context.trace, ...env }, signal: context.signal, clock: context.clock }),
      until,
    );
    await version;
    return ran;
  }

  /** The way to the cluster, as long as the work takes. */
  async withCluster<T>(context: Context, work: (env: Readonly<Record<string, string>>) => Promise<T>, until?: Promise<unknown>): Promise<T> {
    const done = new AbortController();
    try {
      return await work((await this.#platform.childEnv?.({ ...context, signal: AbortSignal.any([context.signal, done.signal]) }, { until })) ?? {});
    } finally {
      done.abort();
    }
  }
}
