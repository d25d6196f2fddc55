import { ShepherdError } from '../errors/shepherd-error.js';
import type { RolloutEvent, RolloutEventMap, RolloutEventType } from '../events/event.js';
import type { WriteContext } from '../ports/context.js';
import type { Journal, Saved } from '../ports/journal.js';
import type { AppRecord, PastRollout, RolloutRecord } from './record.js';

/** An event without what the keeper adds. */
export type EventBody = { [K in RolloutEventType]: { readonly type: K } & RolloutEventMap[K] }[RolloutEventType];

export interface KeeperOptions {
  readonly journal: Journal;
  readonly context: () => WriteContext;
  /** Names this process among writers. */
  readonly writer: string;
  readonly publish: (event: RolloutEvent) => void;
  readonly past: readonly PastRollout[];
}

/**
 * The one place that writes a rollout's record. A change is stored first and its events are published after (law 2), in the order in which the changes
 * were asked for.
 */
export class Keeper {
  #record: RolloutRecord;
  #saved: Saved | undefined;
  #count = 0;
  #last: Promise<unknown> = Promise.resolve();
  readonly #options: KeeperOptions;

  constructor(record: RolloutRecord, saved: Saved | undefined, options: KeeperOptions) {
    this.#record = record;
    this.#saved = saved;
    this.#options = options;
  }

  get record(): RolloutRecord {
    return this.#record;
  }

  /** Stores a change with its events, then publishes them. @throws ShepherdError ERR_LOCK_LOST if another process wrote meanwhile */
  commit(change: Partial<RolloutRecord>, bodies: readonly EventBody[] = []): Promise<void> {
    const run = async (): Promise<void> => {
      const events = bodies.map((body, index) => this.#event(body, this.#record.events.length + index + 1, false));
      const next: RolloutRecord = { ...this.#record, ...change, events: [...this.#record.events, ...events] };
      await this.#store(next);
      this.#record = next;
      events.forEach(this.#options.publish);
    };
    this.#last = this.#last.then(run, run);
    return this.#last as Promise<void>;
  }

  /** Live only: not stored, repeats the last number. */
  transient(body: EventBody): void {
    this.#options.publish(this.#event(body, this.#record.events.length, true));
  }

  #event(body: EventBody, sequence: number, transient: boolean): RolloutEvent {
    const { clock } = this.#options.context();
    return { ...body, rolloutId: this.#record.id, app: this.#record.apps[0], sequence, transient, at: clock.now().toISOString() } as RolloutEvent;
  }

  async #store(current: RolloutRecord): Promise<void> {
    const { journal, context, writer, past } = this.#options;
    this.#count += 1;
    const record: AppRecord = { schema: 1, write: { by: writer, count: this.#count }, current, past };
    try {
      this.#saved = await journal.save(context(), record, this.#saved?.version);
    } catch (error) {
      if (!ShepherdError.is(error, 'ERR_CONFLICT')) throw error;
      // Perhaps our own write whose answer was lost (RR PT-6); anybody else's means that we are not the driver any more.
      const stored = await journal.load(context());
      const { write } = (stored?.record ?? {}) as Partial<AppRecord>;
      if (stored === undefined || write?.by !== writer || write.count !== this.#count) {
        throw new ShepherdError('ERR_LOCK_LOST', `another process wrote the journal of ${current.id}`, {
          facts: { rolloutId: current.id, holder: write?.by ?? 'unknown' },
          remedy: `see who drives it: shepherd status ${current.apps[0].name}`,
          cause: error,
        });
      }
      this.#saved = stored;
    }
  }
}
