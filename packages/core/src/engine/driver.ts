import type { Registry } from '../extend/registry.js';
import type { Clock } from '../ports/clock.js';
import type { PortContext, WriteContext } from '../ports/context.js';
import type { Lease } from '../ports/lock.js';
import type { Platform } from '../ports/platform.js';
import type { Actor } from '../words/app.js';
import { Interrupted, type Interruption, interruptionOf, type StoredCommand } from './commands.js';
import { Inbox } from './inbox.js';
import type { Keeper } from './keeper.js';

export interface DriverOptions {
  readonly keeper: Keeper;
  readonly platform: Platform<unknown>;
  readonly lease: Lease;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly actor: Actor;
  readonly whenPaused: 'wait' | 'leave';
}

const mailboxMs = 2_000;

/** What one process has in hand while it drives a rollout: lease, deadline, commands, and the signals that follow from them. */
export class Driver {
  readonly keeper: Keeper;
  readonly platform: Platform<unknown>;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly actor: Actor;
  readonly whenPaused: 'wait' | 'leave';
  readonly inbox: Inbox;
  readonly #lease: Lease;
  /** Stops going forward: abort, deadline. */
  readonly #forward = new AbortController();
  /** Stops everything: the lock is lost, this process leaves. */
  readonly #always = new AbortController();
  readonly #done = new AbortController();
  readonly #tasks: Promise<void>[];

  constructor(options: DriverOptions) {
    this.keeper = options.keeper;
    this.platform = options.platform;
    this.clock = options.clock;
    this.registry = options.registry;
    this.actor = options.actor;
    this.whenPaused = options.whenPaused;
    this.#lease = options.lease;
    this.inbox = new Inbox((command) => this.interrupt({ kind: 'abort', by: command.by, reason: command.reason ?? 'asked for' }));
    this.#tasks = [this.#keepLease(options.leaseMs), this.#watchDeadline(), this.#readMailbox()];
  }

  /** For steps: forward ones stop for an abort or the deadline too, those going back do not. */
  get signal(): AbortSignal {
    return this.keeper.record.phase === 'forward' ? AbortSignal.any([this.#forward.signal, this.#always.signal]) : this.#always.signal;
  }

  get interruption(): Interruption | undefined {
    return interruptionOf(this.#always.signal) ?? (this.keeper.record.phase === 'forward' ? interruptionOf(this.#forward.signal) : undefined);
  }

  interrupt(interruption: Interruption): void {
    const forward = interruption.kind === 'abort' || interruption.kind === 'deadline';
    (forward ? this.#forward : this.#always).abort(new Interrupted(interruption));
  }

  command(command: StoredCommand): void {
    this.inbox.deliver(command);
  }

  get read(): PortContext {
    const { id, apps } = this.keeper.record;
    return { app: apps[0], rolloutId: id, signal: this.signal, clock: this.clock };
  }

  get write(): WriteContext {
    return { ...this.read, rolloutId: this.keeper.record.id, fence: this.#lease.fence };
  }

  /** For the journal and what else must be written whatever was decided about the rollout. */
  get lasting(): WriteContext {
    return { ...this.write, signal: this.#always.signal };
  }

  /** Ends the background work and frees the lock, unless it is somebody else's by now, or is kept for what comes next. */
  async close({ keepLock = false }: { readonly keepLock?: boolean } = {}): Promise<void> {
    const lost = interruptionOf(this.#always.signal)?.kind === 'lock-lost';
    this.#done.abort();
    await Promise.all(this.#tasks);
    if (!lost && !keepLock) await this.#lease.release().catch(() => undefined);
  }

  async #every(ms: () => number, work: () => Promise<boolean>): Promise<void> {
    while (!this.#done.signal.aborted) {
      const slept = await this.clock.sleep(ms(), this.#done.signal).then(
        () => true,
        () => false,
      );
      if (!slept || !(await work())) return;
    }
  }

  /** Renews well before the lease ends; what cannot be renewed for two thirds of it counts as lost (RR LK-2). */
  #keepLease(leaseMs: number): Promise<void> {
    let renewedAt = this.clock.monotonicMs();
    return this.#every(
      () => leaseMs / 7.5,
      async () => {
        const asked = this.clock.monotonicMs();
        const held = await this.#lease.renew().catch(() => undefined);
        if (held === true) renewedAt = asked;
        const late = this.clock.monotonicMs() - renewedAt > (leaseMs * 2) / 3;
        if (held === false || late) this.interrupt({ kind: 'lock-lost' });
        return held !== false && !late;
      },
    );
  }

  #watchDeadline(): Promise<void> {
    const left = (): number => Date.parse(this.keeper.record.deadline) - this.clock.now().getTime();
    return this.#every(
      () => Math.max(1_000, left()),
      async () => {
        // Waits for people have deadlines of their own and move this one on when they end.
        if (left() > 0 || this.keeper.record.waiting !== undefined) return true;
        this.interrupt({ kind: 'deadline' });
        return false;
      },
    );
  }

  #readMailbox(): Promise<void> {
    return this.#every(
      () => mailboxMs,
      async () => {
        // A mailbox that cannot be read holds nothing up; the next read gets what is in it.
        const commands = (await this.platform.journal.take({ ...this.write, signal: this.#done.signal }).catch(() => [])) as readonly StoredCommand[];
        for (const command of commands) if (command.rolloutId === this.keeper.record.id) this.inbox.deliver(command);
        return true;
      },
    );
  }
}
