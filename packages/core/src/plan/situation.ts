import type { Use } from '../extend/definition.js';
import type { App } from '../words/app.js';
import type { Revision } from '../words/revision.js';

/** One consistent read of the world, as JSON. `checks`: the request's, for the strategy to place. */
export interface Situation {
  /** When it was read, ISO 8601 UTC. */
  readonly at: string;
  readonly release: ReleaseInfo;
  readonly checks: readonly Use<'check'>[];
  /** There is a metrics provider that a release can be judged by. @default false */
  readonly judged?: boolean | undefined;
  readonly targets: readonly [Target, ...Target[]];
}

/** What the platform knows of a release before it is written. */
export interface ReleaseInfo {
  /** What people call it: an image tag, a chart version. */
  readonly version: string;
  /** What its pods run, container by container, where the platform knows. */
  readonly images?: readonly string[] | undefined;
  /** It cannot be taken back automatically, because what it changes outside cannot (a schema migration). */
  readonly irreversible: boolean;
  /** It is more than its pods: once it was begun, going back restores it also where the pods are what they were. @default false */
  readonly beyondPods?: boolean | undefined;
  /** What a person should know before: what changes, what no rollback undoes. Shown with the plan. */
  readonly notes?: readonly string[] | undefined;
}

/** One app as it stands. */
export interface Target {
  readonly app: App;
  /** R: the replicas wanted for the app as a whole, live, not from a manifest (RR CAN-3). */
  readonly replicas: number;
  /** Missing at a first deploy. */
  readonly stable: Track | undefined;
  readonly candidate: Track | undefined;
  /** Pods above R that the platform itself may use while it replaces stable's pods in place. @default a quarter of R, rounded up */
  readonly surge?: number | undefined;
  /** Realised percent of requests to the candidate. */
  readonly weight: number;
  /** This rollout has changed something here. */
  readonly touched: boolean;
  readonly router: RouterInfo;
  /** A pair of equal workloads that change roles at each release (blue and green), so that nothing is promoted. @default 'keep' */
  readonly roles?: 'keep' | 'swap' | undefined;
  /** Something else moves the replicas of stable (an HPA). `holdable`: the platform can keep it from shrinking stable while a rollout runs. */
  readonly autoscaled?: { readonly min: number; readonly max: number; readonly holdable?: boolean | undefined } | undefined;
}

/** How finely traffic can be split. */
export interface RouterInfo {
  readonly name: string;
  /** `binary`: all or nothing. `replicas`: a share of pods. `percent`: every share. */
  readonly granularity: 'binary' | 'replicas' | 'percent';
  /** All traffic can be moved at once to pods that had none (a Service's selector). False where an app has no Service. @default true */
  readonly switches?: boolean | undefined;
}

/** The pods of one version of an app. */
export interface Track {
  readonly revision: Revision;
  /** Pods wanted. */
  readonly replicas: number;
  /** Pods of this revision that are ready and, where the app has a Service, in its endpoints. */
  readonly ready: number;
  /** Wanted pods that were not ready yet: they start, in place of some that were evicted or because more are wanted. Those that got worse do not count. @default 0 */
  readonly coming?: number | undefined;
  /** Being ready brings these pods no traffic; only the router's switch does (blue/green). @default false */
  readonly isolated?: boolean | undefined;
  /** Restarts of this track's containers so far. */
  readonly restarts?: number | undefined;
  /** A container ends again and again, and its next start is put off. @default false */
  readonly crashLooping?: boolean | undefined;
  /** Names of its pods, as a metrics provider knows them. */
  readonly pods?: readonly string[] | undefined;
}

/** Pods: a number, or a share of the replicas wanted *when the step runs*, because an autoscaler may move them (RR CAN-3, PT-13). */
export type Capacity = number | `${number}%`;

/** The pods that a capacity means for R replicas; shares round up, and a share above zero is at least one pod. */
export function podsOf(capacity: Capacity, replicas: number): number {
  return typeof capacity === 'number' ? capacity : Math.ceil((replicas * Number(capacity.slice(0, -1))) / 100);
}
