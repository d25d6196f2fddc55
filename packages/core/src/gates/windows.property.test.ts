import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Window, windowState } from './index.js';

const app = { cluster: 'eu', namespace: 'shop', name: 'web' };
const minuteMs = 60_000;

/** Zones that move their clocks by an hour, by half of one, twice a year against the sun, for Ramadan, at midnight, and not at all. */
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/Santiago',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Africa/Cairo',
] as const;
const formats = new Map(
  zones.map((zone) => [
    zone,
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' }),
  ]),
);
/** What a clock on the wall says, as if it were UTC. */
const wallOf = (zone: (typeof zones)[number], at: number): Date => new Date(`${formats.get(zone)?.format(at).replace(' ', 'T')}:00Z`);

/** When the clocks of a zone move, found by looking at every hour of two years. */
const shifts = new Map(
  zones.map((zone) => {
    const found: number[] = [];
    let before: number | undefined;
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2028, 0, 1); at += 3_600_000) {
      const offset = wallOf(zone, at).getTime() - at;
      if (before !== undefined && offset !== before) found.push(at);
      before = offset;
    }
    return [zone, found];
  }),
);

interface Rule {
  readonly minute: number;
  readonly hours: readonly number[];
  readonly days: readonly number[] | undefined;
  readonly weekdays: readonly number[] | undefined;
  readonly minutes: number;
  readonly kind: 'allow' | 'deny';
  readonly zone: (typeof zones)[number];
}

/** Mostly no limit, so that nights on which clocks move are among them. */
const some = (from: number, to: number, least = 1) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.uniqueArray(fc.integer({ min: from, max: to }), { minLength: least }) },
  );
const rule: fc.Arbitrary<Rule> = fc.record({
  minute: fc.constantFrom(0, 30, 59),
  hours: fc.uniqueArray(fc.constantFrom(0, 1, 2, 3, 23), { minLength: 1, maxLength: 2 }),
  days: some(1, 31, 8),
  weekdays: some(0, 6),
  minutes: fc.constantFrom(1, 30, 59, 60, 61, 120, 180, 1_500),
  kind: fc.constantFrom('allow', 'allow', 'deny'),
  zone: fc.constantFrom(...zones),
});
const list = (numbers: readonly number[] | undefined): string => numbers?.join(',') ?? '*';
const windowOf = ({ minute, hours, days, weekdays, minutes, kind, zone }: Rule, i: number): Window => ({
  name: `w${i}`,
  kind,
  schedule: `${minute} ${list(hours)} ${list(days)} * ${list(weekdays)}`,
  duration: `${minutes}m`,
  timeZone: zone,
});

/** One minute, asked as a person would: is it the start, or was a minute on this wall less than the duration ago the start? */
function isOn({ minute, hours, days, weekdays, minutes, zone }: Rule, at: number): boolean {
  const wall = wallOf(zone, at).getTime();
  for (let ago = 0; ago < minutes; ago += 1) {
    const then = new Date(wall - ago * minuteMs);
    if (then.getUTCMinutes() !== minute || !hours.includes(then.getUTCHours())) continue;
    const [date, weekday] = [days?.includes(then.getUTCDate()), weekdays?.includes(then.getUTCDay())];
    if (date !== undefined && weekday !== undefined ? date || weekday : (date ?? weekday ?? true)) return true;
  }
  return false;
}
const isOpen = (rules: readonly Rule[], at: number): boolean => {
  if (rules.some((each) => each.kind === 'deny' && isOn(each, at))) return false;
  const allow = rules.filter(({ kind }) => kind === 'allow');
  return allow.length === 0 || allow.some((each) => isOn(each, at));
};

const lookMinutes = 2_000;

test('open, closed, and when that changes, are what a clock on the wall says minute by minute', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 1, maxLength: 3 }),
      fc.nat(),
      fc.oneof(fc.integer({ min: -200, max: 130 }), fc.integer({ min: -1_700, max: 200 })),
      fc.integer({ min: 0, max: minuteMs - 1 }),
      (rules, pick, minutesFrom, ms) => {
        const near = rules.flatMap(({ zone }) => shifts.get(zone) ?? []);
        const base = near.length === 0 ? Date.UTC(2026, pick % 12, 1 + (pick % 28)) : (near[pick % near.length] ?? 0);
        const at = base + minutesFrom * minuteMs;
        const state = windowState(rules.map(windowOf), new Date(at + ms), { app });
        const open = isOpen(rules, at);
        expect(state.state).toBe(open ? 'open' : 'closed');
        let change: number | undefined;
        for (let minute = 1; minute <= lookMinutes && change === undefined; minute += 1) {
          if (isOpen(rules, at + minute * minuteMs) !== open) change = at + minute * minuteMs;
        }
        const said = open ? state.nextClose : state.nextOpen;
        if (change !== undefined) expect(said).toBe(`${new Date(change).toISOString().slice(0, 19)}Z`);
        else expect(said === undefined || Date.parse(said) > at + lookMinutes * minuteMs).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
