/** A minute of the wall clock, counted from 1970-01-01 00:00 as if every day had 24 hours. */
export type WallMinute = number;

/** A cron expression as sets. Minutes of the day are sorted. */
export interface Cron {
  readonly times: readonly number[];
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Both the day of the month and the day of the week are more than `*`: then either is enough, as in cron. */
  readonly either: boolean;
}

const dayMinutes = 1_440;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields = [
  { name: 'minute', from: 0, to: 59, words: [] },
  { name: 'hour', from: 0, to: 23, words: [] },
  { name: 'day of the month', from: 1, to: 31, words: [] },
  { name: 'month', from: 1, to: 12, words: months },
  { name: 'day of the week', from: 0, to: 7, words: weekdays },
] as const;

type Field = (typeof fields)[number];

/** Five fields: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday). @returns what is wrong with the text where it is none */
export function parseCron(text: string): Cron | string {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length) return 'five fields (minute hour day month weekday), such as "0 2 * * 1-5"';
  const sets = fields.map((field, i) => parseField(parts[i] ?? '', field));
  const wrong = sets.find((set) => typeof set === 'string');
  if (typeof wrong === 'string') return wrong;
  const none: ReadonlySet<number> = new Set();
  const [minutes = none, hours = none, days = none, inMonths = none, onDays = none] = sets.filter((set) => typeof set !== 'string');
  const times = [...hours].flatMap((hour) => [...minutes].map((minute) => hour * 60 + minute)).toSorted((a, b) => a - b);
  return { times, days, months: inMonths, weekdays: new Set([...onDays].map((day) => day % 7)), either: parts[2] !== '*' && parts[4] !== '*' };
}

function parseField(text: string, { name, from, to, words }: Field): ReadonlySet<number> | string {
  const expected = `${name}: numbers from ${from} to ${to}${words.length === 0 ? '' : ` or ${words[0]} to ${words.at(-1)}`}, *, ranges, lists and steps`;
  const found = new Set<number>();
  const number = (word: string): number => {
    const at = (words as readonly string[]).indexOf(word.toLowerCase());
    return at >= 0 ? at + (from === 1 ? 1 : 0) : /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  };
  for (const part of text.split(',')) {
    const [, range = '', step = '1'] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    const [first = '', last] = range === '*' ? [String(from), String(from === 0 && to === 7 ? 6 : to)] : range.split('-', 2);
    const low = number(first);
    const high = last === undefined ? (part.includes('/') ? to : low) : number(last);
    if (!(low >= from && high <= to && low <= high && Number(step) > 0) || range.split('-').length > 2) return expected;
    for (let value = low; value <= high; value += Number(step)) found.add(value);
  }
  return found;
}

function onDay(cron: Cron, day: number): boolean {
  const date = new Date(day * dayMinutes * 60_000);
  if (!cron.months.has(date.getUTCMonth() + 1)) return false;
  const [byDate, byWeekday] = [cron.days.has(date.getUTCDate()), cron.weekdays.has(date.getUTCDay())];
  return cron.either ? byDate || byWeekday : byDate && byWeekday;
}

/** The first minute at or after `at`, and before `end`, that the expression names. */
export function nextMatch(cron: Cron, at: WallMinute, end: WallMinute): WallMinute | undefined {
  for (let day = Math.floor(at / dayMinutes); day * dayMinutes < end; day += 1) {
    if (!onDay(cron, day)) continue;
    const time = cron.times.find((each) => day * dayMinutes + each >= at);
    if (time === undefined) continue;
    return day * dayMinutes + time < end ? day * dayMinutes + time : undefined;
  }
  return undefined;
}

/** The last minute at or before `at`, and after `start`, that the expression names. */
export function lastMatch(cron: Cron, at: WallMinute, start: WallMinute): WallMinute | undefined {
  for (let day = Math.floor(at / dayMinutes); (day + 1) * dayMinutes > start; day -= 1) {
    if (!onDay(cron, day)) continue;
    const time = cron.times.findLast((each) => day * dayMinutes + each <= at);
    if (time === undefined) continue;
    return day * dayMinutes + time > start ? day * dayMinutes + time : undefined;
  }
  return undefined;
}

/** Whether starts come so close that a window of this length never closes. */
export function neverPauses(cron: Cron, minutes: number): boolean {
  const { times, days, months: inMonths, weekdays: on } = cron;
  if (days.size < 31 || on.size < 7 || inMonths.size < 12) return false;
  return times.every((time, i) => (times[i + 1] ?? (times[0] ?? 0) + dayMinutes) - time <= minutes);
}
