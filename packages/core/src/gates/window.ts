import type { Issue } from '../errors/error-facts.js';
import { durationIssue, shown, unknownKeys } from '../strategies/options.js';
import { type App, formatApp, parseAppRef } from '../words/app.js';
import { type Duration, toMs } from '../words/duration.js';
import { nextMatch, parseCron } from './cron.js';

/** A time in which releases are allowed, or denied, by the clocks of one time zone. JSON. */
export interface Window {
  readonly name: string;
  readonly kind: 'allow' | 'deny';
  /** When it begins: a cron expression of five fields, by the clocks of `timeZone`. Limits of day and weekday are either-or, as in cron. */
  readonly schedule: string;
  /** How long it lasts on those clocks: whole minutes, at most 366 days (`8784h`). */
  readonly duration: Duration;
  /** IANA: `Europe/Berlin`, `UTC`. */
  readonly timeZone: string;
  /** Why, for people. */
  readonly reason?: string | undefined;
  /** What happens to a rollout under way when this window ends its time: it goes on, holds until it opens again, or is taken back. @default 'finish' */
  readonly onOpenRun?: 'finish' | 'pause' | 'rollback' | undefined;
  /** It applies to these apps alone: `web`, `shop/web`, `eu/shop/web`. @default all */
  readonly apps?: readonly string[] | undefined;
  /** It applies where `metadata.environment` of the request is one of these. @default everywhere */
  readonly environments?: readonly string[] | undefined;
}

const keys = ['name', 'kind', 'schedule', 'duration', 'timeZone', 'reason', 'onOpenRun', 'apps', 'environments'];
const longestMs = 366 * 86_400_000;
// Any five years with a 29 February.
const [calendarStart, calendarEnd] = [Date.UTC(2024, 0, 1) / 60_000, Date.UTC(2029, 0, 1) / 60_000];

/** What is wrong with a window, as far as it shows in itself. */
export function windowIssues(path: string, window: unknown): readonly Issue[] {
  if (typeof window !== 'object' || window === null) return [{ path, got: shown(window), expected: 'a window: name, kind, schedule, duration, timeZone' }];
  const { name, kind, schedule, duration, timeZone, reason, onOpenRun, apps, environments } = window as Record<keyof Window, unknown>;
  const issue = (key: string, got: unknown, expected: string): readonly Issue[] => [{ path: `${path}.${key}`, got: shown(got), expected }];
  const texts = (key: string, value: unknown): readonly Issue[] =>
    value === undefined || (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string' && each !== ''))
      ? []
      : issue(key, value, 'a list of names');
  return [
    ...unknownKeys(path, window, keys),
    ...(typeof name === 'string' && name !== '' ? [] : issue('name', name, 'a name')),
    ...(kind === 'allow' || kind === 'deny' ? [] : issue('kind', kind, 'allow or deny')),
    ...(typeof schedule === 'string' ? scheduleIssues(`${path}.schedule`, schedule) : issue('schedule', schedule, 'a cron expression, such as "0 2 * * *"')),
    ...(duration === undefined ? issue('duration', duration, 'how long it lasts, such as 2h') : durationIssues(`${path}.duration`, duration)),
    ...(isZone(timeZone) ? [] : issue('timeZone', timeZone, 'an IANA time zone that exists, such as Europe/Berlin')),
    ...(reason === undefined || typeof reason === 'string' ? [] : issue('reason', reason, 'text')),
    ...(onOpenRun === undefined || ['finish', 'pause', 'rollback'].includes(onOpenRun as string)
      ? []
      : issue('onOpenRun', onOpenRun, 'finish, pause or rollback')),
    ...texts('apps', apps),
    ...texts('environments', environments),
  ];
}

function scheduleIssues(path: string, schedule: string): readonly Issue[] {
  const cron = parseCron(schedule);
  if (typeof cron === 'string') return [{ path, got: shown(schedule), expected: cron }];
  return nextMatch(cron, calendarStart, calendarEnd) === undefined
    ? [{ path, got: shown(schedule), expected: 'a day that exists: this window never opens' }]
    : [];
}

function durationIssues(path: string, duration: unknown): readonly Issue[] {
  const issues = durationIssue(path, duration, 60_000);
  if (issues.length > 0) return issues;
  const ms = toMs(duration as Duration);
  return ms % 60_000 === 0 && ms <= longestMs ? [] : [{ path, got: shown(duration), expected: 'whole minutes, at most 366 days (8784h)' }];
}

function isZone(name: unknown): boolean {
  // Offsets such as +02:00 know no summer time: nobody's clocks.
  if (typeof name !== 'string' || !/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Whether a window says anything about a rollout. */
export function appliesTo({ apps, environments }: Window, app: App, environment: string | undefined): boolean {
  if (environments !== undefined && (environment === undefined || !environments.includes(environment))) return false;
  return apps === undefined || apps.some((each) => isApp(each, app));
}

function isApp(text: string, app: App): boolean {
  const ref = parseAppRef(text);
  if (ref === undefined) return text === formatApp(app);
  return ref.name === app.name && (ref.namespace ?? app.namespace) === app.namespace && (ref.cluster ?? app.cluster) === app.cluster;
}
