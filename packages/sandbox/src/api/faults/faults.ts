import { type Clock, toMs } from '@shepherd/core';
import { type Fault, type FaultMatch, isLag, isWatchFault } from './fault.js';
import type { WatchTap } from './watch-tap.js';

/** One request, as far as faults tell them apart. */
export interface Asked {
  readonly verb: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly user: string | undefined;
  readonly agent: string;
}

interface Entry {
  readonly match: FaultMatch;
  readonly fault: Fault;
  readonly endsAtMs: number;
  /** Ends the timer of `lasts`. */
  readonly over: AbortController;
  toSkip: number;
  left: number;
}

const reads = new Set(['get', 'list', 'watch']);

/** Faults in the order in which they were set: the first that matches is used. Knows the watches that run, for those that meet them. */
export class Faults {
  #set: Entry[] = [];
  readonly #watches = new Map<WatchTap, Asked>();

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  /** Nothing is to go wrong: requests need not be looked at. */
  get none(): boolean {
    return this.#set.length === 0;
  }

  /** @returns takes it back @throws RangeError for a match or a fault that means nothing */
  add(match: FaultMatch, fault: Fault): () => void {
    check(match, fault);
    const lastsMs = match.lasts === undefined ? Number.POSITIVE_INFINITY : toMs(match.lasts);
    const entry: Entry = {
      match,
      fault,
      endsAtMs: this.clock.monotonicMs() + lastsMs,
      over: new AbortController(),
      toSkip: match.after ?? 0,
      left: match.times ?? Number.POSITIVE_INFINITY,
    };
    this.#set.push(entry);
    const end = (): void => {
      entry.over.abort();
      this.#set = this.#set.filter((other) => other !== entry);
      for (const tap of this.#watches.keys()) if (isLag(fault)) tap.catchUp(fault);
    };
    if (Number.isFinite(lastsMs)) void this.clock.sleep(lastsMs, entry.over.signal).then(end, () => undefined);
    // Watches that run already.
    for (const [tap, asked] of this.#watches) if ((isWatchFault(fault) || isLag(fault)) && this.#meets(entry, asked)) tap.meet(fault);
    return end;
  }

  /** The fault of this request, used up once; undefined where none is meant. */
  take(asked: Asked): Fault | undefined {
    const entry = this.#set.find((one) => this.#meets(one, asked));
    if (entry?.left === 0) this.#set = this.#set.filter((other) => other !== entry);
    return entry?.fault;
  }

  /** A watch runs, until the answer is called. */
  running(tap: WatchTap, asked: Asked): () => void {
    this.#watches.set(tap, asked);
    return () => void this.#watches.delete(tap);
  }

  /** Forgets all, and leaves no timer. */
  close(): void {
    for (const { over } of this.#set) over.abort();
    this.#set = [];
  }

  #meets(entry: Entry, asked: Asked): boolean {
    if (entry.left <= 0 || this.clock.monotonicMs() >= entry.endsAtMs || !fits(entry, asked)) return false;
    if (entry.toSkip > 0) {
      entry.toSkip -= 1;
      return false;
    }
    if (entry.match.chance !== undefined && this.random() >= entry.match.chance) return false;
    entry.left -= 1;
    return true;
  }
}

function fits({ match, fault }: Entry, { verb, method, path, user, agent }: Asked): boolean {
  if (isWatchFault(fault) && verb !== 'watch') return false;
  if (isLag(fault) && !reads.has(verb)) return false;
  const wanted = match.verb?.toLowerCase();
  if (wanted !== undefined && wanted !== verb && wanted !== method.toLowerCase()) return false;
  if (match.user !== undefined && match.user !== user) return false;
  return tests(match.path, path) && tests(match.agent, agent);
}

function tests(pattern: RegExp | undefined, text: string): boolean {
  if (pattern === undefined) return true;
  // A regular expression with the g flag remembers where it stopped.
  pattern.lastIndex = 0;
  return pattern.test(text);
}

function check({ after, chance, times }: FaultMatch, fault: Fault): void {
  const count = (name: string, value: number | undefined): void => {
    if (value !== undefined && !(value >= 0)) throw new RangeError(`a fault's ${name} must be 0 or more [${name}=${value}]`);
  };
  count('after', after);
  count('times', times);
  if (chance !== undefined && !(chance >= 0 && chance <= 1)) throw new RangeError(`a fault's chance must be 0 to 1 [chance=${chance}]`);
  if (typeof fault === 'string') return;
  if ('status' in fault && !isWatchFault(fault) && !(Number.isInteger(fault.status) && fault.status >= 400 && fault.status <= 599))
    throw new RangeError(`a fault's status must be 400 to 599 [status=${fault.status}]`);
  if ('delayMs' in fault) count('delayMs', fault.delayMs);
  if ('lagMs' in fault) count('lagMs', fault.lagMs);
  if ('afterEvents' in fault) count('afterEvents', fault.afterEvents);
}
