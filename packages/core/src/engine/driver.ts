import type { Registry } from '../extend/registry.js';
import { holdingIncident } from '../incidents/holding.js';
import { changeOf, type Watchers } from '../observers/watchers.js';
import type { Clock } from '../ports/clock.js';
import type { PortContext, WriteContext } from '../ports/context.js';
import type { MetricsProvider } from '../ports/metrics-provider.js';
import type { Notifier } from '../ports/notifier.js';
import type { Platform } from '../ports/platform.js';
import type { Actor } from '../words/app.js';
import { Interrupted, type Interruption, interruptionOf, type StoredCommand } from './commands.js';
import type { HeldLease } from './held-lease.js';
import { Inbox } from './inbox.js';
import type { Keeper } from './keeper.js';
import { isRollback } from './record.js';
import { unwatchedMs } from './resting.js';

export interface DriverOptions {
  readonly keeper: Keeper;
  readonly platform: Platform<unknown>;
  readonly metrics: MetricsProvider | undefined;
  readonly lease: HeldLease;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly actor: Actor;
  readonly watchers: Watchers;
  /** Who is told of incidents. */
  readonly notifiers: readonly Notifier[];
  readonly whenPaused: 'wait' | 'leave';
}

const mailboxMs = 2_000;
/** How long a write that is under way may take to its end when this process leaves: less than whoever closes waits. */
const finishMs = 5_000;

/** What one process has in hand while it drives a rollout: lease, deadline, commands, and the signals that follow from them. */
export class Driver {
  readonly keeper: Keeper;
  readonly platform: Platform<unknown>;
  readonly metrics: MetricsProvider | undefined;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly actor: Actor;
  readonly whenPaused: 'wait' | 'leave';
  readonly watchers: Watchers;
  readonly notifiers: readonly Notifier[];
  readonly inbox: Inbox;
  readonly #lease: HeldLease;
  /** Stops going forward: abort, deadline. */
  readonly #forward = new AbortController();
  /** Stops everything: the lock is lost, this process leaves. */
  readonly #always = new AbortController();
  /** Cut writes that are under way: of forward steps, and all. */
  readonly #cutForward = new AbortController();
  readonly #cut = new AbortController();
  readonly #eitherCut = AbortSignal.any([this.#cutForward.signal, this.#cut.signal]);
  /** Both as one; made once, since each call of a port takes it. */
  readonly #either = AbortSignal.any([this.#forward.signal, this.#always.signal]);
  readonly #done = new AbortController();
  readonly #tasks: Promise<void>[];
  readonly #alongside: Promise<unknown>[] = [];
  /** Commands that were obeyed, here or by a driver before. */
  readonly #seen = new Set<string>();

