import type { Clock } from '../ports/clock.js';
import type { Lease } from '../ports/lock.js';

export interface HeldLeaseOptions {
  readonly clock: Clock;
  readonly leaseMs: number;
  /** `monotonicMs` from before the lock was asked for; the lease itself may know better. */
  readonly askedMs: number;
  /** How long it was waited for until then. @default 0 */
  readonly waitedMs?: number | undefined;
}

/** Of the length of a lease, as RR LK-2: renewed every 2 s of 15, given up 10 s after the last renewal that is known to have worked. */
const renewEvery = 1 / 7.5;
const giveUpAfter = 2 / 3;

/**
 * A lease that renews itself from the moment it was given. It counts as lost by our own monotonic clock well before anybody else may take it, so that two
 * processes never both take themselves for the holder.
 */
export class HeldLease {
  readonly fence: number;
  readonly waitedMs: number;
  readonly #lease: Lease;
  readonly #options: HeldLeaseOptions;
  readonly #lost = new AbortController();
  readonly #done = new AbortController();
  readonly #over = AbortSignal.any([this.#done.signal, this.#lost.signal]);
  readonly #guard: Promise<void>;
  #renewedMs: number;

  constructor(lease: Lease, options: HeldLeaseOptions) {
    this.fence = lease.fence;
    this.waitedMs = options.waitedMs ?? 0;
    this.#lease = lease;
    this.#options = options;
    this.#renewedMs = lease.takenMs ?? options.askedMs;
    this.#guard = this.#giveUp();
    void this.#renew();
  }

  /** Aborts when the lock is somebody else's, or may be. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Whether we may write now; a process that was stopped for a while finds out here before its timers run. */
  get valid(): boolean {
    if (this.#leftMs <= 0) this.#lose();
    return !this.#lost.signal.aborted;
  }

  /** Stops renewing and frees the lock, unless it is lost. */
  async release(): Promise<void> {
    const { valid } = this;
    this.#done.abort();
    await this.#guard;
    if (valid) await this.#lease.release().catch(() => undefined);
  }

  get #leftMs(): number {
    const { clock, leaseMs } = this.#options;
    return this.#renewedMs + leaseMs * giveUpAfter - clock.monotonicMs();
  }

  #lose(): void {
    if (!this.#done.signal.aborted) this.#lost.abort();
  }

  async #giveUp(): Promise<void> {
    while (this.valid && (await this.#slept(this.#leftMs)));
  }

  async #renew(): Promise<void> {
    const { clock, leaseMs } = this.#options;
    while (await this.#slept(leaseMs * renewEvery)) {
      const askedMs = clock.monotonicMs();
      const held = await this.#lease.renew().catch(() => undefined);
      if (held === false) this.#lose();
      if (!this.valid) return;
      if (held === true) this.#renewedMs = askedMs;
    }
  }

  /** False once the lease is over. */
  #slept(ms: number): Promise<boolean> {
    return this.#options.clock.sleep(ms, this.#over).then(
      () => true,
      () => false,
    );
  }
}
