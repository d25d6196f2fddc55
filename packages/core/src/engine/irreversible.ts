import { formatCause } from '../rollout/format-cause.js';
import type { Cause } from '../rollout/outcome.js';
import type { Driver } from './driver.js';
import { pausedBy } from './leave.js';
import type { RolloutRecord, Waiting } from './record.js';
import { waitForPeople } from './wait-for-people.js';

/** A wait has a deadline; what happens then is that the step is tried again, never that it is taken back. */
const holdMs = 24 * 3_600_000;

/** What this release changed outside cannot be taken back, and it may have changed it already: only a person takes it back (RR G3). */
export const mustBeHeld = ({ irreversible, reached, phase }: RolloutRecord, cause: Cause): boolean =>
  irreversible === true && phase === 'forward' && reached >= 0 && cause.kind !== 'abort';

/** Says what went wrong and waits. Resolves when the step is to be tried again; rejects when a person takes it back, or this process leaves. */
export async function holdForPerson(driver: Driver, cause: Cause): Promise<void> {
  const { keeper, clock } = driver;
  const { id } = keeper.record;
  const by = { name: 'shepherd', kind: 'engine' } as const;
  const reason = `${formatCause(cause)}; this release is irreversible, so it is not taken back by itself: shepherd resume ${id} tries again, shepherd abort ${id} takes it back all the same`;
  const until = new Date(clock.now().getTime() + holdMs).toISOString();
  const waiting: Waiting = { ...pausedBy(by, reason, clock.now()), until, onTimeout: 'continue' };
  await waitForPeople(driver, waiting, ['resume'], {
    start: { type: 'pause-start', by, reason, until },
    end: (waited) => ({ type: 'pause-end', by: waited.by }),
  });
}
