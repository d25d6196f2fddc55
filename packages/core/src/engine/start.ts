import { ShepherdError } from '../errors/shepherd-error.js';
import type { RolloutEvent } from '../events/event.js';
import type { Registry } from '../extend/registry.js';
import { lastSequence } from '../journal/stored.js';
import type { Outbox } from '../notices/outbox.js';
import { isClaim, type PostOffice } from '../notices/post-office.js';
import { Watchers } from '../observers/watchers.js';
import type { Clock } from '../ports/clock.js';
import type { PortContext } from '../ports/context.js';
import type { Saved } from '../ports/journal.js';
import type { Lease, LockHolder } from '../ports/lock.js';
import type { MetricsProvider } from '../ports/metrics-provider.js';
import type { Notifier } from '../ports/notifier.js';
import type { Observer } from '../ports/observer.js';
import type { Platform } from '../ports/platform.js';
import type { Prepared } from '../rollout/prepare.js';
import type { RunOptions } from '../rollout/request.js';
import type { Actor } from '../words/app.js';
import { type Duration, toMs } from '../words/duration.js';
import { Driver } from './driver.js';
import { HeldLease } from './held-lease.js';
import { type EventBody, Keeper } from './keeper.js';
import { type AppRecord, keptRollouts, type PastRollout, type RolloutRecord } from './record.js';

export const defaultLeaseMs = 15_000;
const askAgainMs = 1_000;
/** Nothing is done before every object has our fence; where that cannot be, nothing is begun. */
const fenceMs = 10_000;

/** What starting or taking over a rollout needs, whichever request it is. */
export interface Engine {
  readonly platform: Platform<unknown>;
  readonly metrics: MetricsProvider | undefined;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly actor: Actor;
  /** Names this process for people: in the lock and in `driver-change`. */
  readonly holder: string;
  /** Who is told of rollouts, and who sees to it. */
  readonly observers?: readonly Observer[] | undefined;
  readonly notices?: { readonly notifiers: readonly Notifier[]; readonly office: PostOffice } | undefined;
}

const isLease = (answer: Lease | LockHolder): answer is Lease => 'fence' in answer;

/** The lock, at once or after waiting for it. @throws ShepherdError ERR_LOCK_HELD */
export async function acquireLock(
  { platform, clock, holder }: Engine,
  context: PortContext & { readonly rolloutId: string },
  ifRunning: RunOptions['ifRunning'],
  supersede: (running: LockHolder) => Promise<void>,
): Promise<HeldLease> {
  let asked: string | undefined;
  const firstMs = clock.monotonicMs();
  for (;;) {
    const askedMs = clock.monotonicMs();
    const answer = await platform.lock.acquire(context, holder);
    if (isLease(answer)) {
      const leaseMs = platform.lock.leaseMs ?? defaultLeaseMs;
      return fenced(platform, context, new HeldLease(answer, { clock, leaseMs, askedMs, waitedMs: askedMs - firstMs }));
    }
    if (!isClaim(answer) && (ifRunning === undefined || ifRunning === 'refuse')) {
      throw new ShepherdError(
        'ERR_LOCK_HELD',
        `${context.app.name} is being released already: ${answer.rolloutId}, by ${answer.heldBy} since ${answer.since}`,
        {
          facts: { rolloutId: answer.rolloutId, holder: answer.heldBy, since: answer.since },
          remedy: `wait for it, take it back, or deploy with ifRunning: 'wait' or 'supersede'`,
        },
      );
    }
    if (ifRunning === 'supersede' && !isClaim(answer) && asked !== answer.rolloutId) {
      await supersede(answer);
      asked = answer.rolloutId;
    }
    await clock.sleep(askAgainMs, context.signal);
  }
}

/** Our fence on everything that the holder before us may still be about to write, before anything else is read or written (DESIGN law 3, RR LK-4). */
async function fenced(platform: Platform<unknown>, context: PortContext & { readonly rolloutId: string }, lease: HeldLease): Promise<HeldLease> {
  const write = { ...context, signal: AbortSignal.any([context.signal, lease.lost]), fence: lease.fence };
  const { clock } = context;
  const until = clock.monotonicMs() + fenceMs;
  return underLease(lease, async () => {
    for (;;) {
      try {
        for (const each of await Promise.allSettled([platform.journal.fence?.(write), platform.fence?.(write)]))
          if (each.status === 'rejected') throw each.reason;
        return lease;
      } catch (error) {
        if (!lease.valid) throw lockLost(context);
        // Perhaps only the answer was lost; written twice it is written.
        if (!ShepherdError.is(error) || !error.retryable || clock.monotonicMs() >= until) throw error;
        await clock.sleep(askAgainMs, write.signal).catch(() => undefined);
      }
    }
  });
}

