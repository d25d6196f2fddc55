import { ShepherdError } from '../errors/shepherd-error.js';
import { flag, list, maybe, name, object, oneOf, type Shape, text, time, values, whole } from '../journal/shape.js';
import { emptyOutbox, type Outbox } from '../notices/outbox.js';
import type { Saved } from '../ports/journal.js';
import { type App, formatApp } from '../words/app.js';
import { type Incident, incidentKinds } from './incident.js';

/** The incidents of an app as they are stored, with the notices that nobody got yet. JSON. */
export interface IncidentRecord {
  readonly schema: 1;
  /** When the record was made: part of each id, so that none comes twice. */
  readonly born: string;
  /** How many incidents there were. */
  readonly count: number;
  /** Newest last: all that are open, and some that are over. */
  readonly incidents: readonly Incident[];
  /** Since when a watch sees the app without any pod that answers, or sees it well again. */
  readonly out?: string | undefined;
  readonly well?: string | undefined;
  readonly outbox: Outbox;
  /** Who delivers now, and until when that counts. */
  readonly courier?: { readonly by: string; readonly until: string } | undefined;
}

const schema = 1;
const mostPast = 20;

export const emptyRecord = (now: Date): IncidentRecord => ({ schema, born: now.toISOString(), count: 0, incidents: [], outbox: emptyOutbox });

/** All that are open, and the newest that are over. */
export function bounded(incidents: readonly Incident[]): readonly Incident[] {
  const past = incidents.filter(({ resolved }) => resolved !== undefined);
  const dropped = new Set(past.slice(0, Math.max(0, past.length - mostPast)).map(({ id }) => id));
  return incidents.filter(({ id }) => !dropped.has(id));
}

const actor = object({ name: text, kind: text });
const ruleTimes = list(object({ rule: oneOf('E1', 'E3', 'E4', 'E5', 'E6', 'D1'), at: time }));
const incident = object({
  id: name,
  kind: oneOf(...incidentKinds),
  reason: text,
  by: actor,
  since: time,
  openedAt: time,
  seen: maybe(flag),
  cause: maybe(object({ text, by: actor, at: time })),
  resolved: maybe(object({ reason: text, by: actor, at: time })),
  clocks: ruleTimes,
  fired: ruleTimes,
  sequence: whole(0),
});
const shape: Shape = object({
  born: time,
  count: whole(0),
  incidents: list(incident),
  out: maybe(time),
  well: maybe(time),
  outbox: object({
    heads: values(object({ refs: values(text) })),
    notices: list(object({ rolloutId: name, sequence: whole(1), type: name, to: list(object({ notifier: name })) })),
  }),
  courier: maybe(object({ by: text, until: time })),
});

/** A stored record as ours; undefined where there is none. @throws ShepherdError ERR_JOURNAL where somebody edited it, or a newer Shepherd wrote it */
export function readIncidentRecord(saved: Saved | undefined, app: App): IncidentRecord | undefined {
  if (saved === undefined) return undefined;
  const record = saved.record as Partial<IncidentRecord> | null;
  const issue = record?.schema === schema ? shape(record, '') : { path: 'schema', got: String(record?.schema), expected: String(schema) };
  if (issue === undefined) return record as IncidentRecord;
  const [object, reason] = [`incidents of ${formatApp(app)}`, `${issue.path} is ${issue.got}, expected ${issue.expected}`];
  throw new ShepherdError('ERR_JOURNAL', `the ${object} cannot be used: ${reason}`, {
    facts: { object, reason },
    remedy: 'look at it, and undo what was edited; or use the newer Shepherd that wrote it',
  });
}
