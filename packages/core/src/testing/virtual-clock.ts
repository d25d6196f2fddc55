import type { Clock } from '../ports/clock.js';
import { type Duration, toMs } from '../words/duration.js';
import { type Sleeper, Sleepers } from './sleepers.js';

/** How time passes. */
export interface VirtualClockOptions {
  /** Jump to the next sleeper once nobody works, instead of waiting for `advance`. @default false */
  readonly auto?: boolean | undefined;
  /** What `now` says first. @default 2026-01-01T00:00:00Z */
  readonly start?: Date | undefined;
}

/** A byte over loopback is there after 1 to 3 turns of the event loop, a pure promise chain within one. */
const quietTurns = 8;

/** Where bytes came already, more may follow late: the kernel cuts bodies above its socket buffer into pieces, up to 204 turns apart in 4,000 measured. */
const quietTurnsAfterIo = 512;

/** Grows with everything that the loop got from outside: sockets, files, other threads. Without the metric (not Node), loopback rests on the turns alone. */
const ioEvents = (): number => performance.nodeTiming?.uvMetricsInfo?.events ?? 0;

/** The thread pool is at a file or a name look-up; those end by themselves, so waiting for them cannot hang. */
const poolWork = new Set(['FSReqPromise', 'FSReqCallback', 'CloseReq', 'GetAddrInfoReqWrap']);
const poolWorks = (): boolean => process.getActiveResourcesInfo().some((name) => poolWork.has(name));

/**
 * Time for tests: stands still, moves by `advance`, or (`auto`) jumps to the next sleeper once nobody works, so that thirty minutes pass in milliseconds.
 *
 * Nobody works means: a number of turns of the event loop in a row brought neither clock nor I/O activity, no file is being read, and no work given to `busy`
 * is under way. So promise chains, files and HTTP within this process need nothing. Wrap in `busy` what is not seen: child processes, other machines, real
 * timers, the process's first `fetch`, whose parser V8 compiles beside the loop, and bodies above the kernel's socket buffer (about 64 KB), which loopback holds
 * back now and then.
 *
 * Sleepers fire by time, those of one instant in order of request. Without sleepers nothing is scheduled, so the process may end; with `auto`, one that sleeps
 * again and again keeps it alive, as with real timers, until the clock is disposed.
 */
export class VirtualClock implements Clock, Disposable {
  readonly #auto: boolean;
  readonly #startMs: number;
  readonly #sleepers = new Sleepers();
  readonly #bySignal = new WeakMap<AbortSignal, Set<(reason: unknown) => void>>();
  #elapsedMs = 0;
  #order = 0;
  #activity = 0;
  #jumping = false;
  #disposed = false;
  #busy = 0;
  #whenFree: (() => void)[] = [];
  #advancing: Promise<void> = Promise.resolve();

  constructor({ auto = false, start = new Date('2026-01-01T00:00:00Z') }: VirtualClockOptions = {}) {
    this.#auto = auto;
    this.#startMs = start.getTime();
  }

  now(): Date {
    return new Date(this.#startMs + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** Calls of `sleep` that wait now: a test of clean-up expects 0. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Negative is 0; an infinite sleep ends by its signal alone. @throws RangeError if `ms` is not a number */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (Number.isNaN(ms)) throw new RangeError('sleep: got NaN, expected milliseconds');
      if (signal?.aborted) return reject(signal.reason);
      this.#activity += 1;
      const sleeper: Sleeper = {
        atMs: this.#elapsedMs + Math.max(0, ms),
        order: this.#order++,
        slot: -1,
        wake: () => {
          forget?.();
          resolve();
        },
      };
      const forget =
        signal &&
        this.#onAbort(signal, (reason) => {
          this.#activity += 1;
          this.#sleepers.remove(sleeper);
          reject(reason);
        });
      this.#sleepers.add(sleeper);
      this.#jump();
    });
  }

  /**
   * Moves on by this much and resolves when all that was due has fired and come to rest, including what went to sleep again meanwhile. Calls follow one another.
   * With `auto` it is a sleep.
   */
  advance(by: Duration): Promise<void> {
    const ms = toMs(by);
    if (this.#auto) return this.sleep(ms);
    this.#advancing = this.#advancing.then(async () => {
      const untilMs = this.#elapsedMs + ms;
      do await new Promise<void>((resolve) => this.#whenQuiet(resolve));
      while (this.#fireNext(untilMs));
      this.#elapsedMs = untilMs;
    });
    return this.#advancing;
  }

  /** Time stands still until this work is done. Gives its result. */
  async busy<T>(work: Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work;
    } finally {
      this.#busy -= 1;
      this.#activity += 1;
      if (this.#busy === 0) for (const resume of this.#whenFree.splice(0)) setImmediate(resume);
    }
  }

  /** No jump from now on; who sleeps, sleeps on. */
  [Symbol.dispose](): void {
    this.#disposed = true;
  }

  #jump(): void {
    if (!this.#auto || this.#jumping || this.#disposed) return;
    this.#jumping = true;
    this.#whenQuiet(() => {
      this.#jumping = false;
      if (!this.#disposed && this.#fireNext(Number.MAX_VALUE)) this.#jump();
    });
  }

  /** Wakes those that are due first, if that is not later than this. */
  #fireNext(untilMs: number): boolean {
    const atMs = this.#sleepers.next?.atMs ?? Number.POSITIVE_INFINITY;
    if (atMs > untilMs) return false;
    this.#elapsedMs = atMs;
    for (let next = this.#sleepers.next; next?.atMs === atMs; next = this.#sleepers.next) {
      this.#sleepers.remove(next);
      next.wake();
    }
    return true;
  }

  #whenQuiet(then: () => void): void {
    let [clock, io, quiet, enough] = [this.#activity, ioEvents(), 0, quietTurns];
    const turn = (): void => {
      const events = ioEvents();
      if (io !== events) enough = quietTurnsAfterIo;
      quiet = clock === this.#activity && io === events ? quiet + 1 : 0;
      [clock, io] = [this.#activity, events];
      if (quiet >= enough && this.#busy === 0 && !poolWorks()) return then();
      if (this.#busy > 0) this.#whenFree.push(turn);
      else setImmediate(turn);
    };
    setImmediate(turn);
  }

  /** One listener a signal, however many sleep on it: an EventTarget looks through all its listeners at each new one. Returns the undo. */
  #onAbort(signal: AbortSignal, reject: (reason: unknown) => void): () => void {
    const known = this.#bySignal.get(signal);
    const rejects = known ?? new Set();
    rejects.add(reject);
    if (known === undefined) {
      this.#bySignal.set(signal, rejects);
      signal.addEventListener('abort', () => rejects.forEach((each) => each(signal.reason)), { once: true });
    }
    return () => rejects.delete(reject);
  }
}
