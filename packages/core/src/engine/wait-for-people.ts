import type { Driver } from './driver.js';
import type { EventBody } from './keeper.js';
import type { RolloutRecord, Waiting } from './record.js';

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

/** The record without its wait: the rollout's deadline stood still meanwhile, also while nobody drove (RR V3, SM-11). */
export function waitedFor({ deadline, waiting }: RolloutRecord, now: Date): Pick<RolloutRecord, 'waiting' | 'deadline'> {
  const waited = waiting?.since === undefined ? 0 : Math.max(0, now.getTime() - Date.parse(waiting.since));
  return { waiting: undefined, deadline: new Date(Date.parse(deadline) + waited).toISOString() };
}

/**
 * Waits for a command with a deadline of its own; the rollout's deadline stands still meanwhile (RR V3, SM-11). Rejects with the signal's reason when the
 * rollout is interrupted. @throws LeftPaused where this process was told to leave instead
 */
export async function waitForPeople(
  driver: Driver,
  waiting: Waiting,
  kinds: readonly ('approve' | 'reject' | 'resume')[],
  { start, end }: { readonly start: EventBody; readonly end: (waited: Waited) => EventBody },
): Promise<Waited> {
  const { keeper, clock, inbox } = driver;
  const { signal } = driver;
  signal.throwIfAborted();
  // After a takeover the wait that is stored goes on, with the deadline that it had.
  const stored = keeper.record.waiting;
  // One that takes the place of another wait counts from where that began.
  const now = stored?.on === waiting.on ? stored : { ...waiting, since: stored?.since ?? clock.now().toISOString() };
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
  const timeout = clock.sleep(Math.max(0, Date.parse(now.until) - clock.now().getTime()), until).then(
    () => 'timeout' as const,
    () => undefined,
  );
  const answered = await Promise.race([answer, timeout]);
  stop.abort();
  signal.throwIfAborted();
  const result: Waited =
    answered === 'timeout' || answered === undefined
      ? { answer: 'timeout', by: { name: 'deadline', kind: 'engine' }, reason: undefined }
      : { answer: answered.kind, by: answered.by, reason: answered.reason };
  await keeper.commit(waitedFor(keeper.record, clock.now()), [end(result)]);
  return result;
}
