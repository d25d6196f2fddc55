import { ShepherdError } from '../errors/shepherd-error.js';
import type { RolloutEvent, RolloutEventMap, RolloutEventType } from '../events/event.js';
import { compact, defaultMaxBytes } from '../journal/compact.js';
import { encode, lastSequence } from '../journal/stored.js';
import { collect } from '../notices/collect.js';
import type { Book } from '../notices/courier.js';
import { emptyOutbox, type Outbox } from '../notices/outbox.js';
import type { WriteContext } from '../ports/context.js';
import type { Journal, Saved } from '../ports/journal.js';
import type { Notifier } from '../ports/notifier.js';
import { withoutSecrets } from '../words/secrets.js';
import { stillAsked, withAsked } from './asked.js';
import type { StoredCommand } from './commands.js';
import type { AppRecord, PastRollout, RolloutRecord } from './record.js';
import { unwatchedDeadline } from './resting.js';

/** An event without what the keeper adds. */
export type EventBody = { [K in RolloutEventType]: { readonly type: K } & RolloutEventMap[K] }[RolloutEventType];

export interface KeeperOptions {
  readonly journal: Journal;
  readonly context: () => WriteContext;
  /** Names this process among writers. */
  readonly writer: string;
  readonly publish: (event: RolloutEvent) => void;
  readonly past: readonly PastRollout[];
  /** Notices that are under way since before. */
  readonly outbox?: Outbox | undefined;
  /** Who gets notices of what happens from here on. */
  readonly notifiers?: readonly Notifier[] | undefined;
}

/**
 * The one place that writes a rollout's record. A change is stored first and its events are published after (law 2), in the order in which the changes
 * were asked for.
 */
export class Keeper {
  #record: RolloutRecord;
  #saved: Saved | undefined;
  #past: readonly PastRollout[];
  #count = 0;
  /** A write of ours whose answer was lost, and that may be stored. */
  #unanswered: number | undefined;
  #outbox: Outbox;
  /** Changes of the outbox, and how many of them are stored. */
  #marks = 0;
  #storedMarks = 0;
  #context: (() => WriteContext) | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #options: KeeperOptions;
  /** Called when the outbox has something new. */
  onNotices: () => void = () => undefined;

  constructor(record: RolloutRecord, saved: Saved | undefined, options: KeeperOptions) {
    this.#record = record;
    this.#saved = saved;
    this.#past = options.past;
    this.#options = options;
    this.#outbox = options.outbox ?? emptyOutbox;
    this.#context = options.context;
  }

  get record(): RolloutRecord {
    return this.#record;
  }

  /**
   * Stores a change with its events, then publishes them. Each says anew by when somebody must drive the rollout if nobody does from here on.
   * @throws ShepherdError ERR_LOCK_LOST if another process wrote meanwhile
   */
  commit(change: Partial<RolloutRecord>, bodies: readonly EventBody[] = []): Promise<void> {
    return this.#queue(() => change, bodies);
  }

