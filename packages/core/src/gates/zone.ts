import type { WallMinute } from './cron.js';

/** Minutes since 1970-01-01T00:00Z. */
export type Minute = number;

/** A stretch of time in which a zone's clocks go evenly: wall minute = minute + `offset`. */
export interface Stretch {
  readonly from: Minute;
  readonly until: Minute;
  readonly offset: number;
}

const day = 1_440;
/** No zone has moved its clocks twice within this time. */
const hop = 6 * day;
const longest = 400 * day;

/** Clocks of one time zone, as this runtime's tz database knows them. */
export class Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #known: Stretch[] = [];

  /** @throws RangeError where there is no such zone */
  constructor(readonly name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  }

  /** The stretch that holds a minute; it may end before the clocks move. */
  stretch(at: Minute): Stretch {
    const known = this.#known.find(({ from, until }) => from <= at && at < until);
    if (known !== undefined) return known;
    const offset = this.#offset(at);
    let until = at;
    while (until < at + longest && this.#offset(until + hop) === offset) until += hop;
    const stretch = { from: at, until: until < at + longest ? this.#change(until, until + hop, offset) : until, offset };
    this.#known.push(stretch);
    return stretch;
  }

  /** `2026-03-29 03:00` on a wall there. */
  wallText(at: Minute): string {
    return new Date((at + this.#offset(at)) * 60_000).toISOString().slice(0, 16).replace('T', ' ');
  }

  /** The first minute with another offset; the last known one has `offset`. */
  #change(same: Minute, other: Minute, offset: number): Minute {
    let [low, high] = [same, other];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offset(middle) === offset) low = middle;
      else high = middle;
    }
    return high;
  }

  #offset(at: Minute): number {
    return this.#wall(at) - at;
  }

  #wall(at: Minute): WallMinute {
    const parts: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(at * 60_000)) parts[type] = Number(value);
    const { year = 1970, month = 1, day: date = 1, hour = 0, minute = 0 } = parts;
    return Date.UTC(year, month - 1, date, hour, minute) / 60_000;
  }
}
