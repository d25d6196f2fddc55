import type { StoredCommand } from '../engine/commands.js';
import { type EventBody, Keeper } from '../engine/keeper.js';
import { holdFor, missingUse } from '../engine/missing-use.js';
import { readAppRecord } from '../engine/read-record.js';
import type { MissingUse, RolloutRecord } from '../engine/record.js';
import { acquireLock, type Engine, type Hold } from '../engine/start.js';
import { waitedFor } from '../engine/wait-for-people.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import type { PortContext } from '../ports/context.js';
import { rolloutNotFound } from './run.js';

/** A rollout that nobody else drives, with its lock in hand. */
export interface Taken {
  readonly record: RolloutRecord;
  readonly hold: Hold;
  /** What the takeover itself brings about. */
  readonly events: readonly EventBody[];
}

/**
 * Takes the lock of a rollout that nobody drives, to obey `command`, or to go on where it stands. Undefined: it has ended meanwhile.
 * @throws ShepherdError ERR_LOCK_HELD where somebody drives it, ERR_NOT_REGISTERED where going on needs what is not registered here (it is held and says so)
 */
export async function takeLock(
  engine: Engine,
  context: PortContext & { readonly rolloutId: string },
  command: StoredCommand | undefined,
): Promise<Taken | undefined> {
  const before = await load(engine, context);
  if (before.phase === 'ended') return undefined;
  const wanted = command?.kind !== 'abort' || before.phase === 'back' ? missingUse(before, engine.registry) : undefined;
  // Said already: nothing is written.
  if (wanted !== undefined && before.waiting?.missing !== undefined) throw notRegistered(wanted, before.id);
  const lease = await acquireLock(engine, context, 'refuse', async () => undefined);
  try {
    const saved = await engine.platform.journal.load(context);
    const stored = readAppRecord(saved, context.app);
    if (stored === undefined || stored.current.id !== context.rolloutId) throw rolloutNotFound(context.rolloutId);
    // Under the lock: what was read before it may be old.
    const { current, past, outbox } = stored;
    const hold: Hold = { lease, past, saved, outbox };
    if (current.phase === 'ended') {
      await lease.release();
      return undefined;
    }
    if (wanted !== undefined) {
      await holdIt(engine, context, current, hold, wanted);
      throw notRegistered(wanted, current.id);
    }
    return { ...freed(current, command, context, engine), hold };
  } catch (error) {
    await lease.release().catch(() => undefined);
    throw error;
  }
}

/** The record of this rollout. @throws ShepherdError ERR_ROLLOUT_NOT_FOUND */
async function load({ platform }: Engine, context: PortContext & { readonly rolloutId: string }): Promise<RolloutRecord> {
  const found = readAppRecord(await platform.journal.load(context), context.app);
  if (found?.current.id === context.rolloutId) return found.current;
  throw rolloutNotFound(context.rolloutId);
}

/** Waits that end by this takeover: a pause that is resumed, a hold for what is registered here. */
function freed(record: RolloutRecord, command: StoredCommand | undefined, { clock }: PortContext, { actor }: Engine): Pick<Taken, 'record' | 'events'> {
  const { waiting } = record;
  const ends = waiting?.missing !== undefined || (waiting?.on === 'pause' && command?.kind === 'resume');
  if (!ends) return { record, events: [] };
  return { record: { ...record, ...waitedFor(record, clock.now()) }, events: [{ type: 'pause-end', by: command?.by ?? actor }] };
}

/** An unknown name is a hold, never a guess (DESIGN 1): stored, so that everybody sees what is needed. */
async function holdIt(
  engine: Engine,
  context: PortContext & { readonly rolloutId: string },
  record: RolloutRecord,
  { lease, past, saved, outbox }: Hold,
  missing: MissingUse,
): Promise<void> {
  const keeper = new Keeper(record, saved, {
    journal: engine.platform.journal,
    context: () => ({ ...context, fence: lease.fence }),
    writer: `${engine.holder} ${record.id}`,
    publish: () => undefined,
    past,
    outbox,
    notifiers: engine.notices?.notifiers,
  });
  const { waiting, start } = holdFor(missing, context.clock.now());
  await keeper.commit({ waiting }, [start]);
}

const notRegistered = ({ extension, use }: MissingUse, id: string): ShepherdError =>
  new ShepherdError('ERR_NOT_REGISTERED', `${id} needs the ${extension} ${JSON.stringify(use)}, which is not registered here; it is held where it stands`, {
    facts: { extension, use },
    remedy: `resume it from a process that has the ${extension} in its extensions, or take it back: shepherd abort ${id}`,
  });
