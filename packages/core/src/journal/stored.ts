import type { AppRecord } from '../engine/record.js';
import type { RolloutEvent } from '../events/event.js';

/** Version of what `encode` writes. A change that an older Shepherd would misread raises it and adds a migration. */
export const schema = 3;

/** Parts of a rollout that its events repeat: stored once. */
const shared = ['plan', 'back', 'cause', 'outcome'] as const;
type Shared = (typeof shared)[number];

interface Reference {
  readonly ref: Shared;
}

const isReference = (value: unknown): value is Reference =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 1 && shared.includes((value as Partial<Reference>).ref as Shared);

/** What is written: the record as JSON, with what events repeat of the rollout as a reference to it. */
export function encode({ write, current, past, outbox }: AppRecord): object {
  const known = new Map(shared.flatMap((ref) => (current[ref] === undefined ? [] : [[JSON.stringify(current[ref]), ref] as const])));
  const short = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const ref = known.get(JSON.stringify(value));
    return ref === undefined ? value : ({ ref } satisfies Reference);
  };
  const events = current.events.map((event) => Object.fromEntries(Object.entries(event).map(([key, value]) => [key, short(value)])));
  const notices = outbox === undefined || (outbox.notices.length === 0 && Object.keys(outbox.heads).length === 0) ? {} : { outbox };
  return { schema, write, current: { ...current, events }, past, ...notices };
}

/** The record that was written, of the present schema. */
export function decode(stored: object): object {
  const { current } = stored as { readonly current?: Partial<Record<string, unknown>> | null };
  if (typeof current !== 'object' || current === null || !Array.isArray(current['events'])) return stored;
  const long = (value: unknown): unknown => (isReference(value) ? current[value.ref] : value);
  const events = current['events'].map((event: unknown) =>
    typeof event === 'object' && event !== null ? Object.fromEntries(Object.entries(event).map(([key, value]) => [key, long(value)])) : event,
  );
  return { ...stored, current: { ...current, events } };
}

/** The number of the last event that was stored. */
export const lastSequence = ({ events }: { readonly events: readonly RolloutEvent[] }): number => events.at(-1)?.sequence ?? 0;
