import { errorInfo, ShepherdError } from '../errors/shepherd-error.js';
import type { Outcome, OutcomeBase } from '../rollout/outcome.js';
import type { Actor } from '../words/app.js';
import type { Driver } from './driver.js';
import type { Waiting } from './record.js';
import { LeftPaused } from './wait-for-people.js';

const pauseMs = 3_600_000;

/** Told to hold: stored, so that nobody goes on before somebody says so. What it waits for already, it waits for still. */
export async function held({ interruption, keeper, clock }: Driver, error: unknown): Promise<unknown> {
  if (interruption?.kind !== 'hold') return error;
  const { by, reason } = interruption;
  try {
    const stored = keeper.record.waiting;
    if (stored !== undefined) return new LeftPaused(stored);
    const waiting = pausedBy(by, reason, clock.now());
    await keeper.commit({ waiting }, [{ type: 'pause-start', by, reason, until: waiting.until }]);
    return new LeftPaused(waiting);
  } catch (unstored) {
    return unstored;
  }
}

/** A pause that nobody gave a length. */
export const pausedBy = (by: Actor, reason: string, now: Date): Waiting => ({
  on: 'pause',
  reason,
  until: new Date(now.getTime() + pauseMs).toISOString(),
  onTimeout: 'rollback',
  by,
  since: now.toISOString(),
});

/** Why this process stops although the rollout is not over. */
export function leave(driver: Driver, error: unknown): Outcome {
  const base = baseOf(driver);
  const { unwatchedDeadline } = driver.keeper.record;
  const watched = unwatchedDeadline === undefined ? {} : { unwatchedDeadline };
  if (error instanceof LeftPaused) {
    const { by, reason, until } = error.waiting;
    return { ...base, kind: 'paused', final: false, by, reason, until, ...watched };
  }
  if (isLockLost(driver, error)) return { ...base, kind: 'lock-lost', final: false };
  // Told to leave, or the journal cannot be written: without it nothing may be done, and whoever recovers goes on.
  if (driver.interruption === undefined)
    driver.keeper.transient({ type: 'step-progress', index: driver.keeper.record.step, message: `left: ${errorInfo(error).message}` });
  return { ...base, kind: 'detached', final: false, ...watched };
}

export const isLockLost = (driver: Driver, error: unknown): boolean => driver.interruption?.kind === 'lock-lost' || ShepherdError.is(error, 'ERR_LOCK_LOST');

export function baseOf({ keeper: { record }, clock }: Driver): OutcomeBase {
  const { id, apps, from, to, startedAt, cascade } = record;
  const attempts = cascade === undefined || cascade.failed.length === 0 ? {} : { attempts: cascade.failed };
  return { rolloutId: id, targets: apps, from, to, startedAt, ms: clock.now().getTime() - Date.parse(startedAt), ...attempts };
}
