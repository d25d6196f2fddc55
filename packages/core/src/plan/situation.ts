import type { Use } from '../extend/definition.js';
import type { App } from '../words/app.js';
import type { Revision } from '../words/revision.js';

/** One consistent read of the world, as JSON. `checks`: the request's, for the strategy to place. */
export interface Situation {
  /** When it was read, ISO 8601 UTC. */
  readonly at: string;
  readonly release: ReleaseInfo;
  readonly checks: readonly Use<'check'>[];
  readonly targets: readonly [Target, ...Target[]];
}

export interface ReleaseInfo {
  /** What people call it: an image tag, a chart version. */
  readonly version: string;
  /** It cannot be taken back automatically, because what it changes outside cannot (a schema migration). */
  readonly irreversible: boolean;
}

/** One app as it stands. */
export interface Target {
  readonly app: App;
  /** R: the replicas wanted for the app as a whole, live, not from a manifest (RR CAN-3). */
  readonly replicas: number;
  /** Missing at a first deploy. */
  readonly stable: Track | undefined;
  readonly candidate: Track | undefined;
  /** Realised percent of requests to the candidate. */
  readonly weight: number;
  /** This rollout has changed something here. */
  readonly touched: boolean;
  readonly router: RouterInfo;
  /** A pair of equal workloads that change roles at each release (blue and green), so that nothing is promoted. @default 'keep' */
  readonly roles?: 'keep' | 'swap' | undefined;
  /** Something else moves the replicas of stable (an HPA). */
  readonly autoscaled?: { readonly min: number; readonly max: number } | undefined;
}

export interface RouterInfo {
  readonly name: string;
  /** `binary`: all or nothing. `replicas`: a share of pods. `percent`: any share. */
  readonly granularity: 'binary' | 'replicas' | 'percent';
  /** All traffic can be moved at once to pods that had none (a Service's selector). False where an app has no Service. @default true */
  readonly switches?: boolean | undefined;
}

export interface Track {
  readonly revision: Revision;
  /** Pods wanted. */
  readonly replicas: number;
  /** Pods of this revision that are ready and, where the app has a Service, in its endpoints. */
  readonly ready: number;
  /** Being ready brings these pods no traffic; only the router's switch does (blue/green). @default false */
  readonly isolated?: boolean | undefined;
  /** Restarts of this track's containers so far. */
  readonly restarts?: number | undefined;
}

/** Pods: a number, or a share of the replicas wanted *when the step runs*, because an autoscaler may move them (RR CAN-3, PT-13). */
export type Capacity = number | `${number}%`;

/** The pods that a capacity means for R replicas; shares round up, and a share above zero is at least one pod. */
export function podsOf(capacity: Capacity, replicas: number): number {
  return typeof capacity === 'number' ? capacity : Math.ceil((replicas * Number(capacity.slice(0, -1))) / 100);
}
