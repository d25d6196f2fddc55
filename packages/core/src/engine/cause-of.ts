import { errorInfo, ShepherdError } from '../errors/shepherd-error.js';
import type { Step } from '../plan/step.js';
import type { Cause } from '../rollout/outcome.js';
import type { Duration } from '../words/duration.js';
import type { Driver } from './driver.js';
import { LeftPaused } from './wait-for-people.js';

/** An error of a step as the reason to turn back; what makes this process leave is thrown on. */
export function causeOf(driver: Driver, error: unknown, index: number, step: Step): Cause {
  const interruption = driver.interruption;
  if (error instanceof LeftPaused) throw error;
  if (interruption?.kind === 'lock-lost' || interruption?.kind === 'detach' || interruption?.kind === 'hold') throw error;
  if (ShepherdError.is(error, 'ERR_LOCK_LOST')) {
    driver.interrupt({ kind: 'lock-lost' });
    throw error;
  }
  if (interruption?.kind === 'abort') return { kind: 'abort', by: interruption.by, reason: interruption.reason };
  if (interruption?.kind === 'deadline') return { kind: 'deadline', after: (driver.keeper.record.request.timeout ?? '1h') as Duration };
  return { kind: 'step', index, step, error: errorInfo(error) };
}
