import { invalidOptions, ShepherdError } from '../errors/shepherd-error.js';
import type { PortContext } from '../ports/context.js';
import type { IncidentStore } from '../ports/incident-store.js';
import type { MetricsProvider } from '../ports/metrics-provider.js';
import type { Platform } from '../ports/platform.js';
import { partsOf } from '../rollout/clusters.js';
import { inside, type Shepherd } from '../shepherd.js';
import type { Actor, AppRef } from '../words/app.js';
import { parseRolloutId } from '../words/rollout-id.js';
import { IncidentDesk } from './desk.js';
import type { Incident } from './incident.js';
import type { IncidentRecord } from './incident-record.js';
import { openIncidents } from './transitions.js';

/** One app's incidents, through a Shepherd's connections. */
export interface Incidents {
  readonly platform: Platform<unknown>;
  readonly context: PortContext;
  readonly store: IncidentStore;
  readonly desk: IncidentDesk;
  readonly actor: Actor;
  readonly metrics: MetricsProvider | undefined;
}

/** `what`: an app, or the id of an incident. @throws ShepherdError ERR_INVALID_OPTIONS where the platform keeps none */
export async function incidentsOf(shepherd: Shepherd<never>, what: AppRef, signal: AbortSignal): Promise<Incidents> {
  const address = typeof what === 'string' ? parseRolloutId(what) : undefined;
  const { platform, context, engine } = await inside(shepherd).locate(address ?? partsOf(what), signal);
  const store = platform.incidents;
  if (store === undefined)
    throw invalidOptions([{ path: 'platform', got: platform.name, expected: 'a platform that keeps incidents' }], 'keep them in a system of your own');
  const { actor, metrics, notices } = engine;
  return { platform, context, store, desk: new IncidentDesk(store, context, notices?.notifiers ?? []), actor, metrics };
}

/** The open incident that is meant: by id, by kind, or the only one. @throws ShepherdError ERR_INVALID_OPTIONS */
export function meant(record: IncidentRecord | undefined, what: AppRef, kind: string | undefined): Incident {
  const open = record === undefined ? [] : openIncidents(record);
  const id = typeof what === 'string' && parseRolloutId(what) !== undefined ? what : undefined;
  const fits = open.filter((each) => (id === undefined || each.id === id) && (kind === undefined || each.kind === kind));
  const [only] = fits;
  if (only !== undefined && fits.length === 1) return only;
  const shown = open.map((each) => `${each.id} (${each.kind})`).join(', ');
  if (fits.length > 1)
    throw invalidOptions([{ path: 'incident', got: 'several that are open', expected: `one of ${shown}` }], 'name one by its id or its kind');
  throw new ShepherdError(
    'ERR_INVALID_OPTIONS',
    `incident: got ${id ?? kind ?? 'none'}, expected ${shown === '' ? 'an incident that is open' : `one of ${shown}`}`,
    {
      facts: { issues: [{ path: 'incident', got: id ?? kind ?? 'none', expected: shown === '' ? 'an incident that is open' : `one of ${shown}` }] },
      remedy: 'see which are open: shepherd incident list APP',
    },
  );
}
