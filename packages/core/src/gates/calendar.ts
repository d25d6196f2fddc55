import { toMs } from '../words/duration.js';
import { type Cron, lastMatch, neverPauses, nextMatch, parseCron } from './cron.js';
import type { Window } from './window.js';
import { type Minute, Zone } from './zone.js';

/** The rarest day of a calendar, 29 February, comes again within this time. */
const horizon = 5 * 366 * 1_440;
/** A year with such a day, so that what is found does not depend on when it is asked. */
const anyTime: Minute = Date.UTC(2024, 0, 1) / 60_000;

interface Opening {
  readonly window: Window;
  readonly cron: Cron;
  readonly minutes: number;
  readonly zone: Zone;
  readonly always: boolean;
}

/** How windows stand at a time. Times are ISO 8601 UTC; left out where the state never changes. */
export interface WindowState {
  readonly state: 'open' | 'closed';
  /** Windows that make it so: denying ones that are on, or allowing ones that are not. Empty while it is open. */
  readonly by: readonly Window[];
  readonly reason?: string | undefined;
  readonly nextOpen?: string | undefined;
  readonly nextClose?: string | undefined;
}

/** Windows that apply together: inside an allowing one, if there are any, and in no denying one. */
export class Calendar {
  readonly #allow: readonly Opening[];
  readonly #deny: readonly Opening[];

  constructor(windows: readonly Window[]) {
    const zones = new Map<string, Zone>();
    const openings = windows.map((window): Opening => {
      const zone = zones.get(window.timeZone) ?? new Zone(window.timeZone);
      zones.set(window.timeZone, zone);
      const cron = parseCron(window.schedule);
      if (typeof cron === 'string') throw new RangeError(`${window.schedule} is no schedule: ${cron}`);
      const minutes = toMs(window.duration) / 60_000;
      return { window, cron, minutes, zone, always: neverPauses(cron, minutes) };
    });
    this.#allow = openings.filter(({ window }) => window.kind === 'allow');
    this.#deny = openings.filter(({ window }) => window.kind === 'deny');
  }

  /** Whether there is a time at all at which they are open. */
  get everOpens(): boolean {
    return this.#nextOpen(anyTime) !== undefined;
  }

  at(date: Date): WindowState {
    const now = Math.floor(date.getTime() / 60_000);
    const closing = this.#closing(now);
    if (closing.length === 0) {
      const close = this.#nextClose(now);
      return { state: 'open', by: [], ...(close === undefined ? {} : { nextClose: isoOf(close) }) };
    }
    const open = this.#nextOpen(now);
    return {
      state: 'closed',
      by: closing.map(({ window }) => window),
      reason: `${reasonOf(closing)}; ${open === undefined ? 'never opens' : `opens ${openText(open, closing)}`}`,
      ...(open === undefined ? {} : { nextOpen: isoOf(open) }),
    };
  }

  #closing(at: Minute): readonly Opening[] {
    const denying = this.#deny.filter((each) => isOn(each, at));
    if (denying.length > 0 || this.#allow.some((each) => isOn(each, at))) return denying;
    return this.#allow;
  }

  #nextOpen(from: Minute): Minute | undefined {
    for (let at: Minute | undefined = from; at !== undefined && at < from + horizon; ) {
      const now: Minute = at;
      const denying = this.#deny.filter((each) => isOn(each, now));
      // Each of those is on until its own end, so nothing opens before the last of them.
      if (denying.length > 0) at = latest(denying.map((each) => changeAfter(each, now, from + horizon)));
      else if (this.#allow.length === 0 || this.#allow.some((each) => isOn(each, now))) return now;
      else at = soonest(this.#allow.map((each) => changeAfter(each, now, from + horizon)));
    }
    return undefined;
  }

  #nextClose(from: Minute): Minute | undefined {
    const deny = soonest(this.#deny.map((each) => changeAfter(each, from, from + horizon)));
    if (this.#allow.length === 0) return deny;
    for (let at = from; ; ) {
      const now = at;
      const end = latest(this.#allow.filter((each) => isOn(each, now)).map((each) => changeAfter(each, now, from + horizon)));
      if (end === undefined || (deny !== undefined && deny <= end)) return deny;
      if (!this.#allow.some((each) => isOn(each, end))) return end;
      at = end;
    }
  }
}

/** A window is a stretch of the wall clock: on where a person there, looking at a clock, would say that it is. */
function isOn({ cron, minutes, zone, always }: Opening, at: Minute): boolean {
  const wall = at + zone.stretch(at).offset;
  return always || lastMatch(cron, wall, wall - minutes) !== undefined;
}

/** The first minute after `at`, and before `limit`, at which one window goes on or off. */
function changeAfter(opening: Opening, at: Minute, limit: Minute): Minute | undefined {
  if (opening.always) return undefined;
  const on = isOn(opening, at);
  for (let from = at; from < limit; ) {
    const { until, offset } = opening.zone.stretch(from);
    if (isOn(opening, from) !== on) return from;
    const wall = from + offset;
    const change = on ? endOf(opening, wall, until + offset) : nextMatch(opening.cron, wall, Math.min(until, limit) + offset);
    if (change !== undefined && change < until + offset) return change - offset;
    from = until;
  }
  return undefined;
}

/** Where a window that is on goes off, if clocks go evenly until `until`; starts that come before the end carry it on. */
function endOf({ cron, minutes }: Opening, wall: number, until: number): number | undefined {
  let start = lastMatch(cron, wall, wall - minutes);
  while (start !== undefined && start + minutes < until) {
    const next = lastMatch(cron, start + minutes, start);
    if (next === undefined) return start + minutes;
    start = next;
  }
  return undefined;
}

/** Of changes of which one that never comes outlasts all. */
const latest = (changes: readonly (Minute | undefined)[]): Minute | undefined =>
  changes.reduce<Minute | undefined>((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)), Number.NEGATIVE_INFINITY);

function soonest(changes: readonly (Minute | undefined)[]): Minute | undefined {
  const come = changes.filter((each) => each !== undefined);
  return come.length === 0 ? undefined : Math.min(...come);
}

const isoOf = (at: Minute): string => `${new Date(at * 60_000).toISOString().slice(0, 19)}Z`;

const named = ({ window: { name, reason } }: Opening): string => `"${name}"${reason === undefined ? '' : ` (${reason})`}`;

function reasonOf(closing: readonly Opening[]): string {
  const names = closing.map(named).join(' and ');
  return closing[0]?.window.kind === 'deny' ? `no release during ${names}` : `releases only during ${closing.map(named).join(' or ')}`;
}

/** The time in UTC, and what a clock in the zone of the window says then. */
function openText(at: Minute, [first]: readonly Opening[]): string {
  const zone = first?.zone;
  return zone === undefined || zone.name === 'UTC' ? isoOf(at) : `${isoOf(at)} (${zone.wallText(at)} ${zone.name})`;
}
