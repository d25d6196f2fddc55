/** One call of `sleep` that waits. `slot`: its place in the heap, so that an abort takes it out without a search. */
export interface Sleeper {
  readonly atMs: number;
  readonly order: number;
  readonly wake: () => void;
  slot: number;
}

const before = (a: Sleeper, b: Sleeper): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A binary heap of sleepers: the next one by time, then by order of request. */
export class Sleepers {
  readonly #heap: Sleeper[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get next(): Sleeper | undefined {
    return this.#heap[0];
  }

  add(sleeper: Sleeper): void {
    this.#heap.push(sleeper);
    this.#rise(sleeper, this.#heap.length - 1);
  }

  /** Takes one out, wherever it is; one that has left already stays out. */
  remove(sleeper: Sleeper): void {
    const { slot } = sleeper;
    if (this.#heap[slot] !== sleeper) return;
    const last = this.#heap.pop();
    if (last === undefined || last === sleeper) return;
    this.#rise(last, slot);
    this.#sink(last, last.slot);
  }

  #rise(sleeper: Sleeper, from: number): void {
    let slot = from;
    while (slot > 0) {
      const parent = this.#heap[(slot - 1) >> 1];
      if (parent === undefined || !before(sleeper, parent)) break;
      this.#put(parent, slot);
      slot = (slot - 1) >> 1;
    }
    this.#put(sleeper, slot);
  }

  #sink(sleeper: Sleeper, from: number): void {
    let slot = from;
    for (;;) {
      const [left, right] = [this.#heap[2 * slot + 1], this.#heap[2 * slot + 2]];
      const child = left !== undefined && right !== undefined && before(right, left) ? right : left;
      if (child === undefined || !before(child, sleeper)) break;
      const at = child.slot;
      this.#put(child, slot);
      slot = at;
    }
    this.#put(sleeper, slot);
  }

  #put(sleeper: Sleeper, slot: number): void {
    this.#heap[slot] = sleeper;
    sleeper.slot = slot;
  }
}
