import type { Engine } from '../engine/start.js';
import type { Registry } from '../extend/registry.js';
import type { Clock } from '../ports/clock.js';
import type { AppParts } from '../words/app.js';
import type { Located } from './clusters.js';
import type { DeployRequest, RunOptions } from './request.js';
import type { Rollout } from './rollout.js';
import type { Job } from './run.js';

/** A Shepherd's connections and its way to run something, for functions of subpaths. */
export interface Inside {
  readonly clock: Clock;
  readonly registry: Registry;
  /** @throws ShepherdError ERR_APP_NOT_FOUND, ERR_FORBIDDEN, ERR_UNREACHABLE */
  locate(app: AppParts, signal: AbortSignal): Promise<Located & { readonly engine: Engine }>;
  start(app: DeployRequest['app'], options: RunOptions, prepare: Job['prepare']): Rollout;
}
