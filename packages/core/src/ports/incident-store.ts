import type { App } from '../words/app.js';
import type { PortContext } from './context.js';
import type { Saved } from './journal.js';

/** A small record an app beside its journal, which anybody may write: compare-and-set alone keeps writers apart, no lock and no fence. At most 128 KiB. */
export interface IncidentStore {
  /** What is stored, a copy; undefined: nothing yet. */
  load(context: PortContext): Promise<Saved | undefined>;
  /** `ifVersion` undefined: only if there is none yet. @throws ShepherdError ERR_CONFLICT if another version is stored */
  save(context: PortContext, record: unknown, ifVersion: string | undefined): Promise<Saved>;
  /** Apps that have a record. */
  list(namespaces: readonly string[] | undefined, signal: AbortSignal): AsyncIterable<Omit<App, 'cluster'>>;
}
