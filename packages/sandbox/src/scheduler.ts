import type { Clock } from '@shepherd/core';

interface Timer {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Given as the reason, which costs less than the exception with a stack that stands for none. */
const moved = new Error('another timer is due first');

/** A timer may be that late on a machine with room; what goes beyond is time in which this process did not run. */
const grainMs = 25;

/**
 * All timers of a sandbox on one sleeper of the Clock, so that closing leaves nothing behind and a virtual clock sees one thing to wait for.
 * Timers that are due together run in the order they were set. Where the process did not run for a while, the sandbox's time stood still as well: else the end
 * of a pod's drain would come before the Service that should have left the pod long before, since one is a timer and the other a chain of them.
 */
export class Scheduler {
  readonly #clock: Clock;
  readonly #heap: Timer[] = [];
  #order = 0;
  #sleep: { readonly until: number; readonly abort: AbortController } | undefined;
  #stoodStillMs = 0;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds that only ever grow, without those in which the next timer was late. */
  now(): number {
    const nowMs = this.#clock.monotonicMs() - this.#stoodStillMs;
    const latestMs = (this.#sleep?.until ?? Number.POSITIVE_INFINITY) + grainMs;
    if (nowMs <= latestMs) return nowMs;
    this.#stoodStillMs += nowMs - latestMs;
    return latestMs;
  }

  /** The wall clock, for timestamps. */
  date(): Date {
    return this.#clock.now();
  }

  /** Timers that are still to run. */
  get pending(): number {
    return this.#heap.reduce((count, timer) => count + (timer.run === undefined ? 0 : 1), 0);
  }

  /** Runs `job` in `ms` milliseconds; the answer takes it back. */
  after(ms: number, job: () => void): () => void {
    const timer: Timer = { at: this.now() + Math.max(0, ms), order: this.#order++, run: job };
    if (this.#closed) return () => undefined;
    this.#push(timer);
    this.#arm();
    return () => {
      timer.run = undefined;
    };
  }

  close(): void {
    this.#closed = true;
    this.#heap.length = 0;
    this.#sleep?.abort.abort();
    this.#sleep = undefined;
  }

  #arm(): void {
    while (this.#heap[0] !== undefined && this.#heap[0].run === undefined) this.#pop();
    const next = this.#heap[0];
    if (next === undefined || this.#closed || (this.#sleep !== undefined && this.#sleep.until <= next.at)) return;
    this.#sleep?.abort.abort(moved);
    const sleep = { until: next.at, abort: new AbortController() };
    this.#sleep = sleep;
    this.#clock.sleep(Math.max(0, next.at - this.now()), sleep.abort.signal).then(
      () => this.#wake(sleep),
      () => undefined,
    );
  }

  #wake(sleep: { readonly until: number }): void {
    if (this.#sleep !== sleep) return;
    // a real timer may fire a fraction of a millisecond early
    const due = Math.max(this.now(), sleep.until);
    this.#sleep = undefined;
    try {
      for (let next = this.#heap[0]; next !== undefined && next.at <= due && !this.#closed; next = this.#heap[0]) {
        this.#pop();
        next.run?.();
      }
    } finally {
      this.#arm();
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(timer, heap[parent] as Timer)) break;
      heap[index] = heap[parent] as Timer;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Timer, heap[child] as Timer)) child++;
      if (!before(heap[child] as Timer, last)) break;
      heap[index] = heap[child] as Timer;
      index = child;
    }
    heap[index] = last;
  }
}

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
