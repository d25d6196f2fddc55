import type { Step } from '../plan/step.js';
import type { StepRun } from '../steps/step-run.js';
import type { Driver } from './driver.js';
import { observe } from './observe.js';
import { type Waited, waitForPeople } from './wait-for-people.js';

/** A driver as a step sees it. */
export function stepRun(driver: Driver, step: Step, index: number): StepRun {
  const { keeper, clock, platform, metrics, registry, inbox } = driver;
  const app = 'target' in step ? step.target : keeper.record.apps[0];
  const { signal } = driver;
  const read = () => ({ ...driver.read, app, signal });
  return {
    app,
    index,
    platform,
    metrics,
    clock,
    signal,
    registry,
    urgent: keeper.record.phase === 'back',
    record: () => keeper.record,
    read,
    write: () => ({ ...driver.write, app, signal: driver.writing }),
    target: () => observe(platform as never, read(), true),
    progress: (message, data) => keeper.transient({ type: 'step-progress', index, message, ...(data === undefined ? {} : { data }) }),
    commit: (change, events) => keeper.commit(change, events),
    async dwell(ms) {
      if (inbox.skip.aborted) return true;
      await clock.sleep(ms, AbortSignal.any([signal, inbox.skip])).catch(() => undefined);
      signal.throwIfAborted();
      return inbox.skip.aborted;
    },
    async answer(until, onTimeout, message) {
      const waiting = { on: 'approval', reason: message, until, onTimeout: onTimeout === 'approve' ? 'continue' : 'rollback', by: driver.actor } as const;
      const yes = (given: Waited['answer']): boolean => (given === 'timeout' ? onTimeout === 'approve' : given === 'approve');
      const { answer, by, reason } = await waitForPeople(driver, waiting, ['approve', 'reject'], {
        start: { type: 'approval-request', message, until, onTimeout },
        end: (given) => ({
          type: 'approval-answer',
          approved: yes(given.answer),
          by: given.by,
          ...(given.reason === undefined ? {} : { reason: given.reason }),
        }),
      });
      return {
        approved: yes(answer),
        reason:
          answer === 'timeout'
            ? `nobody answered until ${until}`
            : `${answer === 'approve' ? 'approved' : 'rejected'} by ${by.name}${reason === undefined ? '' : `: ${reason}`}`,
      };
    },
  };
}