  constructor(options: DriverOptions) {
    this.keeper = options.keeper;
    this.platform = options.platform;
    this.metrics = options.metrics;
    this.clock = options.clock;
    this.registry = options.registry;
    this.actor = options.actor;
    this.whenPaused = options.whenPaused;
    this.watchers = options.watchers;
    this.notifiers = options.notifiers;
    this.#lease = options.lease;
    const { record } = options.keeper;
    this.inbox = new Inbox(
      ({ by, reason = 'asked for', supersededBy }) => {
        // Stable is being written: the shortest way to one version is onwards.
        if (supersededBy !== undefined && this.#isPromoting) return;
        this.interrupt({ kind: 'abort', by, reason, supersededBy });
      },
      () => {
        const { waiting } = options.keeper.record;
        // A gate is no person: what is said while it holds answers nothing, now or later.
        return waiting !== undefined && waiting.on !== 'gate';
      },
    );
    for (const event of record.events) if (event.type === 'command') this.#seen.add(event.id);
    this.#lease.lost.addEventListener('abort', this.#lockLost, { once: true });
    if (!this.#lease.valid) this.#lockLost();
    for (const command of record.asked ?? []) this.inbox.deliverAgain(command);
    this.#tasks = [this.#watchDeadline(), this.#readMailbox(), this.#stayWatched()];
  }

  /** For steps: forward ones stop for an abort or the deadline too, those going back do not. */
  get signal(): AbortSignal {
    return this.keeper.record.phase === 'forward' ? this.#either : this.#always.signal;
  }

  get interruption(): Interruption | undefined {
    return interruptionOf(this.#always.signal) ?? (this.keeper.record.phase === 'forward' ? interruptionOf(this.#forward.signal) : undefined);
  }

  /** For one write of a step, which is not begun where the rollout was interrupted, and brought to its end where this process leaves meanwhile (RR CR-5). */
  get writing(): AbortSignal {
    this.signal.throwIfAborted();
    return this.keeper.record.phase === 'forward' ? this.#eitherCut : this.#cut.signal;
  }

  interrupt(interruption: Interruption): void {
    const reason = new Interrupted(interruption);
    const { kind } = interruption;
    const forward = kind === 'abort' || kind === 'deadline' || kind === 'hold';
    (forward ? this.#forward : this.#always).abort(reason);
    const cut = forward ? this.#cutForward : this.#cut;
    if (kind !== 'hold' && kind !== 'detach') return cut.abort(reason);
    const late = (): void => cut.abort(reason);
    void this.clock.sleep(finishMs, this.#done.signal).then(late, () => undefined);
  }

  /** Obeys a command, once however often it comes, and stores that it was asked, by whom and why. */
  command(command: StoredCommand): void {
    const { id = crypto.randomUUID() } = command;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    // Who lost the lock meanwhile finds that out with the next change too.
    this.keeper.hear({ ...command, id }).catch(() => undefined);
    this.inbox.deliver(command);
  }

  get read(): PortContext {
    const { id, apps } = this.keeper.record;
    const trace = this.watchers.childEnv(id);
    return { app: apps[0], rolloutId: id, signal: this.signal, clock: this.clock, ...(trace === undefined ? {} : { trace }) };
  }

  get write(): WriteContext {
    // Whoever slept too long finds out before the next write, not after it.
    if (!this.#lease.valid) this.#lockLost();
    const { record } = this.keeper;
    return { ...this.read, rolloutId: record.id, fence: this.#lease.fence, note: changeOf(record) };
  }

  get #isPromoting(): boolean {
    const { plan, phase, step } = this.keeper.record;
    return phase === 'forward' && plan.steps.some((each, index) => each.step.kind === 'promote' && index <= step);
  }

  /** For the journal and what else must be written whatever was decided about the rollout. */
  get lasting(): WriteContext {
    return { ...this.write, signal: this.#cut.signal };
  }

  /** Ends the background work and frees the lock, unless it is somebody else's by now, or is kept for what comes next. */
  async close({ keepLock = false }: { readonly keepLock?: boolean } = {}): Promise<void> {
    this.#done.abort();
    this.#lease.lost.removeEventListener('abort', this.#lockLost);
    await Promise.all(this.#tasks);
    if (!keepLock) await this.#lease.release();
    await Promise.all(this.#alongside);
  }

  /** Work that nothing of the rollout waits for, and the process does before it leaves; bounded by whoever gives it. What it throws is nobody's business. */
  alongside(work: Promise<unknown>): void {
    this.#alongside.push(work.catch(() => undefined));
  }

  readonly #lockLost = (): void => this.interrupt({ kind: 'lock-lost' });

  async #every(ms: () => number, work: () => Promise<boolean>): Promise<void> {
    while (!this.#done.signal.aborted) {
      const slept = await this.clock.sleep(ms(), this.#done.signal).then(
        () => true,
        () => false,
      );
      if (!slept || !(await work())) return;
    }
  }

  #watchDeadline(): Promise<void> {
    const left = (): number => Date.parse(this.keeper.record.deadline) - this.clock.now().getTime();
    return this.#every(
      () => Math.max(1_000, left()),
      async () => {
        // Waits for people have deadlines of their own and move this one on when they end.
        if (left() > 0 || this.keeper.record.waiting !== undefined) return true;
        // What nobody may take back but a person goes on; each step has a time of its own.
        if (this.keeper.record.irreversible === true) return false;
        // Nothing goes back by itself while an incident holds; a store that does not answer now is asked again.
        if (await this.#isHeld()) return true;
        this.interrupt({ kind: 'deadline' });
        return false;
      },
    );
  }

  async #isHeld(): Promise<boolean> {
    const { record } = this.keeper;
    if (isRollback(record) || record.reached < 0) return false;
    const found = await Promise.all(
      record.apps.map((app) => holdingIncident(this.platform, { ...this.read, app, signal: this.#done.signal }).catch(() => undefined)),
    );
    return found.some((each) => each !== undefined);
  }

  /** Moves the deadline on by which somebody must drive, as long as this process does (RR CR-4). */
  #stayWatched(): Promise<void> {
    const third = unwatchedMs(this.keeper.record) / 3;
    return this.#every(
      () => third,
      async () => {
        const { unwatchedDeadline } = this.keeper.record;
        const left = Date.parse(unwatchedDeadline ?? '') - this.clock.now().getTime();
        // What cannot be stored now is stored with the next change; a lost lock shows there too.
        if (left < third * 2.5) await this.keeper.note().catch(() => undefined);
        return true;
      },
    );
  }

  async #readMailbox(): Promise<void> {
    const { journal } = this.platform;
    let given: readonly StoredCommand[] = [];
    /** Taking again removes what was given: so first the record holds it. A mailbox or journal that does not answer holds nothing up, the next look does it. */
    const look = async (context: WriteContext): Promise<void> => {
      await Promise.all(given.map((command) => (command.id === undefined ? undefined : this.keeper.hear({ ...command, id: command.id }))));
      const letters = (await journal.take(context)) as readonly StoredCommand[];
      given = letters.filter(({ rolloutId }) => rolloutId === this.keeper.record.id);
      for (const command of given) this.command(command);
    };
    // What was posted while nobody drove is heard before much is done.
    let waitMs = 0;
    await this.#every(
      () => waitMs,
      async () => {
        waitMs = mailboxMs;
        await look({ ...this.write, signal: this.#done.signal }).catch(() => undefined);
        return true;
      },
    );
    if (given.length > 0 && this.#lease.valid) await look(this.lasting).catch(() => undefined);
  }
}
