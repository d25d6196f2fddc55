import { ShepherdError } from '../errors/shepherd-error.js';
import type { Clock } from '../ports/clock.js';
import type { Delivery, Notifier } from '../ports/notifier.js';
import { type Duration, parseDuration } from '../words/duration.js';
import { cleanWhy } from './clean.js';
import { type Arrival, type Outbox, type Post, postFor, settled } from './outbox.js';

/** The numbers of EC 1.1.2. */
const attemptMs = 15_000;
const mostAttempts = 5;
const budgetMs = 120_000;
const firstWaitMs = 1_000;
const longestWaitMs = 30_000;
/** What arrived is stored with the rollout's next write, at the latest after this time. */
const storeMs = 1_000;

/** Where an outbox is kept while it is delivered. */
export interface Book {
  outbox(): Outbox;
  mark(change: (outbox: Outbox) => Outbox): void;
  /** Stores what was marked. @throws ShepherdError ERR_LOCK_LOST where the outbox is somebody else's by now */
  store(): Promise<void>;
}

export interface CourierOptions {
  readonly book: Book;
  readonly notifiers: readonly Notifier[];
  readonly clock: Clock;
  /** Of notices that this process sent a moment ago, whatever the outbox says. */
  readonly sent: Map<string, string | undefined>;
  /** That a notice was refused, or waits for a better time. */
  readonly trouble: (notifier: string, message: string) => void;
  /** @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** Delivers the notices of one app: for each notifier a queue of its own, in order. Nothing that a notifier does reaches the rollout. */
export class Courier {
  /** Nothing is under way any more. */
  readonly done: Promise<void>;
  readonly #options: CourierOptions;
  readonly #stopped = new AbortController();
  readonly #finishing = new AbortController();
  readonly #either = AbortSignal.any([this.#stopped.signal, this.#finishing.signal]);
  /** Every queue has come to its end. */
  readonly #tried = new AbortController();
  #wake: (() => void)[] = [];
  #isDone = false;
  #storing: Promise<void> | undefined;