  /** The same for what is no part of the rollout's course: nothing once that has ended. */
  note(bodies: readonly EventBody[] = []): Promise<void> {
    return this.#queue(
      () => ({}),
      bodies,
      () => this.#record.phase !== 'ended',
    );
  }

  /** A command, stored with its event until it has had its effect; one that is known by its id, or comes after the end, changes nothing. */
  hear(command: StoredCommand & { readonly id: string }): Promise<void> {
    const { id, kind, by, reason } = command;
    const known = (): boolean => this.#record.events.some((event) => event.type === 'command' && event.id === id);
    const said: EventBody = { type: 'command', id, command: kind, by, ...(reason === undefined ? {} : { reason }) };
    const change = (): Partial<RolloutRecord> => ({ asked: withAsked(this.#record.asked ?? [], command, this.#record) });
    return this.#queue(change, [said], () => this.#record.phase !== 'ended' && !known());
  }

  #queue(changeOf: () => Partial<RolloutRecord>, bodies: readonly EventBody[], wanted: () => boolean = () => true): Promise<void> {
    const run = async (): Promise<void> => {
      if (!wanted()) return;
      const change = changeOf();
      const events = bodies.map((body, index) => this.#event(body, lastSequence(this.#record) + index + 1, false));
      const after: RolloutRecord = { ...this.#record, ...withoutSecrets(change), events: [...this.#record.events, ...events] };
      const asked = stillAsked(after.asked ?? [], after);
      const changed: RolloutRecord = { ...after, asked: asked.length === 0 ? undefined : asked };
      const now = this.#options.context().clock.now();
      const next = { ...changed, unwatchedDeadline: unwatchedDeadline(changed, now) };
      const notifiers = this.#options.notifiers ?? [];
      this.#record = await this.#store(next, this.#options.context(), (outbox) => collect(outbox, next, events, notifiers));
      events.forEach(this.#options.publish);
      if (events.length > 0) this.onNotices();
    };
    this.#last = this.#last.then(run, run);
    return this.#last as Promise<void>;
  }

  /** The outbox, for whoever delivers it. */
  get book(): Book {
    return {
      outbox: () => this.#outbox,
      mark: (change) => {
        this.#outbox = change(this.#outbox);
        this.#marks += 1;
      },
      store: () => this.#storeOutbox(),
    };
  }

  /** The lock is free again: from here on only the outbox is stored, in this context; without one, nothing. */
  afterwards(context: (() => WriteContext) | undefined): void {
    this.#context = context;
  }

  #storeOutbox(): Promise<void> {
    const run = async (): Promise<void> => {
      if (this.#marks === this.#storedMarks || this.#context === undefined) return;
      this.#record = await this.#store(this.#record, this.#context());
    };
    this.#last = this.#last.then(run, run);
    return this.#last as Promise<void>;
  }

  /** Live only: not stored, repeats the last number. */
  transient(body: EventBody): void {
    this.#options.publish(this.#event(body, lastSequence(this.#record), true));
  }

  #event(body: EventBody, sequence: number, transient: boolean): RolloutEvent {
    const { clock } = this.#options.context();
    return {
      ...withoutSecrets(body),
      rolloutId: this.#record.id,
      app: this.#record.apps[0],
      sequence,
      transient,
      at: clock.now().toISOString(),
    } as RolloutEvent;
  }

  /** `grow`: what the outbox gets by this write, once it is stored. @returns the record as it is stored: what had to make room is gone. */
  async #store(current: RolloutRecord, context: WriteContext, grow: (outbox: Outbox) => Outbox = (same) => same): Promise<RolloutRecord> {
    const { journal, writer } = this.#options;
    const marks = this.#marks;
    this.#count += 1;
    const outbox = grow(this.#outbox);
    const record = compact({ write: { by: writer, count: this.#count }, current, past: this.#past, outbox }, journal.maxBytes ?? defaultMaxBytes);
    this.#past = record.past;
    await this.#save(record, context);
    this.#unanswered = undefined;
    this.#storedMarks = marks;
    // What arrived while it was stored counts too.
    this.#outbox = grow(this.#outbox);
    return record.current;
  }

  async #save(record: AppRecord, context: WriteContext): Promise<void> {
    const { journal, writer } = this.#options;
    const { current } = record;
    try {
      this.#saved = await journal.save(context, encode(record), this.#saved?.version);
    } catch (error) {
      const conflict = ShepherdError.is(error, 'ERR_CONFLICT');
      const unclear = !conflict && ShepherdError.is(error) && error.retryable;
      if (!conflict && !unclear) throw error;
      // Perhaps our own write whose answer was lost (RR PT-6): then it is a write. Anybody else's means that we are not the driver any more.
      const stored = await journal.load(context).catch((again: unknown) => {
        if (unclear) this.#unanswered = record.write.count;
        throw conflict ? again : error;
      });
      const { write } = (stored?.record ?? {}) as Partial<AppRecord>;
      const ours = stored !== undefined && write?.by === writer;
      if (ours && write.count === record.write.count) {
        this.#saved = stored;
        return;
      }
      if (!conflict) {
        this.#unanswered = record.write.count;
        throw error;
      }
      if (ours && write.count === this.#unanswered) {
        // The one before it, which nobody answered: this one follows it.
        this.#unanswered = undefined;
        this.#saved = stored;
        return this.#save(record, context);
      }
      throw new ShepherdError('ERR_LOCK_LOST', `another process wrote the journal of ${current.id}`, {
        facts: { rolloutId: current.id, holder: write?.by ?? 'unknown' },
        remedy: `see who drives it: shepherd status ${current.apps[0].name}`,
        cause: error,
      });
    }
  }
}
