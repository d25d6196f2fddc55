import { errorInfo, ShepherdError } from '../errors/shepherd-error.js';
import { formatCause } from '../rollout/format-cause.js';
import type { Cause, Outcome, OutcomeBase } from '../rollout/outcome.js';
import type { Driver } from './driver.js';
import { releaseAutoscaler } from './hold-autoscaler.js';
import { baseOf } from './leave.js';
import { markRevisions } from './mark-revisions.js';
import type { RolloutRecord } from './record.js';
import { retrying } from './retrying.js';

type Ending = Outcome extends infer O ? (O extends OutcomeBase ? Omit<O, keyof OutcomeBase> : never) : never;

/** Lets go of what is held, marks the revisions and stores the outcome: the rollout is over. */
export async function end(driver: Driver, ending: Ending): Promise<Outcome> {
  await releaseHeld(driver);
  const outcome = { ...baseOf(driver), ...ending } as Outcome;
  await markRevisions(driver, outcome);
  await driver.keeper.commit({ phase: 'ended', outcome, waiting: undefined }, [{ type: 'rollout-end', outcome }]);
  return outcome;
}

/** Whatever the way out: what is held still is let go. What cannot be written must not change the outcome; the next rollout of the app finds it. */
async function releaseHeld(driver: Driver): Promise<void> {
  const { keeper, platform } = driver;
  for (const app of keeper.record.apps) {
    const holder = {
      app,
      platform,
      record: () => keeper.record,
      write: () => ({ ...driver.lasting, app }),
      commit: (change: Partial<RolloutRecord>) => keeper.commit(change),
    };
    await retrying(driver, () => releaseAutoscaler(holder)).catch((error: unknown) => {
      if (driver.interruption !== undefined || ShepherdError.is(error, 'ERR_LOCK_LOST')) throw error;
      keeper.transient({ type: 'step-progress', index: keeper.record.step, message: `the autoscaler was not released: ${errorInfo(error).message}` });
    });
  }
}

/** What kept a step of the way back from going well. */
export const backError = (cause: Cause): unknown =>
  cause.kind === 'step'
    ? new ShepherdError(cause.error.code, cause.error.message, cause.error)
    : new ShepherdError('ERR_STEP_FAILED', formatCause(cause), {
        facts: { step: cause.kind === 'verdict' ? cause.step.kind : cause.kind, reason: formatCause(cause) },
        remedy: 'stable does not verify: look at its pods, then roll back further or deploy a fix',
      });

/** There is no way back that works. */
export const failBack = (driver: Driver, cause: Cause, error: unknown): Promise<Outcome> =>
  end(driver, { kind: 'rollback-failed', final: true, serving: driver.keeper.record.weight > 0 ? 'mixed' : 'unknown', cause, error: errorInfo(error) });
