import { Keeper } from '../engine/keeper.js';
import { readAppRecord } from '../engine/read-record.js';
import type { Engine } from '../engine/start.js';
import type { RolloutEvent } from '../events/event.js';
import type { Clock } from '../ports/clock.js';
import type { PortContext } from '../ports/context.js';
import type { Lease, LockHolder } from '../ports/lock.js';
import type { Notifier } from '../ports/notifier.js';
import { type App, formatApp } from '../words/app.js';
import { Courier } from './courier.js';
import { emptyOutbox, type Post, postFor, reopened } from './outbox.js';
import { undelivered } from './undelivered.js';

/** A notice that nobody got, and why. It stays in the journal, and goes out later. */
export interface Undelivered {
  readonly notifier: string;
  readonly why: string;
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly app: App;
  readonly rolloutId: string;
  readonly attempts: number;
}

/** Marks a lock that is held for a moment only to take over an outbox: a rollout waits for it, whatever it does about others. */
const claimMark = 'notices of ';
export const isClaim = ({ heldBy }: LockHolder): boolean => heldBy.startsWith(claimMark);

/** All that a process delivers, whichever rollout it is from; one courier an app. */
export class PostOffice {
  readonly #clock: Clock;
  readonly #report: (event: RolloutEvent) => void;
  readonly #couriers = new Map<string, Courier>();
  readonly #notifiers = new Set<Notifier>();
  readonly #sent = new Map<string, string | undefined>();
  /** Ends the writes of couriers when the office closes. */
  readonly #closed = new AbortController();

  constructor(clock: Clock, report: (event: RolloutEvent) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /** Delivers what this keeper's outbox holds, and what comes. One that delivered for the app before stops: its outbox is this one's. */
  attend(keeper: Keeper, notifiers: readonly Notifier[]): Courier {
    const [app] = keeper.record.apps;
    const key = formatApp(app);
    this.#couriers.get(key)?.stop();
    for (const notifier of notifiers) this.#notifiers.add(notifier);
    const courier = new Courier({
      notifiers,
      clock: this.#clock,
      sent: this.#sent,
      book: keeper.book,
      trouble: (notifier, message) => this.#trouble(keeper, notifier, message),
    });
    keeper.onNotices = () => courier.notify();
    this.#couriers.set(key, courier);
    return courier;
  }

  /** Of a rollout that this process left or ended: its lock is free, and what is stored from here on is stored only as long as nobody else had it. */
  release(courier: Courier, keeper: Keeper, { journal }: Engine['platform'], fence: number): void {
    const { apps, id } = keeper.record;
    const context = { app: apps[0], rolloutId: id, signal: this.#closed.signal, clock: this.#clock, fence };
    keeper.afterwards(journal.fence === undefined ? undefined : () => context);
    courier.finish();
  }

  /**
   * Begins to deliver what an app's journal holds, if nobody drives the app. `again`: what was refused too; `before`: only what is that old, so that whoever
   * ended the rollout has had its time. Resolves with what is to be done, and with its courier, if it is this process's to do.
   */
  async take(
    { platform, holder, notices }: Engine,
    context: PortContext,
    { again = false, before }: { readonly again?: boolean; readonly before?: Date } = {},
  ): Promise<{ readonly courier: Courier | undefined; readonly waits: readonly Post[] }> {
    const notifiers = notices?.notifiers ?? [];
    const present = this.#couriers.get(formatApp(context.app));
    if (again && present?.state === 'finishing') await present.done;
    const outbox = readAppRecord(await platform.journal.load(context), context.app)?.outbox ?? emptyOutbox;
    const waits = notifiers
      .flatMap(({ name }) => postFor(outbox, name))
      .filter(({ letter, notice }) => (again || letter.state === 'pending') && (before === undefined || Date.parse(notice.at) < before.getTime()));
    const [first] = waits;
    const busy = first === undefined || (present !== undefined && present.state !== 'done');
    const claim = busy ? undefined : await claimed(platform, { ...context, rolloutId: first.rolloutId }, `${claimMark}${holder}`);
    const record = claim === undefined ? undefined : readAppRecord(claim.saved, context.app);
    // Nothing is to be done, or whoever drives the app does it.
    if (claim === undefined || record === undefined) return { courier: undefined, waits };
    const { current, past } = record;
    const keeper = new Keeper(current, claim.saved, {
      journal: platform.journal,
      context: () => ({ ...context, rolloutId: current.id, signal: this.#closed.signal, fence: claim.fence }),
      writer: `${claimMark}${holder} ${crypto.randomUUID()}`,
      publish: () => undefined,
      past,
      outbox: record.outbox,
    });
    if (again) keeper.book.mark(reopened);
    const courier = this.attend(keeper, notifiers);
    this.release(courier, keeper, platform, claim.fence);
    return { courier, waits };
  }

  /** Delivers what an app's journal holds, also what was refused: somebody has seen to the channel. @returns what nobody got, and how many somebody did */
  async flush(engine: Engine, context: PortContext): Promise<{ readonly left: readonly Undelivered[]; readonly delivered: number }> {
    const { courier, waits } = await this.take(engine, context, { again: true });
    const stop = (): void => courier?.stop();
    context.signal.addEventListener('abort', stop, { once: true });
    if (context.signal.aborted) stop();
    await courier?.done;
    context.signal.removeEventListener('abort', stop);
    const left = courier?.left ?? waits;
    return {
      left: left.map(undelivered),
      delivered: courier === undefined ? 0 : waits.filter(({ notice }) => left.every((post) => post.notice.id !== notice.id)).length,
    };
  }

  /** Waits until everything was tried, or until the time is over. */
  async close(over: AbortSignal): Promise<readonly Undelivered[]> {
    const couriers = [...this.#couriers.values()];
    for (const courier of couriers) courier.finish();
    const stop = (): void => couriers.forEach((courier) => courier.stop());
    if (over.aborted) stop();
    else over.addEventListener('abort', stop, { once: true });
    await Promise.all(couriers.map(({ done }) => done));
    over.removeEventListener('abort', stop);
    this.#closed.abort();
    await Promise.all([...this.#notifiers].map((notifier) => Promise.resolve(notifier[Symbol.asyncDispose]?.()).catch(() => undefined)));
    return couriers.flatMap(({ left }) => left.map(undelivered));
  }

  #trouble(keeper: Keeper, notifier: string, message: string): void {
    const body = { type: 'listener-error', listener: `notifier ${notifier}`, message } as const;
    if (keeper.record.phase !== 'ended') return keeper.transient(body);
    const { id, apps, events } = keeper.record;
    const sequence = events.at(-1)?.sequence ?? 0;
    this.#report({ ...body, rolloutId: id, app: apps[0], sequence, transient: true, at: this.#clock.now().toISOString() });
  }
}

/** The outbox is ours: from here on nobody that held the lock before stores anything. The lock itself is free again at once. */
async function claimed(platform: Engine['platform'], context: PortContext & { readonly rolloutId: string }, holder: string) {
  const { lock, journal } = platform;
  const answer: Lease | LockHolder = await lock.acquire(context, holder);
  if (!('fence' in answer)) return undefined;
  try {
    await journal.fence?.({ ...context, fence: answer.fence });
    return { saved: await journal.load(context), fence: answer.fence };
  } finally {
    await answer.release();
  }
}
