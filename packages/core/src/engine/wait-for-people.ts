import type { Driver } from './driver.js';
import type { EventBody } from './keeper.js';
import type { Waiting } from './record.js';

/** This process leaves while the rollout waits. */
export class LeftPaused extends Error {
  override readonly name = 'LeftPaused';
  constructor(readonly waiting: Waiting) {
    super('paused');
  }
}

export interface Waited {
  readonly answer: 'approve' | 'reject' | 'resume' | 'timeout';
  readonly by: Driver['actor'];
  readonly reason: string | undefined;
}

/**
 * Waits for a command with a deadline of its own; the rollout's deadline stands still meanwhile (RR V3, SM-11). Rejects with the signal's reason when the
 * rollout is interrupted. @throws LeftPaused where this process was told to leave instead
 */
export async function waitForPeople(driver: Driver, waiting: Waiting, start: EventBody, kinds: readonly ('approve' | 'reject' | 'resume')[]): Promise<Waited> {
  const { keeper, clock, inbox } = driver;
  const { signal } = driver;
  signal.throwIfAborted();
  const since = clock.now().getTime();
  // After a takeover the wait that is stored goes on, with the deadline that it had.
  const stored = keeper.record.waiting;
  const now = stored?.on === waiting.on ? stored : waiting;
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  // Listening before anybody can hear of it: a listener may answer at once.
  const answer = inbox.next(kinds, until);
  try {
    if (stored?.on !== waiting.on) await keeper.commit({ waiting: now }, [start]);
    if (driver.whenPaused === 'leave') throw new LeftPaused(now);
  } catch (error) {
    stop.abort();
    throw error;
  }
  const timeout = clock.sleep(Math.max(0, Date.parse(now.until) - since), until).then(
    () => 'timeout' as const,
    () => undefined,
  );
  const answered = await Promise.race([answer, timeout]);
  stop.abort();
  signal.throwIfAborted();
  const waited = clock.now().getTime() - since;
  await keeper.commit({ waiting: undefined, deadline: new Date(Date.parse(keeper.record.deadline) + waited).toISOString() });
  if (answered === 'timeout' || answered === undefined) return { answer: 'timeout', by: { name: 'deadline', kind: 'engine' }, reason: undefined };
  return { answer: answered.kind, by: answered.by, reason: answered.reason };
}
