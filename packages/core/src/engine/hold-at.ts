import type { Moment } from '../extend/define-gate.js';
import { sayIncident } from '../incidents/holding.js';
import type { Step } from '../plan/step.js';
import type { Cause } from '../rollout/outcome.js';
import type { Driver } from './driver.js';
import { askGates } from './gates.js';
import type { RolloutRecord, Waiting } from './record.js';
import { incidentAtStart } from './suspected.js';
import { type Waited, waitForPeople } from './wait-for-people.js';

/** Pauses that were asked for, and gates, before a step. */
export async function holdAt(driver: Driver, step: Step): Promise<Cause | undefined> {
  const pause = pauseOf(driver);
  if (pause !== undefined) {
    const { answer } = await stayPaused(driver, pause);
    if (answer === 'timeout' && pause.onTimeout === 'rollback') return { kind: 'gate', gate: 'pause', reason: `nobody resumed until ${pause.until}` };
  }
  for (const moment of momentsOf(step, driver.keeper.record)) {
    const open = moment === 'start' ? await incidentAtStart(driver) : undefined;
    if (open !== undefined) return { kind: 'gate', gate: 'incident', reason: sayIncident(open) };
    const veto = await askGates(driver, moment);
    if (veto !== undefined) return { kind: 'gate', ...veto };
  }
  return undefined;
}

/** Says so, and waits until somebody resumes it or its time is up. */
export const stayPaused = (driver: Driver, pause: Waiting): Promise<Waited> => {
  const { by, reason, until } = pause;
  return waitForPeople(driver, pause, ['resume'], {
    start: { type: 'pause-start', by, reason, until },
    end: (waited) => ({ type: 'pause-end', by: waited.by }),
  });
};

/** The pause that was asked for now, or the one that a process before this one waited in. */
function pauseOf({ inbox, keeper, clock }: Driver): Waiting | undefined {
  const asked = inbox.takePause();
  if (asked === undefined) return keeper.record.waiting?.on === 'pause' ? keeper.record.waiting : undefined;
  const until = new Date(clock.now().getTime() + asked.timeoutMs).toISOString();
  return { on: 'pause', reason: asked.reason ?? 'asked for', until, onTimeout: asked.onTimeout, by: asked.by };
}

const momentsOf = (step: Step, { reached, weight }: RolloutRecord): readonly Moment[] => [
  ...(reached < 0 ? (['start'] as const) : []),
  ...((step.kind === 'shift' && step.weight > weight) || step.kind === 'roll' ? (['weight-increase'] as const) : []),
  ...(step.kind === 'promote' ? (['promote'] as const) : []),
];
