import { ShepherdError } from '../errors/shepherd-error.js';
import type { PortContext } from '../ports/context.js';
import type { Platform } from '../ports/platform.js';
import { holds, type Incident } from './incident.js';
import { readIncidentRecord } from './incident-record.js';
import { openIncidents } from './transitions.js';

/**
 * The open incident of an app while which nothing goes back by itself and no release begins (EC 3, E3 and E4). `unknown`: the store does not answer now. Where
 * none are kept, or may not be read, there is none. Writes nothing.
 */
export async function holdingIncident({ incidents }: Platform<unknown>, context: PortContext): Promise<Incident | 'unknown' | undefined> {
  try {
    const record = readIncidentRecord(await incidents?.load(context), context.app);
    return record === undefined ? undefined : openIncidents(record).find(holds);
  } catch (error) {
    context.signal.throwIfAborted();
    return ShepherdError.is(error) && error.retryable ? 'unknown' : undefined;
  }
}

/** An incident as people are told of it. */
export const sayIncident = ({ id, kind, reason }: Incident): string => `incident ${id} (${kind}) is open: ${reason}`;
