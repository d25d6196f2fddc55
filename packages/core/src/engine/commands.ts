import type { Actor } from '../words/app.js';

interface Asked<K extends string> {
  readonly kind: K;
  readonly rolloutId: string;
  /** Tells a command that was delivered twice from two. */
  readonly id?: string | undefined;
  readonly by: Actor;
  readonly reason?: string | undefined;
}

/** What a person or another process asks of the driver; stored in the mailbox as JSON. */
export type StoredCommand =
  /** `supersededBy`: the rollout that takes this one's place. One that promotes already is not taken back for it, it ends first (RR SM-7). */
  | (Asked<'abort'> & { readonly supersededBy?: string | undefined })
  | Asked<'resume'>
  | Asked<'promote'>
  | Asked<'approve'>
  | Asked<'reject'>
  | (Asked<'pause'> & { readonly timeoutMs: number; readonly onTimeout: 'continue' | 'rollback' });

/**
 * Why a rollout is not let go on. `hold`: it stays where it stands until somebody resumes it, and this process leaves; one that goes back goes back to the end.
 * `lock-lost` and `detach`: this process must not write any more.
 */
export type Interruption =
  | { readonly kind: 'abort'; readonly by: Actor; readonly reason: string; readonly supersededBy?: string | undefined }
  | { readonly kind: 'deadline' }
  | { readonly kind: 'hold'; readonly by: Actor; readonly reason: string }
  | { readonly kind: 'lock-lost' }
  | { readonly kind: 'detach' };

export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor(readonly interruption: Interruption) {
    super(interruption.kind);
  }
}

/** The interruption behind whatever an aborted call threw. */
export const interruptionOf = (signal: AbortSignal): Interruption | undefined =>
  signal.aborted && signal.reason instanceof Interrupted ? signal.reason.interruption : undefined;