/** Work between the lock and the driver, which frees it otherwise. */
async function underLease<T>(lease: HeldLease, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await lease.release();
    throw error;
  }
}

const lockLost = ({ app, rolloutId }: PortContext): ShepherdError =>
  new ShepherdError('ERR_LOCK_LOST', `the lock of ${app.name} was lost before anything was changed`, {
    facts: { rolloutId: rolloutId ?? 'unknown', holder: 'unknown' },
    remedy: 'see who drives the app, and whether the platform answers in time',
  });

export interface Hold {
  readonly lease: HeldLease;
  readonly past: readonly PastRollout[];
  readonly saved: Saved | undefined;
  readonly outbox?: Outbox | undefined;
}

/** A driver over a record; what it publishes goes to `publish`, and to the observers. */
export function makeDriver(
  engine: Engine,
  record: RolloutRecord,
  { lease, past, saved, outbox }: Hold,
  publish: (event: RolloutEvent) => void,
  whenPaused: RunOptions['whenPaused'],
): Driver {
  const { platform, metrics, clock, registry, actor, holder } = engine;
  const watchers = new Watchers(engine.observers ?? [], { clock, lockWaitMs: lease.waitedMs }, (listener, message) => {
    const { id, apps, events } = keeper.record;
    const at = { rolloutId: id, app: apps[0], sequence: lastSequence({ events }), transient: true, at: clock.now().toISOString() } as const;
    publish({ type: 'listener-error', listener, message, ...at });
  });
  const keeper: Keeper = new Keeper(record, saved, {
    journal: platform.journal,
    context: () => driver.lasting,
    writer: `${holder} ${record.id}`,
    publish: (event) => {
      publish(event);
      watchers.tell(event, keeper.record);
    },
    past,
    outbox,
    notifiers: engine.notices?.notifiers,
  });
  const driver: Driver = new Driver({
    keeper,
    platform,
    metrics,
    lease,
    clock,
    registry,
    actor,
    watchers,
    notifiers: engine.notices?.notifiers ?? [],
    whenPaused: whenPaused ?? 'wait',
  });
  return driver;
}

/** The first record of a rollout, as it is stored before the first act. */
export function firstRecord(id: string, prepared: Prepared, by: Actor, key: string | undefined): RolloutRecord {
  const { request, plan, target, from, to, judging, context, candidates } = prepared;
  const now = context.clock.now();
  return {
    id,
    apps: plan.targets,
    request,
    by,
    key,
    startedAt: now.toISOString(),
    deadline: new Date(now.getTime() + toMs((request.timeout ?? '1h') as Duration)).toISOString(),
    plan,
    from,
    to,
    replicas: target.replicas,
    ...(prepared.irreversible ? { irreversible: true } : {}),
    ...(prepared.beyondPods ? { beyondPods: true } : {}),
    phase: 'forward',
    step: 0,
    reached: -1,
    weight: target.weight,
    templateTouched: false,
    saved: {},
    ...(candidates === undefined ? {} : { cascade: { candidates, failed: [] } }),
    ...(judging === undefined ? {} : { analysis: { latency: judging.latency } }),
    events: [],
  };
}

/** What is kept of the rollouts before. */
export function pastOf(record: AppRecord | undefined): readonly PastRollout[] {
  if (record === undefined) return [];
  const { current, past } = record;
  const last = current.outcome === undefined ? [] : [{ id: current.id, startedAt: current.startedAt, by: current.by, outcome: current.outcome }];
  return [...last, ...past].slice(0, keptRollouts);
}

/** The events that open a rollout. */
export const openingEvents = ({ plan, by, request }: RolloutRecord, driver: string): readonly EventBody[] => [
  { type: 'rollout-start', plan, by, ...(request.reason === undefined ? {} : { reason: request.reason }), metadata: request.metadata ?? {} },
  { type: 'driver-change', driver },
];

/** The event that opens an attempt of a rollback, where it may make several. */
export const attemptEvents = ({ cascade, to, plan }: Pick<RolloutRecord, 'cascade' | 'to' | 'plan'>): readonly EventBody[] =>
  cascade === undefined ? [] : [{ type: 'attempt-start', number: cascade.failed.length + 1, of: cascade.candidates.length, revision: to, plan }];
