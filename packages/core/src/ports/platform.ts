import type { ErrorInfo } from '../errors/error-facts.js';
import type { ReleaseInfo, RouterInfo, Target, Track } from '../plan/situation.js';
import type { App, AppParts } from '../words/app.js';
import type { Finding } from '../words/finding.js';
import type { Revision, TrackName } from '../words/revision.js';
import type { Clock } from './clock.js';
import type { PortContext, WriteContext } from './context.js';
import type { Http } from './http.js';
import type { Journal } from './journal.js';
import type { Lock } from './lock.js';
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
  http(context: PortContext): Http;
  /** The path at which this app says that it is well (kube: of the readiness probe, else the liveness probe), if it says so over HTTP. */
  healthPath?(context: PortContext): Promise<string | undefined>;
  /** What will go wrong with these pods while they are replaced, before anything is written: no drain, one replica, Recreate … */
  lint?(context: PortContext, release: R): Promise<readonly Finding[]>;
  /** The full name of an app. @throws ShepherdError ERR_APP_NOT_FOUND with near names, ERR_FORBIDDEN, ERR_UNREACHABLE */
  resolve(ref: AppParts): Promise<Omit<App, 'cluster'>>;
  /** How a child process (helm) reaches this very cluster. */
  childEnv?(): Promise<Readonly<Record<string, string>>>;
}

/** Owns the template: kube for images and manifests, helm for charts. */
export interface Releases<in R> {
  accepts(release: unknown): boolean;
  /** What this release would be, without writing it: its version, and the hash its template will have. @throws ShepherdError on bad input */
  identify(context: PortContext, release: R): Promise<ReleaseInfo & { readonly hash: string }>;
  /** Writes the release's template to a track: `stable` in place (the platform replaces the pods; `replicas` is ignored), `candidate` beside it, where
   * `isolated` means that being ready brings its pods no traffic. A candidate of this rollout that is there already is a success. Resolves when stored.
   */
  apply(
    context: WriteContext,
    release: R,
    to: { readonly track: TrackName; readonly replicas: number; readonly isolated?: boolean | undefined },
  ): Promise<Revision>;
  /** Writes the candidate's template to stable, leaving stable's replicas alone. Resolves when stored. */
  promote(context: WriteContext): Promise<Revision>;
  /** Newest first. */
  list(context: PortContext): Promise<readonly Revision[]>;
  /** Writes an older revision's template to stable. Resolves when stored. @throws ShepherdError ERR_REVISION_NOT_FOUND */
  restore(context: WriteContext, hash: string): Promise<Revision>;
  /** Remembers that a revision was verified, or why it was taken back, so that later rollouts and rollbacks know. */
  mark?(context: WriteContext, hash: string, mark: { readonly verified: true } | { readonly bad: string }): Promise<void>;
}

/** Pods of both tracks, whoever wrote the template. Answers are what was observed. */
export interface Tracks {
  inspect(context: PortContext): Promise<Pick<Target, 'replicas' | 'stable' | 'candidate'> & Pick<Target, 'roles' | 'autoscaled'>>;
  /** Sets the pods wanted; resolves when stored, before they run. Idempotent. */
  scale(context: WriteContext, track: TrackName, replicas: number): Promise<Track>;
  /** Takes the candidate and what came with it away; a missing one is a success. */
  remove(context: WriteContext, track: TrackName): Promise<void>;
  /** The track now, and again after each change. `doomed`: its pods will not get ready, and why. Ends quietly when the signal aborts. */
  watch(context: PortContext, track: TrackName): AsyncIterable<TrackStatus>;
}

export interface TrackStatus extends Track {
  /** The template last written is what all wanted pods run, they are ready, and no older pod is left (KC 7). */
  readonly settled: boolean;
  /** What it waits for, for people: `3 of 6 pods ready; web-abc: readiness GET /api/health answered 503`. */
  readonly waitingFor?: string | undefined;
  readonly doomed?: ErrorInfo | undefined;
}

/** `set` is idempotent and resolves with the weight read back; where granularity is `replicas` the engine scales and `set` only reads back. */
export interface TrafficRouter {
  describe(context: PortContext): Promise<RouterInfo>;
  /** Realised percent of requests to the candidate, as the backend holds it now. */
  get(context: PortContext): Promise<number>;
  set(context: WriteContext, weight: number): Promise<number>;
}

/** `hold` raises the floor to the live count, `release` restores what `hold` returned, on every way out (RR CR-7). */
export interface Autoscaler {
  read(context: PortContext): Promise<{ readonly min: number; readonly max: number } | undefined>;
  hold(context: WriteContext): Promise<unknown>;
  release(context: WriteContext, held: unknown): Promise<void>;
}

export interface Actions {
  restart(context: WriteContext): Promise<void>;
  evict(context: WriteContext, pod: string): Promise<void>;
  scale(context: WriteContext, replicas: number): Promise<void>;
}

/** Evidence, read only; the cause is core's to find. */
export interface Diagnosis {
  read(context: PortContext): AsyncIterable<{ readonly source: string; readonly object: string; readonly data: unknown }>;
}
