import type { Issue, RollbackRequest } from '@shepherd/core';
import type { Settings } from '../config/settings.js';
import type { Connection } from '../connect.js';
import { appName } from './app-name.js';
import { connectionOf, readAsk, readOnInterrupt, refuse } from './deploy-input.js';
import type { RollbackFlags } from './flags.js';
import { readDuration } from './seconds.js';
import { unbuiltIssues } from './unbuilt.js';

export interface RollbackInput {
  readonly connection: Connection;
  readonly request: RollbackRequest;
  readonly ask: boolean;
  readonly onInterrupt: 'pause' | 'rollback';
}

/** What `rollback` was asked for. Pure. @throws ShepherdError ERR_INVALID_OPTIONS with every issue */
export function rollbackInput(argument: string | undefined, flags: RollbackFlags, settings: Settings, canAsk: boolean): RollbackInput {
  const issues: Issue[] = [...unbuiltIssues({ revision: flags.revision })];
  const app = appName(argument, flags, settings, issues);
  const ask = readAsk(flags, flags.list === true || flags.dryRun === true, canAsk, issues);
  const timeout = readDuration('--timeout', flags.timeout ?? settings.timeout, issues);
  const onInterrupt = readOnInterrupt(flags, issues);
  refuse(issues);
  const request: RollbackRequest = {
    app,
    ...(flags.to === undefined ? {} : { to: flags.to }),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...(timeout === undefined ? {} : { timeout }),
  };
  return { connection: connectionOf(flags, settings), request, ask, onInterrupt };
}
