import type { Issue } from '@shepherd/core';
import type { RemedyRequest } from '@shepherd/core/remedies';
import type { LoadedSettings } from '../config/settings.js';
import type { Connection } from '../connect.js';
import { appName } from './app-name.js';
import { type Circumstances, type Consent, readAsk, readConsent } from './consent.js';
import { connectionOf, readOnInterrupt, refuse } from './deploy-input.js';
import type { AppFlags, RunFlags } from './flags.js';
import { readDuration } from './seconds.js';

export interface RemedyFlags extends AppFlags, RunFlags {
  readonly pod?: string | undefined;
  readonly reason?: string | undefined;
  readonly timeout?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** What was typed after the command. `at`: tells this restart from others. */
export type Asked = { readonly kind: 'restart'; readonly at: string } | { readonly kind: 'scale'; readonly replicas: string | undefined };

export interface RemedyInput extends Consent {
  readonly connection: Connection;
  readonly request: RemedyRequest;
  readonly onInterrupt: 'pause' | 'rollback';
}

/** What `restart` or `scale` was asked for. Pure. @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
export function remedyInput(
  argument: string | undefined,
  asked: Asked,
  flags: RemedyFlags,
  settings: LoadedSettings,
  circumstances: Circumstances,
): RemedyInput {
  const issues: Issue[] = [];
  const app = appName(argument, flags, settings, issues);
  const connection = connectionOf(flags, settings);
  const readsOnly = flags.dryRun === true;
  // One pod leaves only as far as its disruption budgets allow.
  const { ask, production }: Consent =
    flags.pod === undefined
      ? readConsent(flags, { app, connection, settings }, readsOnly, circumstances, issues)
      : { ask: readAsk(flags, app, readsOnly, circumstances.canAsk, issues) };
  const timeout = readDuration('--timeout', flags.timeout ?? settings.timeout, issues);
  const onInterrupt = readOnInterrupt(flags, circumstances.attended, issues);
  const replicas = asked.kind === 'scale' && /^[1-9]\d{0,4}$/.test(asked.replicas ?? '') ? Number(asked.replicas) : undefined;
  if (asked.kind === 'scale' && replicas === undefined)
    issues.push({ path: 'replicas', got: asked.replicas ?? 'nothing', expected: 'how many pods, 1 or more: shepherd scale web 5' });
  refuse(issues);
  const common = { app, ...(flags.reason === undefined ? {} : { reason: flags.reason }), ...(timeout === undefined ? {} : { timeout }) };
  const request: RemedyRequest =
    asked.kind === 'scale'
      ? { ...common, kind: 'scale', replicas: replicas as number }
      : { ...common, kind: 'restart', at: asked.at, ...(flags.pod === undefined ? {} : { pod: flags.pod }) };
  return { connection: { ...connection, explicitContext: !ask && !readsOnly }, request, ask, production, onInterrupt };
}
