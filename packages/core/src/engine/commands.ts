import type { Actor } from '../words/app.js';

interface Asked<K extends string> {
  readonly kind: K;
  readonly rolloutId: string;
  readonly by: Actor;
  readonly reason?: string | undefined;
}

/** What a person or another process asks of the driver; stored in the mailbox as JSON. */
export type StoredCommand =
  | Asked<'abort'>
  | Asked<'resume'>
  | Asked<'promote'>
  | Asked<'approve'>
  | Asked<'reject'>
  | (Asked<'pause'> & { readonly timeoutMs: number; readonly onTimeout: 'continue' | 'rollback' });

/** Why a rollout is not let go on. `lock-lost` and `detach`: this process must not write any more. */
export type Interruption =
  | { readonly kind: 'abort'; readonly by: Actor; readonly reason: string }
  | { readonly kind: 'deadline' }
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
