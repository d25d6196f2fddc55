import type { AppRecord, PastRollout, RolloutRecord } from '../engine/record.js';
import type { RolloutEvent } from '../events/event.js';
import { fit } from '../notices/outbox.js';
import { bytesOf } from './bytes.js';
import { encode } from './stored.js';

/** RR CR-1: far below what an object of etcd may have. */
export const defaultMaxBytes = 256 * 1024;

/** Once it has to make room it makes more than is needed, so that not every write has to. */
const roomLeft = 0.75;
const longestText = 300;
const pastKept = 5;
/** Events kept at the end, beside the first one, in the rounds that drop some. */
const eventsKept = [200, 100, 50, 25, 12, 6] as const;

/** What notices that nobody got may take, in the rounds that come last. */
const outboxKept = [32 * 1024, 16 * 1024, 8 * 1024] as const;

const sizeOf = (record: AppRecord): number => bytesOf(encode(record));

/** Details that no decision rests on: what a check saw, logs of pods. */
const details = new Set(['data', 'log', 'events']);

/** The same value without its bulk: evidence goes, texts are cut. */
function slim<T>(value: T): T {
  if (typeof value === 'string') return (value.length > longestText ? `${value.slice(0, longestText)}…` : value) as T;
  if (Array.isArray(value)) return value.map(slim) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (details.has(key) ? (Array.isArray(each) ? [[key, []]] : []) : [[key, slim(each)]])),
  ) as T;
}

/** Plans stay whole in events: they are stored once, as the rollout's own. */
const planned: ReadonlySet<string> = new Set(['rollout-start', 'attempt-start', 'rollback-start']);
const slimEvent = (event: RolloutEvent): RolloutEvent => (planned.has(event.type) ? event : slim(event));

const slimPast = (past: PastRollout): PastRollout => ({ ...past, outcome: slim(past.outcome) });

const slimCurrent = (current: RolloutRecord): RolloutRecord => ({
  ...current,
  events: current.events.map(slimEvent),
  ...(current.cascade === undefined ? {} : { cascade: { ...current.cascade, failed: slim(current.cascade.failed) } }),
  ...(current.cause === undefined ? {} : { cause: slim(current.cause) }),
  ...(current.outcome === undefined ? {} : { outcome: slim(current.outcome) }),
  ...(current.waiting === undefined ? {} : { waiting: slim(current.waiting) }),
});

/** The first event and the last ones; one event stands for those between. */
function fold(current: RolloutRecord, keep: number): RolloutRecord {
  const { events } = current;
  const [first] = events;
  const last = events.slice(-keep);
  if (first === undefined || events.length <= keep + 2) return current;
  const dropped = events.slice(1, -keep);
  const [from, to] = [dropped[0], dropped.at(-1)] as [RolloutEvent, RolloutEvent];
  const gap: RolloutEvent = {
    type: 'events-compacted',
    from: from.type === 'events-compacted' ? from.from : from.sequence,
    to: to.sequence,
    rolloutId: current.id,
    app: to.app,
    sequence: to.sequence,
    transient: false,
    at: to.at,
  };
  return { ...current, events: [first, gap, ...last] };
}

/** What makes room, from what is missed least to what is missed most; a round is tried after the one before was not enough. */
function* rounds(record: AppRecord): Generator<AppRecord> {
  let next: AppRecord = { ...record, past: record.past.map(slimPast) };
  yield next;
  const half = Math.floor(record.current.events.length / 2);
  next = { ...next, current: { ...next.current, events: next.current.events.map((event, index) => (index < half ? slimEvent(event) : event)) } };
  yield next;
  next = { ...next, current: slimCurrent(next.current) };
  yield next;
  for (let kept = next.past.length - 1; kept >= pastKept; kept -= 1) {
    next = { ...next, past: next.past.slice(0, kept) };
    yield next;
  }
  for (const keep of eventsKept) {
    next = { ...next, current: fold(next.current, keep) };
    yield next;
  }
  next = { ...next, past: [] };
  yield next;
  const { outbox } = next;
  if (outbox === undefined) return;
  for (const bytes of outboxKept) yield { ...next, outbox: fit(outbox, bytes) };
}

/**
 * A record that fits: as it is where it does, else with what made room gone (docs/decisions/full-journal.md). What the engine decides by is never dropped, so
 * one that is still too large is given back as it is, for the journal to refuse.
 */
export function compact(record: AppRecord, maxBytes: number): AppRecord {
  if (sizeOf(record) <= maxBytes) return record;
  let smallest = record;
  for (const round of rounds(record)) {
    smallest = round;
    if (sizeOf(round) <= maxBytes * roomLeft) return round;
  }
  return smallest;
}
