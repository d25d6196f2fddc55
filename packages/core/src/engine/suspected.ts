import { withDeadline } from '../extend/with-deadline.js';
import { IncidentDesk } from '../incidents/desk.js';
import { holdingIncident, sayIncident } from '../incidents/holding.js';
import type { Incident } from '../incidents/incident.js';
import { opened, openIncidents } from '../incidents/transitions.js';
import { clean } from '../notices/clean.js';
import type { PortContext } from '../ports/context.js';
import { formatCause } from '../rollout/format-cause.js';
import type { Cause } from '../rollout/outcome.js';
import type { Suspicion } from '../words/suspicion.js';
import type { Verdict } from '../words/verdict.js';
import type { Driver } from './driver.js';
import { pausedBy } from './leave.js';
import { isRollback, type Waiting } from './record.js';
import { retrying } from './retrying.js';
import { LeftPaused, waitForPeople } from './wait-for-people.js';

/** Long enough for people to decide; what happens then is that it is looked at again, never that it is taken back. */
const holdMs = 30 * 86_400_000;
/** A store that does not answer is asked again for as long as a way back is tried. */
const unknownMs = 1_800_000;
const askAgainMs = 2_000;
/** For telling people; what is not delivered by then stays for whoever flushes. */
const tellMs = 15_000;

/** What the check behind a verdict was tagged with. */
export const suspicionOf = (verdict: Verdict): Suspicion | undefined => (verdict.kind === 'pass' ? undefined : verdict.incident);

/** The incident that holds a rollout where it would go back by itself; nothing that was not begun is held. */
async function incidentOf(driver: Driver): Promise<Incident | undefined> {
  const { platform, clock, keeper } = driver;
  const startedMs = clock.monotonicMs();
  for (const app of keeper.record.apps) {
    for (;;) {
      // An interrupted rollout has no time left of its own.
      const found = await holdingIncident(platform, { ...driver.read, app, signal: new AbortController().signal });
      if (found !== 'unknown') {
        if (found !== undefined) return found;
        break;
      }
      const { interruption } = driver;
      if ((interruption !== undefined && interruption.kind !== 'deadline') || clock.monotonicMs() - startedMs > unknownMs) return undefined;
      await clock.sleep(askAgainMs);
    }
  }
  return undefined;
}

/** Nothing goes back by itself while it is open; a rollback was asked for, and what was not begun has no way back. */
export async function incidentThatHolds(driver: Driver, cause: Cause): Promise<Suspicion | undefined> {
  const { record } = driver.keeper;
  if (cause.kind === 'abort' || record.reached < 0 || isRollback(record)) return undefined;
  return (await incidentOf(driver))?.kind as Suspicion | undefined;
}

/** Asked again once the record is stored: whoever opens one after that finds this rollout and holds it. */
export async function incidentAtStart(driver: Driver): Promise<Incident | undefined> {
  const { release, overrideIncident } = driver.keeper.record.request;
  return release === undefined || overrideIncident !== undefined ? undefined : incidentOf(driver);
}

/** A tagged check failed: its incident is opened, once, and people are told while the rollout goes on to be held. Never fails. */
export async function openSuspected(driver: Driver, kind: Suspicion, verdict: Verdict): Promise<void> {
  const { platform, keeper, clock, actor, notifiers } = driver;
  const { id, step, apps } = keeper.record;
  const say = (message: string): void => keeper.transient({ type: 'step-progress', index: step, message });
  const store = platform.incidents;
  if (store === undefined) return say(`${kind} is suspected; ${platform.name} keeps no incidents, so nobody is escalated to`);
  const context: PortContext = { ...driver.read, app: apps[0], signal: new AbortController().signal };
  const desk = new IncidentDesk(store, context, notifiers);
  const reason = clean(`rollout ${id}: ${verdict.kind === 'pass' ? '' : `${verdict.check === undefined ? '' : `${verdict.check}: `}${verdict.reason}`}`, 600);
  try {
    const record = await retrying(driver, () => desk.update((before) => opened(before, { kind, reason, by: actor }, desk.scene)));
    const incident = openIncidents(record).find((each) => each.kind === kind);
    if (incident !== undefined) say(sayIncident(incident));
  } catch (error) {
    say(`${kind} is suspected, and no incident could be opened: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  const tell = (signal: AbortSignal): Promise<unknown> => desk.deliver(signal);
  driver.alongside(withDeadline({ clock, ms: tellMs, signals: [], onTimeout: () => new Error('late') }, tell));
}

/**
 * Says what went wrong and which incident holds it, and waits. Resolves when the step is to be tried again; rejects when a person takes it back, or this process
 * leaves: also where the deadline has passed meanwhile, so that nothing but a person takes it back.
 */
export async function holdForIncident(driver: Driver, cause: Cause, kind: Suspicion): Promise<void> {
  const { keeper, clock } = driver;
  const by = { name: 'shepherd', kind: 'engine' } as const;
  for (;;) {
    const incident = await incidentOf(driver);
    const { id } = keeper.record;
    const why = incident === undefined ? `${kind} is suspected` : `incident ${incident.id} (${incident.kind}) is open`;
    const reason = `${formatCause(cause)}; ${why}, so nothing goes back by itself: shepherd resume ${id} tries again, shepherd abort ${id} takes it back`;
    const until = new Date(clock.now().getTime() + holdMs).toISOString();
    const waiting: Waiting = { ...pausedBy(by, reason, clock.now()), until, onTimeout: 'continue', incident: kind };
    const start = { type: 'pause-start', by, reason, until } as const;
    const { answer } = await waitForPeople(driver, waiting, ['resume'], { start, end: (waited) => ({ type: 'pause-end', by: waited.by }) }).catch(
      async (error: unknown) => {
        if (driver.interruption?.kind !== 'deadline') throw error;
        await keeper.commit({ waiting }, [start]);
        throw new LeftPaused(waiting);
      },
    );
    // Nobody came, and it is open still: that is no reason to go on.
    if (answer === 'resume' || (await incidentOf(driver)) === undefined) return;
  }
}
