import type { ErrorInfo } from '../errors/error-facts.js';
import type { Use } from '../extend/definition.js';
import type { ReleaseInfo, RouterInfo, Target, Track } from '../plan/situation.js';
import type { App, AppParts } from '../words/app.js';
import type { Finding } from '../words/finding.js';
import type { Revision, TrackName } from '../words/revision.js';
import type { Clock } from './clock.js';
import type { PortContext, WriteContext } from './context.js';
import type { Diagnosis } from './diagnosis.js';
import type { Exec } from './exec.js';
import type { Http } from './http.js';
import type { IncidentStore } from './incident-store.js';
import type { Journal } from './journal.js';
import type { Lock } from './lock.js';
import type { Observer } from './observer.js';
import type { Port } from './port.js';

/** The ports of one cluster. Wrap it to change who owns the template: `helm(kubernetes())`. */
export interface Platform<in R = never> extends Port {
  readonly releases: Releases<R>;
  readonly tracks: Tracks;
  readonly router: TrafficRouter;
  readonly journal: Journal;
  readonly lock: Lock;
  readonly clock?: Clock | undefined;
  readonly autoscaler?: Autoscaler | undefined;
  readonly actions?: Actions | undefined;
  readonly diagnosis?: Diagnosis | undefined;
  readonly baselines?: Baselines | undefined;
  /** Where incidents are kept; without it there are none. */
  readonly incidents?: IncidentStore | undefined;
  /** Asks the pods of a track, or the Service, over HTTP. */
  http(context: PortContext): Http;
  /** Runs a command in a pod of a track. @default none: a plan that needs it is refused before the first write */
  exec?(context: PortContext): Exec;
  /** The path at which this app says that it is well (kube: of the readiness probe, else the liveness probe), if it says so over HTTP. */
  healthPath?(context: PortContext): Promise<string | undefined>;
  /** What this app is asked where a request names no checks. @default `standard()` */
  checks?(app: App): readonly Use<'check'>[] | undefined;
  /** What will go wrong with these pods while they are replaced, before anything is written: no drain, one replica, Recreate … `needs`: what the plan takes. */
  lint?(context: PortContext, release: R, needs: PlanNeeds): Promise<readonly Finding[]>;
  /**
   * Finds what would fail later before the first write. Writes nothing. Without `asked`: only whether a rollout of the app may be driven at all, as each deploy
   * asks, @throws ShepherdError ERR_FORBIDDEN with everything that is missing. With it: everything that stands in the way of this release, as findings.
   */
  preflight?(context: PortContext, asked?: Asked<R>): Promise<readonly Finding[]>;
  /** The full name of an app. @throws ShepherdError ERR_APP_NOT_FOUND with near names, ERR_FORBIDDEN, ERR_UNREACHABLE */
  resolve(ref: AppParts, signal?: AbortSignal): Promise<Omit<App, 'cluster'>>;
  /**
   * Called once by each new holder of the lock, before it reads: writes its fence to every object that a rollout of this app writes, and changes nothing else
   * about them. From here on no write of an earlier holder lands, whatever it has in flight (RR PT-7). The journal has a fence of its own.
   * @throws ShepherdError ERR_LOCK_LOST if a later holder was here
   */
  fence?(context: WriteContext): Promise<void>;
  /**
   * Environment by which a child process (helm) reaches this very cluster, until the signal of the context aborts or this process ends. With a context that
   * writes, what the child writes is fenced as our own writes are, and what a rollout holds of an object (traffic, pods) stays as it is; with one that reads,
   * nothing but dry runs gets through. `until`: what the child writes waits for it, and is refused where it rejects.
   */
  childEnv?(context: PortContext | WriteContext, options?: { readonly until?: Promise<unknown> | undefined }): Promise<Readonly<Record<string, string>>>;
  /** Tells the platform's own users what happens to their app (Kubernetes: Events). */
  readonly observer?: Observer | undefined;
}

/** What a plan takes beside the app as it is. */
export interface PlanNeeds {
  /** A candidate is made beside stable. */
  readonly candidate: boolean;
  /** The autoscaler is held. */
  readonly autoscaler: boolean;
  /** The candidate gets no traffic by being ready: the router is switched (blue/green). @default false */
  readonly isolated?: boolean | undefined;
  /** Metrics decide about it. @default false */
  readonly judged?: boolean | undefined;
  /** Pods are asked over HTTP. @default true */
  readonly asked?: boolean | undefined;
  /** Commands are run in pods. @default false */
  readonly exec?: boolean | undefined;
  /** Steps of one's own that the plan has, by name: `shepherd/job`. @default none */
  readonly steps?: readonly string[] | undefined;
  /** Time that the whole rollout has. @default unknown */
  readonly timeoutMs?: number | undefined;
  /** Other objects that come with the release, as they will be written: those of its chart. @default none */
  readonly beside?: readonly object[] | undefined;
}

