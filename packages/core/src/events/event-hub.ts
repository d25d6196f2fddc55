import { EventEmitter } from 'eventemitter3';
import type { RolloutEvent, RolloutEventType } from './event.js';

interface Reading {
  readonly after?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A reader that is behind misses transient events beyond this many. */
const transientKept = 64;

/** The events of one rollout: replayed from the first, then live; readers and listeners cannot disturb each other or the rollout. */
export class EventHub {
  readonly #emitter = new EventEmitter<{ event: [RolloutEvent]; end: [] }>();
  readonly #log: RolloutEvent[] = [];
  #ended = false;

  get last(): number {
    return this.#log.at(-1)?.sequence ?? 0;
  }

  /** Events that a journal holds already. A number that was published before is dropped. */
  publish(event: RolloutEvent): void {
    if (this.#ended) return;
    if (!event.transient) {
      if (event.sequence <= (this.#log.at(-1)?.sequence ?? 0)) return;
      this.#log.push(event);
    }
    this.#emitter.emit('event', event);
  }

  /** To listeners alone, nothing is kept: for one hub over the events of many rollouts. */
  relay(event: RolloutEvent): void {
    this.#emitter.emit('event', event);
  }

  end(): void {
    this.#ended = true;
    this.#emitter.emit('end');
  }

  on<T extends RolloutEventType>(type: T, listener: (event: RolloutEvent<T>) => void | Promise<void>, { after, signal }: Reading = {}): () => void {
    const hear = (event: RolloutEvent): void => {
      if (event.type === type) void this.#guarded(listener, event as unknown as RolloutEvent<T>);
    };
    const off = (): void => void this.#emitter.off('event', hear);
    if (signal?.aborted) return off;
    if (after !== undefined) for (const event of this.#log) if (event.sequence > after) hear(event);
    this.#emitter.on('event', hear);
    signal?.addEventListener('abort', off, { once: true });
    return off;
  }

  async #guarded<T extends RolloutEventType>(listener: (event: RolloutEvent<T>) => void | Promise<void>, event: RolloutEvent<T>): Promise<void> {
    try {
      await listener(event);
    } catch (error) {
      // A listener of listener-error that throws ends here: nobody is left to tell.
      if (event.type === 'listener-error') return;
      const message = error instanceof Error ? error.message : String(error);
      this.publish({
        type: 'listener-error',
        listener: event.type,
        message,
        rolloutId: event.rolloutId,
        app: event.app,
        sequence: event.sequence,
        transient: true,
        at: event.at,
      });
    }
  }

  async *events({ after = 0, signal }: Reading = {}): AsyncGenerator<RolloutEvent> {
    let next = this.#log.findIndex(({ sequence }) => sequence > after) >>> 0;
    if (next > this.#log.length) next = this.#log.length;
    let passing: { readonly behind: number; readonly event: RolloutEvent }[] = [];
    let wake: () => void = () => undefined;
    const hear = (event: RolloutEvent): void => {
      if (event.transient) passing = [...passing, { behind: this.#log.length, event }].slice(-transientKept);
      wake();
    };
    const stop = (): void => wake();
    this.#emitter.on('event', hear).on('end', stop);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      for (;;) {
        if (signal?.aborted) return;
        const [first] = passing;
        if (first !== undefined && first.behind <= next) {
          passing = passing.slice(1);
          yield first.event;
        } else if (next < this.#log.length) {
          next += 1;
          yield this.#log[next - 1] as RolloutEvent;
        } else if (this.#ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#emitter.off('event', hear).off('end', stop);
      signal?.removeEventListener('abort', stop);
    }
  }
}
