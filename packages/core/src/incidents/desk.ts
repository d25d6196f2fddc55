import { ShepherdError } from '../errors/shepherd-error.js';
import { Courier } from '../notices/courier.js';
import { type Outbox, type Post, postFor, reopened } from '../notices/outbox.js';
import type { PortContext } from '../ports/context.js';
import type { IncidentStore } from '../ports/incident-store.js';
import type { Notifier } from '../ports/notifier.js';
import { emptyRecord, type IncidentRecord, readIncidentRecord } from './incident-record.js';
import type { Scene } from './transitions.js';

const mostTries = 20;
/** A courier that says nothing for this long is dead; another takes its place. */
const claimMs = 60_000;
const renewMs = 20_000;
const waitMs = 2_000;

/** The incidents of one app, wherever they are kept: changes by compare-and-set, and the notices of them delivered by one process at a time. */
export class IncidentDesk {
  readonly #store: IncidentStore;
  readonly #context: PortContext;
  readonly #notifiers: readonly Notifier[];
  readonly #me = crypto.randomUUID();
  /** Of notices that this process sent, also before they were stored. */
  readonly sent = new Map<string, string | undefined>();

  constructor(store: IncidentStore, context: PortContext, notifiers: readonly Notifier[]) {
    this.#store = store;
    this.#context = context;
    this.#notifiers = notifiers;
  }

  get scene(): Scene {
    const { app, clock } = this.#context;
    return { app, notifiers: this.#notifiers, now: clock.now() };
  }

  async load(): Promise<IncidentRecord | undefined> {
    return readIncidentRecord(await this.#store.load(this.#context), this.#context.app);
  }

  /** Stores what `change` makes of the newest record, again where somebody else wrote in between; nothing where it changes nothing. */
  async update(change: (record: IncidentRecord) => IncidentRecord): Promise<IncidentRecord> {
    const { app, clock, signal } = this.#context;
    for (let attempt = 1; ; attempt += 1) {
      const saved = await this.#store.load(this.#context);
      const before = readIncidentRecord(saved, app) ?? emptyRecord(clock.now());
      const next = change(before);
      if (next === before && saved !== undefined) return before;
      try {
        await this.#store.save(this.#context, next, saved?.version);
        return next;
      } catch (error) {
        signal.throwIfAborted();
        // After a write whose answer was lost the record is read again: what was stored then is no change any more.
        const again = ShepherdError.is(error, 'ERR_CONFLICT') || (ShepherdError.is(error) && error.retryable && attempt < 3);
        if (!again || attempt === mostTries) throw error;
      }
    }
  }

  /**
   * Delivers what nobody got yet, unless another process is at it; waits for that one to end, or to be dead, until `over`. `again`: what was refused too.
   * @returns what is left
   */
  async deliver(over: AbortSignal, { again = false }: { readonly again?: boolean } = {}): Promise<readonly Post[]> {
    const { clock } = this.#context;
    const pending = ({ outbox }: IncidentRecord): readonly Post[] =>
      this.#notifiers.flatMap(({ name }) => postFor(outbox, name)).filter(({ letter }) => again || letter.state === 'pending');
    const by = this.#me;
    for (;;) {
      const found = await this.load();
      const waits = found === undefined ? [] : pending(found);
      if (waits.length === 0 || over.aborted) return waits;
      let mine = false;
      const record = await this.update((now) => {
        const { courier } = now;
        mine = courier === undefined || courier.by === by || Date.parse(courier.until) <= clock.now().getTime();
        if (!mine || pending(now).length === 0) return now;
        return { ...now, ...(again ? { outbox: reopened(now.outbox) } : {}), courier: { by, until: this.#until() } };
      });
      if (!mine) {
        await clock.sleep(waitMs, over).catch(() => undefined);
        continue;
      }
      return this.#run(record, over);
    }
  }

  async #run(record: IncidentRecord, over: AbortSignal): Promise<readonly Post[]> {
    const { clock } = this.#context;
    const by = this.#me;
    let outbox: Outbox = record.outbox;
    let marks: ((outbox: Outbox) => Outbox)[] = [];
    const apply = (box: Outbox, changes: typeof marks): Outbox => changes.reduce((now, change) => change(now), box);
    /** `end`: gives the place back. */
    const store = async (end = false): Promise<void> => {
      const storing = marks;
      let lost = false;
      const stored = await this.update((now) => {
        lost = now.courier?.by !== by;
        if (lost) return { ...now, outbox: apply(now.outbox, storing) };
        const { courier: _, ...rest } = now;
        return { ...rest, outbox: apply(now.outbox, storing), ...(end ? {} : { courier: { by, until: this.#until() } }) };
      });
      marks = marks.slice(storing.length);
      outbox = apply(stored.outbox, marks);
      courier.notify();
      if (lost) {
        throw new ShepherdError('ERR_LOCK_LOST', 'another process delivers the notices of these incidents', {
          facts: { rolloutId: this.#context.app.name, holder: stored.courier?.by ?? 'unknown' },
          remedy: 'nothing: it does',
        });
      }
    };
    const courier: Courier = new Courier({
      book: { outbox: () => outbox, mark: (change) => ((outbox = change(outbox)), void marks.push(change)), store: () => store() },
      notifiers: this.#notifiers,
      clock,
      sent: this.sent,
      trouble: () => undefined,
    });
    courier.finish();
    const stop = (): void => courier.stop();
    over.addEventListener('abort', stop, { once: true });
    if (over.aborted) stop();
    const renewing = new AbortController();
    const renew = async (): Promise<void> => {
      while (!renewing.signal.aborted) {
        await clock.sleep(renewMs, renewing.signal).catch(() => undefined);
        if (!renewing.signal.aborted) await store().catch((error: unknown) => void (ShepherdError.is(error, 'ERR_LOCK_LOST') && courier.stop()));
      }
    };
    const renewed = renew();
    await courier.done;
    renewing.abort();
    await renewed;
    over.removeEventListener('abort', stop);
    await store(true).catch((error: unknown) => {
      if (!ShepherdError.is(error)) throw error;
    });
    return courier.left;
  }

  #until(): string {
    return new Date(this.#context.clock.now().getTime() + claimMs).toISOString();
  }
}
