import { type Issue, ShepherdError, type Use } from '@shepherd/core';
import { type RequireEnvInput, windows } from '@shepherd/core/gates';
import type { LoadedSettings } from '../config/settings.js';
import type { PlanFlags } from './flags.js';

export interface Gates {
  readonly gates: readonly Use<'gate'>[];
  /** Said beside the request's metadata: windows may apply to one environment alone. */
  readonly environment: string | undefined;
}

/** The gates that a config and a CI system ask for. `--override-…` goes past one, with a reason. */
export function readGates(flags: PlanFlags, { windows: all = [], requireEnv, environment }: LoadedSettings, issues: Issue[]): Gates {
  const reason = flags.reason?.trim();
  for (const [name, used] of [
    ['--override-window', flags.overrideWindow],
    ['--override-env', flags.overrideEnv],
    ['--override-incident', flags.overrideIncident],
  ] as const) {
    if (used === true && !reason) issues.push({ path: name, got: 'no reason', expected: '--reason TEXT beside it: it is kept in the journal' });
  }
  const why = reason === undefined || reason === '' ? {} : { override: reason };
  const input: RequireEnvInput | undefined = requireEnv === undefined ? undefined : { environment: requireEnv, ...(flags.overrideEnv === true ? why : {}) };
  return {
    gates: [
      ...(all.length === 0 ? [] : [windows({ windows: all, ...(flags.overrideWindow === true ? why : {}) })]),
      ...(input === undefined ? [] : [{ extension: 'gate', use: 'shepherd/require-env', input } as const]),
    ],
    environment,
  };
}

/** GitLab sets a variable while a deploy freeze of the project is on: nothing is released. @throws ShepherdError ERR_GATE_CLOSED */
export function refuseFreeze({ overrideWindow }: PlanFlags, env: Readonly<Record<string, string | undefined>>): void {
  if (!env['CI_DEPLOY_FREEZE'] || overrideWindow === true) return;
  const reason = 'a deploy freeze of the project is on (CI_DEPLOY_FREEZE is set)';
  throw new ShepherdError('ERR_GATE_CLOSED', reason, {
    facts: { gate: 'CI_DEPLOY_FREEZE', reason },
    remedy: 'deploy again when it is over, or with --override-window --reason TEXT; a rollback passes',
  });
}
