/**
 * A version as the platform holds it, named by hash, never by number, because a platform renumbers (RR RB-4). Who wrote it (`owner`: `kubernetes`, `helm`)
 * restores it (RR G6).
 */
export interface Revision {
  readonly hash: string;
  /** Shared by those that differ by a restart alone. @default hash */
  readonly release?: string | undefined;
  readonly owner: string;
  /** What the owner calls it, where that is a number: people read it, and `#5` names it in a rollback. */
  readonly number?: number | undefined;
  readonly images: readonly string[];
  /** When it was made, ISO 8601 UTC. */
  readonly at: string;
  /** A rollout of Shepherd verified it, or it served before Shepherd came. */
  readonly verified: boolean;
  /** Why it was taken back once; such a revision is no target of a rollback. */
  readonly bad?: string | undefined;
  /** Who had it released or brought back last, and why; as far as Shepherd did it. */
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
  /** Chart and version, where helm owns it: `shepherd-1.2.0`. */
  readonly chart?: string | undefined;
  /** What it ran with beside its template and what a rollback puts back: `ConfigMap web-config`, named by a hash of its content. */
  readonly config?: readonly { readonly object: string; readonly hash: string }[] | undefined;
}

/** The version that served before the rollout, and the new one. */
export type TrackName = 'stable' | 'candidate';
