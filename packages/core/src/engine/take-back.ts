import { ShepherdError } from '../errors/shepherd-error.js';
import { drive } from './drive.js';
import type { AppRecord } from './record.js';
import { type Engine, type Hold, makeDriver } from './start.js';

/**
 * Ends a rollout that nobody drives any more, so that another can begin: everything back to stable, whatever its process was doing when it died. What a
 * person changed since is left as it is. @throws ShepherdError ERR_STEP_FAILED where that did not work
 */
export async function takeBackUnfinished(engine: Engine, record: AppRecord, hold: Hold, by: string): Promise<void> {
  const { current } = record;
  if (current.irreversible === true && current.phase === 'forward' && current.reached >= 0) {
    throw new ShepherdError('ERR_STEP_FAILED', `the unfinished rollout ${current.id} is irreversible: nothing takes it back but a person`, {
      facts: { step: 'take back', reason: 'irreversible' },
      remedy: `go on with it: shepherd resume ${current.id}; or take it back all the same: shepherd abort ${current.id}`,
    });
  }
  const driver = makeDriver(engine, current, { ...hold, past: record.past }, () => undefined, 'wait');
  try {
    await driver.keeper.commit(
      {
        supersededBy: by,
        driver: engine.holder,
        waiting: undefined,
        ...(current.phase === 'forward'
          ? { cause: { kind: 'abort', by: engine.actor, reason: `superseded by ${by}` } as const, phase: 'back' as const, back: undefined, step: 0 }
          : {}),
      },
      [{ type: 'driver-change', driver: engine.holder }],
    );
    const outcome = await drive(driver);
    if (outcome.kind === 'superseded' || outcome.kind === 'rolled-back') return;
    throw new ShepherdError(
      'ERR_STEP_FAILED',
      `the unfinished rollout ${current.id} could not be taken back: ${outcome.kind}${'error' in outcome ? `, ${outcome.error.message}` : ''}`,
      {
        facts: { step: 'take back', reason: outcome.kind },
        remedy: 'bring the app into order by hand, then deploy again',
      },
    );
  } finally {
    await driver.close({ keepLock: true });
  }
}