  constructor(options: CourierOptions) {
    this.#options = options;
    const lanes = options.notifiers.map((notifier) => this.#lane(notifier).catch(() => undefined));
    this.done = Promise.all(lanes)
      .then(() => this.#tried.abort())
      .then(() => this.#store())
      .then(() => void (this.#isDone = true));
  }

  /** There is something new. */
  notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Nothing new comes any more: ends once everything was tried. */
  finish(): void {
    this.#finishing.abort();
    this.notify();
  }

  /** Ends at once; what is on its way may arrive still. */
  stop(): void {
    this.#stopped.abort();
    this.notify();
  }

  get state(): 'driven' | 'finishing' | 'done' {
    if (this.#isDone) return 'done';
    return this.#finishing.signal.aborted ? 'finishing' : 'driven';
  }

  /** What has not arrived of what is for these notifiers. */
  get left(): readonly Post[] {
    return this.#options.notifiers.flatMap(({ name }) => postFor(this.#options.book.outbox(), name));
  }

  async #lane(notifier: Notifier): Promise<void> {
    /** Those that used up their attempts let the others pass; they come again after one that arrived. */
    const aside = new Set<string>();
    let arrived = false;
    while (!this.#stopped.signal.aborted) {
      const next = postFor(this.#options.book.outbox(), notifier.name).find(({ letter, notice }) => letter.state === 'pending' && !aside.has(notice.id));
      if (next !== undefined) {
        const end = await this.#deliver(notifier, next);
        if (end === 'rest' || end === 'gone') return;
        if (end === 'aside') aside.add(next.notice.id);
        if (end === 'sent') arrived = true;
      } else if (arrived && aside.size > 0) {
        arrived = false;
        aside.clear();
      } else if (this.#finishing.signal.aborted) return;
      else await new Promise<void>((resolve) => void this.#wake.push(resolve));
    }
  }

  /** `rest`: the channel does not want to be asked for longer than anybody waits here. `gone`: it does not exist any more. */
  async #deliver(notifier: Notifier, post: Post): Promise<'sent' | 'refused' | 'aside' | 'stopped' | 'rest' | 'gone' | 'again'> {
    const { clock, sent, trouble, random = Math.random } = this.#options;
    const { title, id } = post.notice;
    if (sent.has(id)) {
      this.#settle(post, { kind: 'sent', ref: sent.get(id) });
      return 'sent';
    }
    const until = clock.monotonicMs() + budgetMs;
    for (let attempt = 1; ; attempt += 1) {
      const delivery = await this.#attempt(notifier, post, post.letter.attempts + attempt);
      if (delivery === undefined) return 'stopped';
      if (delivery.kind === 'sent') {
        remember(sent, id, delivery.ref);
        this.#settle(post, { kind: 'sent', ref: delivery.ref });
        return 'sent';
      }
      const { why } = delivery;
      if (delivery.kind === 'refused') {
        this.#settle(post, { kind: 'refused', why });
        trouble(notifier.name, `refused ${JSON.stringify(title)}: ${why}${delivery.gone === true ? '; nothing more is sent there' : ''}`);
        return delivery.gone === true ? 'gone' : 'refused';
      }
      this.#settle(post, { kind: 'failed', why });
      const afterMs = parseDuration(delivery.after ?? '0s') ?? 0;
      const waitMs = Math.max(afterMs, random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)));
      const late = clock.monotonicMs() + waitMs > until;
      if (late && afterMs > 0) {
        trouble(notifier.name, `waits ${Math.ceil(afterMs / 1_000)} s with ${JSON.stringify(title)}: ${why}`);
        await clock.sleep(afterMs, this.#either).catch(() => undefined);
        return this.#either.aborted ? 'rest' : 'again';
      }
      if (late || attempt === mostAttempts) {
        trouble(notifier.name, `did not take ${JSON.stringify(title)} in ${attempt} attempts: ${why}`);
        return 'aside';
      }
      await clock.sleep(waitMs, this.#stopped.signal).catch(() => undefined);
      if (this.#stopped.signal.aborted) return 'stopped';
    }
  }

  /** One attempt, with an end also where the notifier has none. Undefined: stopped. */
  async #attempt(notifier: Notifier, { notice, notifier: name, rolloutId, ref }: Post, attempt: number): Promise<Delivery | undefined> {
    const { clock, book } = this.#options;
    if (this.#stopped.signal.aborted) return undefined;
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#stopped.signal]);
    const late = clock.sleep(attemptMs, signal).then(
      (): Delivery => ({ kind: 'retry', why: `no answer within ${attemptMs / 1_000} s` }),
      () => undefined,
    );
    try {
      const known = ref ?? book.outbox().heads[rolloutId]?.refs[name];
      const sending = Promise.resolve(notifier.send(structuredClone(notice), { signal, clock, attempt, ref: known })).then(checked);
      return await Promise.race([sending, late]);
    } catch (error) {
      return this.#stopped.signal.aborted ? undefined : { kind: 'retry', why: cleanWhy(error instanceof Error ? error.message : 'it threw what is no error') };
    } finally {
      over.abort();
    }
  }

  #settle({ rolloutId, sequence, notifier }: Post, arrival: Arrival): void {
    this.#options.book.mark((outbox) => settled(outbox, { rolloutId, sequence, notifier }, arrival));
    if (this.#storing === undefined) this.#storing = this.#storeSoon();
  }

  async #storeSoon(): Promise<void> {
    await this.#options.clock.sleep(storeMs, this.#tried.signal).catch(() => undefined);
    this.#storing = undefined;
    // The last store is the one at the end.
    if (!this.#tried.signal.aborted) await this.#store();
  }

  async #store(): Promise<void> {
    try {
      await this.#options.book.store();
    } catch (error) {
      // Somebody else delivers now. Whatever else: stored with the next write; until then a crash sends again what arrived, under the same id.
      if (ShepherdError.is(error, 'ERR_LOCK_LOST')) this.stop();
    }
  }
}

/** The journal keeps it. */
const longestRef = 500;

/** An answer that is none counts as a failed attempt. */
function checked(delivery: unknown): Delivery {
  const { kind, ref, why, after, gone } = (delivery ?? {}) as Readonly<Record<string, unknown>>;
  if (kind === 'sent') return { kind, ref: typeof ref === 'string' && ref.length <= longestRef ? ref : undefined };
  if (kind === 'refused') return { kind, why: cleanWhy(String(why)), ...(gone === true ? { gone } : {}) };
  if (kind === 'retry') return { kind, why: cleanWhy(String(why)), after: typeof after === 'string' ? (after as Duration) : undefined };
  throw new TypeError('the notifier answered with no Delivery');
}

const mostRemembered = 2_000;

function remember(sent: Map<string, string | undefined>, id: string, ref: string | undefined): void {
  sent.set(id, ref);
  if (sent.size > mostRemembered) sent.delete(sent.keys().next().value as string);
}
