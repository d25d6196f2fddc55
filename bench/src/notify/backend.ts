import type { Delivery, Notice, Notifier } from '@shepherd/core';

/** A channel's other side, which outlives every process: it fails now and then, before it took a message or after. */
export class Backend {
  /** Each notice that it took, by what it is about. */
  readonly took = new Map<string, Notice>();
  readonly texts = new Map<string, string>();
  duplicates = 0;
  /** Something came twice under one id and was not the same, or as the same notice under two. */
  wrong = 0;
  failing: number;
  onTaken: () => void = () => undefined;
  #seed: number;

  constructor(failing: number, seed: number) {
    this.failing = failing;
    this.#seed = seed;
  }

  /** The channel as one process has it; `isDead`: that process does nothing any more. */
  notifier(isDead: () => boolean): Notifier {
    const never = new Promise<never>(() => undefined);
    return {
      specificationVersion: 'v1',
      name: 'chat',
      send: async (notice, { clock, signal }): Promise<Delivery> => {
        await clock.sleep(this.#random() * 400, signal);
        if (isDead()) return never;
        const fails = this.#random() < this.failing;
        // Of three that fail, one was taken: its answer is lost.
        if (!fails || this.#random() < 1 / 3) this.#take(notice);
        if (isDead()) return never;
        return fails ? { kind: 'retry', why: 'answered 503' } : { kind: 'sent' };
      },
    };
  }

  #take(notice: Notice): void {
    const key = `${notice.rolloutId}/${notice.sequence}`;
    const text = JSON.stringify(notice);
    const before = this.took.get(key);
    if (before === undefined) this.took.set(key, notice);
    else if (before.id !== notice.id) this.wrong += 1;
    else this.duplicates += 1;
    if ((this.texts.get(notice.id) ?? text) !== text) this.wrong += 1;
    this.texts.set(notice.id, text);
    this.onTaken();
  }

  #random(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#seed / 2 ** 32;
  }
}