/** A release that is looked at before it is written, and what its plan takes. */
export interface Asked<out R = unknown> {
  readonly release: R;
  readonly needs: PlanNeeds;
}

/** What is remembered of a revision. */
export type RevisionMark =
  | { readonly verified: true; readonly by?: string | undefined; readonly reason?: string | undefined }
  /** Why it was taken back. */
  | { readonly bad: string };

/** What going back to a revision means beside its template. `missing`: it cannot start without. `notes`: what will be as it was then. `findings`: what will not. */
export interface Outlook {
  readonly missing: readonly string[];
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
  /** More is written than the template by whose hash the revision is known, so that hash does not tell whether all of it is back. @default false */
  readonly beyondPods?: boolean | undefined;
}

/** Owns the template: kube for images and manifests, helm for charts. */
export interface Releases<in R> {
  /** Whether this release is one of its kind; looks at its form alone. */
  accepts(release: unknown): boolean;
  /** What this release would be, without writing it: its version, and the hash its template will have. @throws ShepherdError on bad input */
  identify(context: PortContext, release: R): Promise<ReleaseInfo & { readonly hash: string }>;
  /**
   * `apply` of this release to stable, or `restore` of this revision, comes next, in this very lease: whatever of it takes time and writes nothing may begin.
   * Nothing is told if that fails; and the call may yet not come.
   */
  begin?(context: WriteContext, next: { readonly release: R } | { readonly restore: string }): void;
  /** Writes the release's template to a track: `stable` in place (the platform replaces the pods; `replicas` is ignored), `candidate` beside it, where
   * `isolated` means that being ready brings its pods no traffic. A candidate of this rollout that is there already is a success. Resolves when stored.
   * `hash`: what the candidate is called, where it is made of more than the release is named by.
   */
  apply(
    context: WriteContext,
    release: R,
    to: {
      readonly track: TrackName;
      readonly replicas: number;
      readonly isolated?: boolean | undefined;
      readonly over?: readonly string[] | undefined;
      readonly hash?: string | undefined;
    },
  ): Promise<Revision>;
  /**
   * Writes the candidate's template to stable, leaving stable's replicas alone where the rollout holds them. Resolves when stored. `over`, here and in `apply`:
   * hashes that stable may have before; another one there is somebody else's. `release`: what the rollout was asked for, for platforms whose releases are more
   * than a template. @throws ShepherdError ERR_CONFLICT if it is
   */
  promote(context: WriteContext, options?: { readonly over?: readonly string[] | undefined; readonly release?: R | undefined }): Promise<Revision>;
  /** Newest first. */
  list(context: PortContext): Promise<readonly Revision[]>;
  /**
   * Writes an older revision's template to stable, with what was kept beside it. Resolves when stored. `reason`: for whoever looks at the platform's own history.
   * @throws ShepherdError ERR_REVISION_NOT_FOUND, ERR_REVISION_INCOMPLETE
   */
  restore(context: WriteContext, hash: string, options?: { readonly reason?: string | undefined }): Promise<Revision>;
  /** Remembers that a revision was verified (and who asked for it, and why), or why it was taken back, so that later rollouts and rollbacks know. */
  mark?(context: WriteContext, hash: string, mark: RevisionMark): Promise<void>;
  /**
   * Keeps what a revision that serves runs with beside its template (configuration, settings of the autoscaler), since `restore` puts that back too. What it may
   * not keep it leaves out. Bears a repeat.
   */
  keep?(context: WriteContext, hash: string): Promise<void>;
  /** What going back to a revision would bring back beside its template, and what it cannot. Reads only. */
  outlook?(context: PortContext, hash: string): Promise<Outlook>;
}

/** Pods of both tracks, whoever wrote the template. Answers are what was observed. */
export interface Tracks {
  /** Both tracks as they are now, in one look. */
  inspect(context: PortContext): Promise<Pick<Target, 'replicas' | 'stable' | 'candidate'> & Pick<Target, 'roles' | 'autoscaled' | 'surge'>>;
  /** Sets the pods wanted; resolves when stored, before they run. Idempotent. */
  scale(context: WriteContext, track: TrackName, replicas: number): Promise<Track>;
  /** Takes the candidate and what came with it away; a missing one is a success. */
  remove(context: WriteContext, track: TrackName): Promise<void>;
  /** The track now, and again after each change. `doomed`: its pods will not get ready, and why. Ends quietly when the signal aborts. */
  watch(context: PortContext, track: TrackName): AsyncIterable<TrackStatus>;
  /** What somebody else (a person, GitOps) made of the objects that a rollout works on. */
  drift?(context: PortContext, expected: Expected): Promise<readonly Drift[]>;
}

