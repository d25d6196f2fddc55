import type { TrackName } from '../words/revision.js';
import type { PortContext } from './context.js';
import type { EvidenceAsked, PlatformEvidence } from './evidence.js';

/** A close look at an app, read only. */
export interface Diagnosis {
  /** The pods of every track now, and again after each change, those of one track together. Ends quietly when the signal aborts. */
  pods(context: PortContext): AsyncIterable<readonly PodState[]>;
  /** What the platform noted about the app's objects at or after `since` (ISO 8601 UTC), oldest first; routine is left out. */
  notes(context: PortContext, since: string | undefined): Promise<readonly PlatformNote[]>;
  /**
   * All that tells why an app is not well, read at one time and as it comes; the cause is core's to find. Changes nothing. What cannot be read is told as
   * `unread` and keeps nothing else away. Ends by itself within ten seconds; whoever stops reading ends it sooner.
   */
  read(context: PortContext, asked: EvidenceAsked): AsyncIterable<PlatformEvidence>;
  /** The last lines of each running container of the app. What may not be read is told, and keeps nothing else away. */
  logs?(context: PortContext, options: { readonly lines: number }): Promise<readonly PodLog[]>;
  /** How many nodes there are and how many are ready; undefined where they may not be read. */
  nodes?(context: PortContext): Promise<{ readonly ready: number; readonly of: number } | undefined>;
}

/** The last lines of one container, without what looks like a credential. `unread`: why there are none. */
export interface PodLog {
  readonly pod: string;
  readonly container: string;
  readonly lines: readonly string[];
  readonly unread?: string | undefined;
}

/** One pod as people know it. */
export interface PodState {
  readonly name: string;
  /** The workload it belongs to: of a pair of colours either. */
  readonly workload: string;
  readonly track: TrackName;
  readonly images: readonly string[];
  /** Containers that are ready, and all of them. */
  readonly ready: number;
  readonly containers: number;
  /** In the platform's own word: `Running`, `CrashLoopBackOff`, `Terminating`. */
  readonly state: string;
  readonly restarts: number;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  readonly node?: string | undefined;
}

/** Something that a platform noted by itself about an object (Kubernetes: an Event). */
export interface PlatformNote {
  /** When it was seen last, ISO 8601 UTC. */
  readonly at: string;
  readonly level: 'info' | 'warning';
  /** `Pod web-5d9c-x2x4z`. */
  readonly object: string;
  readonly reason: string;
  readonly message: string;
  /** How often it was seen. */
  readonly count: number;
}
