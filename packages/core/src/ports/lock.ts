import type { PortContext } from './context.js';

/** Who may write to an app: a process, and the rollout that it drives. */
export interface LockHolder {
  readonly heldBy: string;
  readonly rolloutId: string;
  /** ISO 8601 UTC. */
  readonly since: string;
}

/** A lock that is held. `fence` grows with each holder. */
export interface Lease {
  readonly fence: number;
  /** `monotonicMs` right before the write that gave it: the lease runs from here. @default when the lock was asked for */
  readonly takenMs?: number | undefined;
  /** False: somebody else has it, stop writing at once. */
  renew(): Promise<boolean>;
  /** Gives it back, so that the next holder need not wait. A later holder keeps it. */
  release(): Promise<void>;
}

/** One writer an app. */
export interface Lock {
  /** The lease, or who has it. `holder` names this process for people. */
  acquire(context: PortContext & { readonly rolloutId: string }, holder: string): Promise<Lease | LockHolder>;
  /** Who has it; undefined: nobody. Takes nothing. */
  read(context: PortContext): Promise<LockHolder | undefined>;
  /** Only with the exact id that holds it. @throws ShepherdError ERR_LOCK_HELD */
  break(context: PortContext, rolloutId: string): Promise<void>;
  /** Length of a lease: who renewed it this long ago or longer is taken for dead. @default 15000 */
  readonly leaseMs?: number | undefined;
}
