// A process that saves and posts as fast as it can, until it is killed, and tells what has landed.
import { writeSync } from 'node:fs';
import { ShepherdError } from '../../errors/shepherd-error.js';
import { systemClock } from '../../internal/system-clock.js';
import { fileJournal } from '../index.js';

/** A line of its output. */
export type Landed = { readonly saved: number; readonly version: string } | { readonly posted: string };

export interface Counted {
  readonly count: number;
  readonly by: string;
  readonly bulk: string;
}

const [, , directory = '', name = ''] = process.argv;
const journal = fileJournal({ directory });
const app = { cluster: 'here', namespace: 'shop', name: 'web' };
const context = { app, rolloutId: 'r1', fence: 1, signal: new AbortController().signal, clock: systemClock };
const tell = (landed: Landed): void => void writeSync(1, `${JSON.stringify(landed)}\n`);

for (let n = 0; ; n += 1) {
  const found = await journal.load(context);
  const count = ((found?.record as Counted | undefined)?.count ?? 0) + 1;
  try {
    const { version } = await journal.save(context, { count, by: name, bulk: name.repeat(20_000) } satisfies Counted, found?.version);
    tell({ saved: count, version });
  } catch (error) {
    if (!ShepherdError.is(error, 'ERR_CONFLICT')) throw error;
  }
  if (n % 4 !== 0) continue;
  await journal.post(context, { posted: `${name}${n}` });
  tell({ posted: `${name}${n}` });
}
