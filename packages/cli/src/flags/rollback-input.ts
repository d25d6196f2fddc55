import type { Duration, Issue, RollbackRequest } from '@shepherd/core';
import type { LoadedSettings } from '../config/settings.js';
import type { Connection } from '../connect.js';
import { appName } from './app-name.js';
import { type Circumstances, type Consent, readConsent } from './consent.js';
import { connectionOf, readFlushTimeout, readOnInterrupt, refuse } from './deploy-input.js';
import type { RollbackFlags } from './flags.js';
import { readDuration } from './seconds.js';

export interface RollbackInput extends Consent {
  readonly connection: Connection;
  readonly request: RollbackRequest;
  readonly onInterrupt: 'pause' | 'rollback';
  readonly flushTimeout: Duration | undefined;
}

/** What `rollback` was asked for. Pure. @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
export function rollbackInput(argument: string | undefined, flags: RollbackFlags, settings: LoadedSettings, circumstances: Circumstances): RollbackInput {
  const issues: Issue[] = [];
  const app = appName(argument, flags, settings, issues);
  const connection = connectionOf(flags, settings);
  const readsOnly = flags.list === true || flags.dryRun === true;
  const { ask, production } = readConsent(flags, { app, connection, settings }, readsOnly, circumstances, issues);
  const timeout = readDuration('--timeout', flags.timeout ?? settings.timeout, issues);
  const onInterrupt = readOnInterrupt(flags, circumstances.attended, issues);
  const flushTimeout = readFlushTimeout(flags, issues);
  const { to, revision } = flags;
  if (revision !== undefined && to !== undefined) issues.push({ path: '--revision', got: revision, expected: 'either --revision or --to' });
  if (revision !== undefined && !/^[1-9]\d{0,8}$/.test(revision))
    issues.push({ path: '--revision', got: JSON.stringify(revision), expected: 'a number, as rollback --list shows it' });
  refuse(issues);
  const request: RollbackRequest = {
    app,
    ...(to === undefined && revision === undefined ? {} : { to: to ?? `#${revision}` }),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...(timeout === undefined ? {} : { timeout }),
  };
  return { connection: { ...connection, explicitContext: !ask && !readsOnly }, request, ask, production, onInterrupt, flushTimeout };
}
