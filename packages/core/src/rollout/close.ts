import { ShepherdError } from '../errors/shepherd-error.js';
import type { PostOffice, Undelivered } from '../notices/post-office.js';
import type { Clock } from '../ports/clock.js';
import type { Observer } from '../ports/observer.js';
import type { Actor } from '../words/app.js';
import { type Duration, toMs } from '../words/duration.js';
import type { Clusters } from './clusters.js';
import type { LiveRollout } from './live-rollout.js';
import type { Command } from './rollout.js';

/** What is closed. */
export interface Open {
  readonly clusters: Clusters;
  readonly clock: Clock;
  /** The rollouts that this process drives or follows. */
  readonly live: Map<string, LiveRollout>;
  readonly closing: AbortController;
  readonly office: PostOffice;
  /** All that ever heard of a rollout here. */
  readonly observers: Set<Observer>;
}

/** `timeout`: for the rollouts to let go and for notices to be delivered. @default '15s'. `hold`: they end here as `paused`, said by whom and why, and stand until somebody resumes them. */
export interface CloseOptions {
  readonly timeout?: Duration | undefined;
  readonly hold?: Command | undefined;
}

/** Notices that reached nobody yet: they stay in the journal, and go out when the app is driven, recovered or flushed. */
export interface Closed {
  readonly undelivered: readonly Undelivered[];
}

/** What observers still have to send; one that fails has said so, or has nobody left to say it to. */
const disposed = (observers: ReadonlySet<Observer>): Promise<unknown> =>
  Promise.allSettled([...observers].map(async (observer) => observer[Symbol.asyncDispose]?.()));

/** Lets every rollout finish its write and leave, delivers what there is to say, then closes the platforms. */
export async function closeAll(
  { live, closing, clusters, clock, office, observers }: Open,
  actor: Actor,
  { timeout = '15s', hold }: CloseOptions,
): Promise<Closed> {
  const reason = 'this Shepherd was closed';
  closing.abort(
    new ShepherdError('ERR_ABORTED', reason, {
      facts: { by: actor, reason },
      remedy: 'close it after its rollouts have an outcome: await rollout.outcome',
    }),
  );
  const driven = [...live.values()];
  const { by = actor, reason: why = reason } = hold ?? {};
  for (const rollout of driven) rollout.leave(hold === undefined ? { kind: 'detach' } : { kind: 'hold', by, reason: why });
  const timer = new AbortController();
  const over = new AbortController();
  const late = clock.sleep(toMs(timeout), timer.signal).then(
    () => over.abort(),
    () => undefined,
  );
  await Promise.race([Promise.all(driven.map(({ outcome }) => outcome)), late]);
  const [undelivered] = await Promise.all([office.close(over.signal), Promise.race([disposed(observers), late])]);
  timer.abort();
  await Promise.all(clusters.all.map(([, platform]) => platform[Symbol.asyncDispose]?.()));
  return { undelivered };
}