/** What a rollout has made of the world; whatever else is there was written by somebody else. */
export interface Expected {
  /** Hashes that stable may run. */
  readonly stable: readonly string[];
  /** Hash that the candidate runs; undefined: there need not be one. */
  readonly candidate: string | undefined;
  /** Percent of traffic that the candidate has; undefined: it is being moved, or there is none to have it. */
  readonly weight: number | undefined;
}

/** One thing that somebody else changed (RR LK-6). JSON. */
export interface Drift {
  /** `gone`: the candidate was taken away. */
  readonly kind: 'template' | 'replicas' | 'paused' | 'traffic' | 'gone';
  /** `Deployment web`. */
  readonly object: string;
  /** What happened, for people: `its template was changed`. */
  readonly what: string;
  /** `spec.template.spec.containers[web].image`. */
  readonly field: string;
  /** Who owns the field now, as the platform knows it: `kubectl-set`. */
  readonly by: string;
  /** ISO 8601 UTC, if it is known. */
  readonly at?: string | undefined;
  /** What is there now, without spaces: a hash, a count. Not for people. */
  readonly value: string;
}

/** A track as it is watched. `doomed`: why a pod of it will never get ready. */
export interface TrackStatus extends Track {
  /** The template last written is what all wanted pods run, they are ready, and no older pod is left (KC 7). */
  readonly settled: boolean;
  /** What it waits for, for people: `3 of 6 pods ready; web-abc: readiness GET /api/health answered 503`. */
  readonly waitingFor?: string | undefined;
  /** Somebody told the platform not to replace its pods. */
  readonly paused?: boolean | undefined;
  readonly doomed?: ErrorInfo | undefined;
}

/** `set` is idempotent and resolves with the weight read back; where granularity is `replicas` the engine scales and `set` only reads back. */
export interface TrafficRouter {
  /** What it is, and how finely it splits the traffic of this app. */
  describe(context: PortContext): Promise<RouterInfo>;
  /** Realised percent of requests to the candidate, as the backend holds it now. */
  get(context: PortContext): Promise<number>;
  /** Moves this percent of requests to the candidate. */
  set(context: WriteContext, weight: number): Promise<number>;
}

/**
 * What else moves the replicas of stable. `hold` raises the floor to the live count, so that pods that lost their traffic for a while are not taken away;
 * `release` restores what `hold` returned, on every way out (RR CR-7). Both bear a repeat.
 */
export interface Autoscaler {
  /** Its bounds; undefined: there is none. */
  read(context: PortContext): Promise<{ readonly min: number; readonly max: number } | undefined>;
  /**
   * Resolves with what has to be restored, as JSON; undefined: there is nothing to hold. What was there before is on the object itself before anything of it
   * changes. Again, while it is held: the floor follows the live count up, and what is returned stays the original.
   */
  hold(context: WriteContext): Promise<unknown>;
  /** `held` is undefined where a process died before it could store it: then what `hold` left on the object counts. What somebody else wrote since stays. */
  release(context: WriteContext, held: unknown): Promise<void>;
}

/** What was measured of an app once, by the hash of the revision that answered. Values are JSON. */
export interface Baselines {
  /** All that is kept, by hash. */
  read(context: PortContext): Promise<Readonly<Record<string, unknown>>>;
  /** In place of what was there for this revision; a platform may forget the oldest. Resolves when stored. */
  write(context: PortContext, hash: string, value: object): Promise<void>;
}

/** What repairs an app without releasing anything. */
export interface Actions {
  /** The release that runs, for `Releases`, so that all its pods are new. `at`: ISO 8601 UTC, tells two restarts apart. */
  restarted(context: PortContext, at: string): Promise<unknown>;
  /** Whether a pod of the app may be evicted now; writes nothing. @throws ShepherdError ERR_INVALID_OPTIONS for one that is none, ERR_EVICTION_REFUSED */
  mayEvict(context: PortContext, pod: string): Promise<void>;
  /** Evicts a pod, if the budgets of the app allow; one that is gone or going is a success. @throws ShepherdError ERR_EVICTION_REFUSED */
  evict(context: WriteContext, pod: string): Promise<void>;
  /** Stable wants so many pods from here on, whatever it wanted before. Idempotent; resolves when stored. */
  scale(context: WriteContext, replicas: number): Promise<void>;
}
