import { invalidOptions, ShepherdError } from '../errors/shepherd-error.js';
import { clean } from '../notices/clean.js';
import type { Undelivered } from '../notices/post-office.js';
import { undelivered } from '../notices/undelivered.js';
import type { Shepherd } from '../shepherd.js';
import { shown } from '../strategies/options.js';
import type { Actor, AppRef } from '../words/app.js';
import { type Duration, toMs } from '../words/duration.js';
import type { IncidentDesk } from './desk.js';
import { holds, type Incident, type IncidentKind, incidentKinds } from './incident.js';
import { type Incidents, incidentsOf, meant } from './incidents-of.js';
import { causeKnown, opened, openIncidents, resolved } from './transitions.js';

/** `timeout`: for telling people; what is not delivered by then stays. @default '15s'. `by` @default the Shepherd's actor */
export interface IncidentOptions {
  readonly by?: Actor | undefined;
  readonly timeout?: Duration | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An incident after a change, whether there was a change, what nobody was told yet, and the rollout that was held for it. */
export interface IncidentChange {
  readonly incident: Incident;
  readonly changed: boolean;
  readonly undelivered: readonly Undelivered[];
  readonly held?: string | undefined;
}

const never = (): AbortSignal => new AbortController().signal;
const longest = 600;

/**
 * Opens an incident and tells people; once: where one of its kind is open already, that one is returned. Data corruption and security are escalated at once, and
 * a rollout of the app that runs is paused until a person decides. @throws ShepherdError ERR_INVALID_OPTIONS
 */
export async function openIncident(
  shepherd: Shepherd<never>,
  app: AppRef,
  { kind, reason, since, ...options }: IncidentOptions & { readonly kind: IncidentKind; readonly reason: string; readonly since?: string | undefined },
): Promise<IncidentChange> {
  const issues = [
    ...(incidentKinds.includes(kind) ? [] : [{ path: 'incident.kind', got: shown(kind), expected: `one of ${incidentKinds.join(', ')}` }]),
    ...(typeof reason === 'string' && reason.trim() !== '' ? [] : [{ path: 'incident.reason', got: shown(reason), expected: 'what is wrong, in a sentence' }]),
    ...(since === undefined || !Number.isNaN(Date.parse(since))
      ? []
      : [{ path: 'incident.since', got: shown(since), expected: 'a time such as 2026-01-01T00:00:00Z' }]),
  ];
  if (issues.length > 0) throw invalidOptions(issues);
  const all = await incidentsOf(shepherd, app, options.signal ?? never());
  const by = options.by ?? all.actor;
  const now = all.context.clock.now().getTime();
  // What is said to have begun later began now.
  const from = since === undefined ? undefined : new Date(Math.min(now, Date.parse(since))).toISOString();
  let changed = false;
  const record = await all.desk.update((before) => {
    const next = opened(before, { kind, reason: clean(reason, longest), by, since: from }, all.desk.scene);
    changed = next !== before;
    return next;
  });
  const incident = openIncidents(record).find((each) => each.kind === kind) as Incident;
  const held = holds(incident) ? await hold(shepherd, all, incident) : undefined;
  return { incident, changed, undelivered: await delivered(all.desk, all, options), ...(held === undefined ? {} : { held }) };
}

/** Records the cause: nobody is called for not knowing it any more. @throws ShepherdError ERR_INVALID_OPTIONS where no incident, or more than one, is meant */
export async function recordCause(
  shepherd: Shepherd<never>,
  what: AppRef,
  { cause, kind, ...options }: IncidentOptions & { readonly cause: string; readonly kind?: IncidentKind | undefined },
): Promise<IncidentChange> {
  if (typeof cause !== 'string' || cause.trim() === '')
    throw invalidOptions([{ path: 'incident.cause', got: shown(cause), expected: 'the cause, in a sentence' }]);
  return changeOf(shepherd, what, kind, options, (record, id, by, scene) => causeKnown(record, id, clean(cause, longest), by, scene));
}

/** Closes an incident, and the alert of it. @throws ShepherdError ERR_INVALID_OPTIONS where no incident, or more than one, is meant */
export async function resolveIncident(
  shepherd: Shepherd<never>,
  what: AppRef,
  { reason = '', kind, ...options }: IncidentOptions & { readonly reason?: string | undefined; readonly kind?: IncidentKind | undefined } = {},
): Promise<IncidentChange> {
  return changeOf(shepherd, what, kind, options, (record, id, by, scene) => resolved(record, id, clean(reason, longest), by, scene));
}

/** The incidents of an app, newest last: those that are open, and the last twenty that are over. Writes nothing. */
export async function listIncidents(
  shepherd: Shepherd<never>,
  app: AppRef,
  { signal = never() }: Pick<IncidentOptions, 'signal'> = {},
): Promise<readonly Incident[]> {
  const { desk } = await incidentsOf(shepherd, app, signal);
  return (await desk.load())?.incidents ?? [];
}

async function changeOf(
  shepherd: Shepherd<never>,
  what: AppRef,
  kind: IncidentKind | undefined,
  options: IncidentOptions,
  change: (record: Parameters<typeof resolved>[0], id: string, by: Actor, scene: IncidentDesk['scene']) => Parameters<typeof resolved>[0],
): Promise<IncidentChange> {
  const all = await incidentsOf(shepherd, what, options.signal ?? never());
  const { id } = meant(await all.desk.load(), what, kind);
  let changed = false;
  const record = await all.desk.update((before) => {
    const next = change(before, id, options.by ?? all.actor, all.desk.scene);
    changed = next !== before;
    return next;
  });
  const incident = record.incidents.find((each) => each.id === id) as Incident;
  return { incident, changed, undelivered: await delivered(all.desk, all, options) };
}

async function delivered(desk: IncidentDesk, { context: { clock } }: Incidents, { timeout = '15s', signal }: IncidentOptions): Promise<readonly Undelivered[]> {
  const over = new AbortController();
  const timer = new AbortController();
  void clock.sleep(toMs(timeout), timer.signal).then(
    () => over.abort(),
    () => undefined,
  );
  try {
    return (await desk.deliver(signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]))).map(undelivered);
  } finally {
    timer.abort();
  }
}

/** Long enough for people to decide; then it still does not go back, which may be what does harm. */
const holdFor = '720h';

/** Pauses the rollout of the app that runs. @returns its id */
async function hold(shepherd: Shepherd<never>, { context: { app } }: Incidents, { kind, id, by }: Incident): Promise<string | undefined> {
  try {
    const rollout = await shepherd.get(app);
    const { now } = await rollout.state();
    if (now.kind !== 'progressing' && now.kind !== 'waiting') return undefined;
    await rollout.pause({ by, reason: `incident ${id} (${kind}): a person decides`, timeout: holdFor, onTimeout: 'continue' });
    return rollout.id;
  } catch (error) {
    // It ended meanwhile, or there is none.
    if (ShepherdError.is(error, 'ERR_ROLLOUT_NOT_FOUND') || ShepherdError.is(error, 'ERR_COMMAND_REFUSED')) return undefined;
    throw error;
  }
}
