import { schema } from './stored.js';

type Stored = Readonly<Record<string, unknown>>;

/**
 * From each schema to the next. Pure, and never changed once released: what was stored under a schema stays what it is.
 * 1 → 2: events may refer to what the rollout holds already (`{ ref: 'plan' }`), and `events-compacted` may stand for events that were dropped. A record of
 * schema 1 has neither and is one of schema 2 as it is.
 * 2 → 3: a rollback may have several attempts (`cascade`), and who does not know them would bring back the version that it left. A record of schema 2 has none.
 */
const migrations: Readonly<Record<number, (stored: Stored) => Stored>> = {
  1: (stored) => ({ ...stored, schema: 2 }),
  2: (stored) => ({ ...stored, schema: 3 }),
};

/** The oldest schema that is still read. */
export const oldestSchema = 1;

/** A record of an older schema as one of the present schema. */
export function migrate(stored: Stored): Stored {
  let record = stored;
  while (record['schema'] !== schema) {
    const next = migrations[record['schema'] as number];
    if (next === undefined) throw new RangeError(`no migration from schema ${String(record['schema'])}`);
    record = next(record);
  }
  return record;
}
