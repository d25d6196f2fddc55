import { type DeployRequest, type Duration, type Issue, invalidOptions, type Use } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import type { LoadedSettings, Settings } from '../config/settings.js';
import type { Connection } from '../connect.js';
import type { CliRelease } from '../release.js';
import { appName } from './app-name.js';
import { readChart } from './chart.js';
import { type Circumstances, readAsk } from './consent.js';
import type { DeployFlags, PlanFlags, RunFlags } from './flags.js';
import { readGates } from './gates.js';
import { namedChecks } from './named-checks.js';
import { readDuration } from './seconds.js';
import { readStrategy } from './strategy.js';
import { unbuiltIssues } from './unbuilt.js';

export interface PlanInput {
  readonly connection: Connection;
  readonly request: DeployRequest<CliRelease>;
}

export interface DeployInput extends PlanInput {
  /** Show the plan and ask before anything is written, and between stages. */
  readonly ask: boolean;
  readonly expect: string | undefined;
  readonly onInterrupt: 'pause' | 'rollback';
  readonly flushTimeout: Duration | undefined;
}

/** What `plan` was asked for. Pure. @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
export const planInput = (argument: string | undefined, flags: PlanFlags, settings: LoadedSettings): PlanInput => {
  const issues: Issue[] = [];
  const input = readPlan(argument, flags, settings, false, issues);
  refuse(issues);
  return input;
};

/** What `deploy` was asked for. Pure. @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
export function deployInput(argument: string | undefined, flags: DeployFlags, settings: LoadedSettings, { attended, canAsk }: Circumstances): DeployInput {
  const issues: Issue[] = [];
  const consent = flags.dryRun === true || flags.expect !== undefined;
  const ask = readAsk(flags, appName(argument, flags, settings, []), consent, canAsk, issues);
  const input = readPlan(argument, flags, settings, ask, issues);
  const onInterrupt = readOnInterrupt(flags, attended, issues);
  const flushTimeout = readFlushTimeout(flags, issues);
  refuse(issues);
  const connection = { ...input.connection, explicitContext: !ask && flags.dryRun !== true };
  return { ...input, connection, ask, expect: flags.expect, onInterrupt, flushTimeout };
}

/**
 * What a signal means. A person who presses Ctrl-C sees where it stands and decides; where nobody is there, nobody does: a rollout that was left half way would
 * stay there.
 */
export function readOnInterrupt({ onInterrupt }: RunFlags, attended: boolean, issues: Issue[]): 'pause' | 'rollback' {
  if (onInterrupt === undefined) return attended ? 'pause' : 'rollback';
  if (onInterrupt === 'pause' || onInterrupt === 'rollback') return onInterrupt;
  issues.push({ path: '--on-interrupt', got: JSON.stringify(onInterrupt), expected: 'pause or rollback' });
  return 'rollback';
}

/** How long to wait at the end for channels that have not answered yet. */
export const readFlushTimeout = ({ notifyFlushTimeout }: RunFlags, issues: Issue[]): Duration | undefined =>
  readDuration('--notify-flush-timeout', notifyFlushTimeout, issues, { leastMs: 0 });

export function refuse(issues: readonly Issue[]): void {
  if (issues.length > 0) throw invalidOptions(issues, 'correct what is named; --help lists the flags');
}

export const connectionOf = (flags: PlanFlags, settings: LoadedSettings): Connection => ({
  kubeconfig: flags.kubeconfig ?? settings.kubeconfig,
  context: flags.context ?? settings.context,
  namespace: flags.namespace ?? settings.namespace,
  prometheus: withUrl(flags.prometheus, settings.prometheus),
  ...(settings.requiredSecrets === undefined ? {} : { requiredSecrets: settings.requiredSecrets }),
  ...(settings.notify === undefined ? {} : { notify: settings.notify }),
  ...(settings.telemetry === undefined ? {} : { telemetry: settings.telemetry }),
  ...(settings.environment === undefined ? {} : { environment: settings.environment }),
  ...(settings.required === undefined || settings.requireEnv === undefined
    ? {}
    : { required: { environment: settings.requireEnv, connection: connectionOf({}, settings.required) } }),
});

/** A flag names another address; how it is reached stays as configured. */
const withUrl = (url: string | undefined, settings: Settings['prometheus']): Settings['prometheus'] =>
  url === undefined ? settings : typeof settings === 'object' ? { ...settings, url } : url;

function readPlan(argument: string | undefined, flags: PlanFlags, settings: LoadedSettings, ask: boolean, issues: Issue[]): PlanInput {
  issues.push(...unbuiltIssues(flags));
  const app = appName(argument, flags, settings, issues);
  const env = readEnv(flags.env ?? [], issues);
  const chart = readChart(flags, settings, issues);
  if (flags.image === undefined && env === undefined && chart === undefined && flags.values === undefined && flags.set === undefined)
    issues.push({ path: '--image', got: 'nothing', expected: 'what to release: --image registry/web:1.3.0, or --env KEY=VALUE' });
  const strategy = readStrategy(flags, settings, ask, issues);
  const timeout = readDuration('--timeout', flags.timeout ?? settings.timeout, issues);
  const drain = readDuration('--drain', flags.drain ?? settings.drain, issues, { leastMs: 0 });
  const unwatched = readDuration('--unwatched', flags.unwatched ?? settings.unwatched, issues);
  const preStopSleep = readDuration('--pre-stop-sleep', flags.preStopSleep, issues);
  const checks = readChecks(flags.check, settings.checks, issues);
  const { gates, environment } = readGates(flags, settings, issues);
  if (chart !== undefined && preStopSleep !== undefined)
    issues.push({ path: '--pre-stop-sleep', got: 'it with a chart', expected: 'a preStop in the chart itself' });
  const release =
    chart ??
    ({
      ...(flags.image === undefined ? {} : { image: flags.image }),
      ...(env === undefined ? {} : { env }),
      ...(preStopSleep === undefined ? {} : { preStopSleep }),
    } as CliRelease);
  const request: DeployRequest<CliRelease> = {
    app,
    release,
    strategy,
    ...(checks === undefined ? {} : { checks }),
    ...(gates.length === 0 ? {} : { gates }),
    ...(environment === undefined ? {} : { metadata: { environment } }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(drain === undefined ? {} : { drain }),
    ...(unwatched === undefined ? {} : { unwatched }),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...(flags.overrideIncident === true && flags.reason !== undefined ? { overrideIncident: flags.reason } : {}),
  };
  return { connection: connectionOf(flags, settings), request };
}

function readEnv(pairs: readonly string[], issues: Issue[]): Readonly<Record<string, string>> | undefined {
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) issues.push({ path: '--env', got: JSON.stringify(at < 0 ? pair : pair.slice(0, at + 1)), expected: 'KEY=VALUE' });
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** Checks that are named come on top of the standard ones. */
function readChecks(paths: readonly string[] | undefined, configured: Settings['checks'], issues: Issue[]): readonly Use<'check'>[] | undefined {
  const named = namedChecks([...(configured ?? []), ...(paths ?? [])], issues);
  return named.length === 0 ? undefined : [...standard(), ...named];
}
