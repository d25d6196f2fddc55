import { added, type NoticeContent } from '../notices/outbox.js';
import { wants } from '../notices/routes.js';
import type { Notifier } from '../ports/notifier.js';
import type { Actor, App } from '../words/app.js';
import { clocksOf, type EscalationRule, holds, type Incident, type IncidentKind } from './incident.js';
import { causeNotice, openedNotice, resolvedNotice, ruleNotice } from './incident-notice.js';
import { bounded, type IncidentRecord } from './incident-record.js';

/** Whose incidents, who is told, and what time it is. */
export interface Scene {
  readonly app: App;
  readonly notifiers: readonly Notifier[];
  readonly now: Date;
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const base32 = (value: number, length: number): string => Array.from({ length }, (_, i) => alphabet[Math.floor(value / 32 ** (length - 1 - i)) % 32]).join('');

/** The id that the next incident gets, whichever process opens it. */
export const nextId = ({ cluster, namespace, name }: App, { born, count }: Pick<IncidentRecord, 'born' | 'count'>): string =>
  `${cluster}_${namespace}_${name}_I${base32(Date.parse(born), 9)}${base32(count + 1, 4)}`;

export const openIncidents = ({ incidents }: IncidentRecord): readonly Incident[] => incidents.filter(({ resolved }) => resolved === undefined);

/** Takes notices of an incident into the outbox, each for whom it is. */
function told(record: IncidentRecord, incident: Incident, { app, notifiers }: Scene, notices: readonly NoticeContent[]): IncidentRecord {
  const posts = notices.flatMap((notice) => {
    const to = notifiers
      .filter((notifier) => wants(notifier.wants, app, notice))
      .map(({ name }) => ({ notifier: name, state: 'pending' as const, attempts: 0 }));
    return to.length === 0 ? [] : [{ ...notice, to }];
  });
  const metadata = { incident: incident.kind, openIncidents: String(openIncidents(record).length) };
  return { ...record, outbox: added(record.outbox, incident.id, { app, by: incident.by, metadata }, posts) };
}

const put = (record: IncidentRecord, incident: Incident): IncidentRecord => ({
  ...record,
  incidents: bounded(
    record.incidents.some(({ id }) => id === incident.id)
      ? record.incidents.map((each) => (each.id === incident.id ? incident : each))
      : [...record.incidents, incident],
  ),
});

export interface Opening {
  readonly kind: IncidentKind;
  readonly reason: string;
  readonly by: Actor;
  readonly since?: string | undefined;
  readonly seen?: true | undefined;
}

/** A new incident, with what is due at once; the record as it is where one of its kind is open. */
export function opened(record: IncidentRecord, { kind, reason, by, since, seen }: Opening, scene: Scene): IncidentRecord {
  if (openIncidents(record).some((each) => each.kind === kind)) return record;
  const openedAt = scene.now.toISOString();
  const times = { since: since ?? openedAt, openedAt };
  const incident: Incident = {
    id: nextId(scene.app, record),
    kind,
    reason,
    by,
    ...times,
    ...(seen === undefined ? {} : { seen }),
    clocks: clocksOf(kind, times),
    fired: [],
    sequence: 1,
  };
  const next = put({ ...record, count: record.count + 1 }, incident);
  return due(told(next, incident, scene, [openedNotice(incident, scene)]), scene, { isWell: undefined });
}

/** What is known of the app at this moment: undefined where it was not looked at. */
export interface Known {
  readonly isWell: boolean | undefined;
  /** A watch goes back by itself when D1 fires. @default false */
  readonly goesBack?: boolean | undefined;
}

/** What is due by now fires, each rule of an incident once. */
export function due(record: IncidentRecord, scene: Scene, known: Known): IncidentRecord {
  return openIncidents(record).reduce((now, incident) => {
    const over = incident.clocks.filter(({ at }) => Date.parse(at) <= scene.now.getTime());
    return over.reduce((again, { rule }) => fire(again, incident.id, rule, scene, known), now);
  }, record);
}

function fire(record: IncidentRecord, id: string, rule: EscalationRule, scene: Scene, { isWell, goesBack = false }: Known): IncidentRecord {
  const incident = record.incidents.find((each) => each.id === id) as Incident;
  const clocks = incident.clocks.filter((each) => each.rule !== rule);
  // "Still so": an outage that is over by then is none; what is not known is not good.
  if ((rule === 'E1' && isWell === true) || (rule === 'E6' && incident.cause !== undefined)) return put(record, { ...incident, clocks });
  const back = rule === 'D1' && goesBack && !openIncidents(record).some(holds);
  const next: Incident = {
    ...incident,
    clocks,
    fired: [...incident.fired, { rule, at: scene.now.toISOString() }],
    ...(back ? { goesBack: true } : {}),
    sequence: incident.sequence + 1,
  };
  return told(put(record, next), next, scene, [ruleNotice(next, rule, scene, back)]);
}

/** The cause is known: its clock stops. The record as it is where the incident is over or has this cause. */
export function causeKnown(record: IncidentRecord, id: string, text: string, by: Actor, scene: Scene): IncidentRecord {
  const incident = openIncidents(record).find((each) => each.id === id);
  if (incident === undefined || incident.cause?.text === text) return record;
  const next: Incident = {
    ...incident,
    cause: { text, by, at: scene.now.toISOString() },
    clocks: incident.clocks.filter(({ rule }) => rule !== 'E6'),
    sequence: incident.sequence + 1,
  };
  return told(put(record, next), next, scene, [causeNotice(next, scene)]);
}

/** It is over: no clock of it runs any more. */
export function resolved(record: IncidentRecord, id: string, reason: string, by: Actor, scene: Scene): IncidentRecord {
  const incident = openIncidents(record).find((each) => each.id === id);
  if (incident === undefined) return record;
  const { goesBack: _, ...rest } = incident;
  const next: Incident = { ...rest, resolved: { reason, by, at: scene.now.toISOString() }, clocks: [], sequence: incident.sequence + 1 };
  return told(put(record, next), next, scene, [resolvedNotice(next, scene)]);
}
