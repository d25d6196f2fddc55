import { ShepherdError } from '../errors/shepherd-error.js';
import { migrate, oldestSchema } from '../journal/migrate.js';
import { recordShape } from '../journal/record-shape.js';
import { decode, schema } from '../journal/stored.js';
import type { Saved } from '../ports/journal.js';
import { type App, formatApp } from '../words/app.js';
import type { AppRecord } from './record.js';

/** Not read twice: who follows a rollout, or looks at many, meets the same record again and again. */
const readBefore = new WeakMap<Saved, AppRecord>();

/**
 * A stored record as ours, whatever schema it has. @throws ShepherdError ERR_JOURNAL where it is none, somebody edited it into something that no engine can go
 * on from, or a newer Shepherd wrote it
 */
export function readAppRecord(saved: Saved | undefined, app: App): AppRecord | undefined {
  if (saved === undefined) return undefined;
  const known = readBefore.get(saved);
  if (known !== undefined) return known;
  const stored = saved.record as Readonly<Record<string, unknown>> | null;
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return badly('it is no object');
  const version = stored['schema'];
  if (!Number.isSafeInteger(version)) return badly('it has no schema version');
  if ((version as number) > schema) throw bad(`it has schema version ${version}, this Shepherd knows up to ${schema}`, 'use the newer Shepherd that wrote it');
  if ((version as number) < oldestSchema) return badly(`it has schema version ${version}`);
  const record = decode(migrate(stored));
  const issue = recordShape(record, '');
  if (issue !== undefined) return badly(`${issue.path} is ${issue.got}, expected ${issue.expected}`);
  readBefore.set(saved, record as AppRecord);
  return record as AppRecord;

  function bad(reason: string, remedy: string): ShepherdError {
    return new ShepherdError('ERR_JOURNAL', `the journal of ${formatApp(app)} cannot be used: ${reason}`, {
      facts: { object: formatApp(app), reason },
      remedy,
    });
  }

  function badly(reason: string): never {
    throw bad(reason, 'look at it, undo what was edited, or delete it once no rollout of the app is under way');
  }
}
