import { ShepherdError } from '../errors/shepherd-error.js';
import type { Saved } from '../ports/journal.js';
import { type App, formatApp } from '../words/app.js';
import type { AppRecord } from './record.js';

/** A stored record as ours. @throws ShepherdError ERR_JOURNAL where it is none, or a newer Shepherd wrote it */
export function readAppRecord(saved: Saved | undefined, app: App): AppRecord | undefined {
  if (saved === undefined) return undefined;
  const record = saved.record as Partial<AppRecord> | null;
  const bad = (reason: string, remedy: string): ShepherdError =>
    new ShepherdError('ERR_JOURNAL', `the journal of ${formatApp(app)} cannot be used: ${reason}`, { facts: { object: formatApp(app), reason }, remedy });
  if (typeof record !== 'object' || record === null) return badly('it is no object');
  if (typeof record.schema !== 'number') return badly('it has no schema version');
  if (record.schema !== 1) throw bad(`it has schema version ${record.schema}, this Shepherd knows 1`, 'use the newer Shepherd that wrote it');
  if (typeof record.current?.id !== 'string' || !Array.isArray(record.current.events) || !Array.isArray(record.past)) return badly('fields are missing');
  return record as AppRecord;

  function badly(reason: string): never {
    throw bad(reason, 'look at it, and delete it once no rollout of the app is under way');
  }
}
