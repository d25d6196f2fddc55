/** What commander hands over: text as it was typed. Names follow the flags. */
export interface ConnectionFlags {
  readonly namespace?: string | undefined;
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly prometheus?: string | undefined;
  readonly config?: string | undefined;
  readonly environment?: string | undefined;
  /** `data` refuses a config that is code. */
  readonly configFormat?: string | undefined;
}

export interface AppFlags extends ConnectionFlags {
  readonly app?: string | undefined;
  /** The guide's word for the app. */
  readonly release?: string | undefined;
}

export interface PlanFlags extends AppFlags {
  readonly image?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly preStopSleep?: string | undefined;
  readonly strategy?: string | undefined;
  readonly stages?: string | undefined;
  readonly interval?: string | undefined;
  readonly gracePeriod?: string | undefined;
  readonly smokeTimeout?: string | undefined;
  /** How long to wait for an approval that comes from another process. */
  readonly approval?: string | undefined;
  readonly drain?: string | undefined;
  readonly unwatched?: string | undefined;
  readonly timeout?: string | undefined;
  readonly check?: readonly string[] | undefined;
  /** `--no-analysis` makes it false. @default true */
  readonly analysis?: boolean | undefined;
  readonly errorThreshold?: string | undefined;
  readonly latencyThreshold?: string | undefined;
  readonly sensitivity?: string | undefined;
  readonly onInconclusive?: string | undefined;
  readonly reason?: string | undefined;
  readonly overrideWindow?: boolean | undefined;
  readonly overrideEnv?: boolean | undefined;
  readonly overrideIncident?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly chart?: string | undefined;
  readonly chartVersion?: string | undefined;
  readonly values?: readonly string[] | undefined;
  readonly set?: readonly string[] | undefined;
  // Of other commands; refused.
  readonly revision?: string | undefined;
  readonly rollback?: boolean | undefined;
}

export interface PreflightFlags extends PlanFlags {
  /** A file, or `-` for stdout. */
  readonly sarif?: string | undefined;
  readonly strict?: boolean | undefined;
  readonly helmRepos?: boolean | undefined;
}

export interface RunFlags {
  readonly yes?: boolean | undefined;
  readonly auto?: boolean | undefined;
  readonly force?: boolean | undefined;
  /** The name of the app, which a severe act on production wants. */
  readonly confirm?: string | undefined;
  readonly onInterrupt?: string | undefined;
  readonly notifyFlushTimeout?: string | undefined;
}

export interface DeployFlags extends PlanFlags, RunFlags {
  readonly dryRun?: boolean | undefined;
  readonly expect?: string | undefined;
}

export interface RollbackFlags extends AppFlags, RunFlags {
  readonly to?: string | undefined;
  readonly list?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly timeout?: string | undefined;
  readonly revision?: string | undefined;
  readonly json?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface BacktestFlags extends PlanFlags {
  readonly file?: string | undefined;
  readonly save?: string | undefined;
  readonly range?: string | undefined;
  readonly every?: string | undefined;
  readonly against?: string | undefined;
  readonly candidate?: string | undefined;
  readonly stable?: string | undefined;
}

export interface SimulateFlags extends PlanFlags {
  readonly replicas?: string | undefined;
  readonly rate?: string | undefined;
  readonly seed?: string | undefined;
  readonly startup?: string | undefined;
  readonly newErrorRate?: string | undefined;
  readonly newLatency?: string | undefined;
  readonly newHealth?: string | undefined;
  /** True: at its start. */
  readonly newCrash?: string | true | undefined;
  readonly oldErrorRate?: string | undefined;
}
