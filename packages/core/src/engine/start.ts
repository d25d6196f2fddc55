import { ShepherdError } from '../errors/shepherd-error.js';
import type { RolloutEvent } from '../events/event.js';
import type { Registry } from '../extend/registry.js';
import type { Clock } from '../ports/clock.js';
import type { PortContext } from '../ports/context.js';
import type { Saved } from '../ports/journal.js';
import type { Lease, LockHolder } from '../ports/lock.js';
import type { Platform } from '../ports/platform.js';
import type { Prepared } from '../rollout/prepare.js';
import type { RunOptions } from '../rollout/request.js';
import type { Actor } from '../words/app.js';
import { type Duration, toMs } from '../words/duration.js';
import { Driver } from './driver.js';
import { type EventBody, Keeper } from './keeper.js';
import { type AppRecord, keptRollouts, type PastRollout, type RolloutRecord } from './record.js';

export const defaultLeaseMs = 15_000;
const askAgainMs = 1_000;

/** What starting or taking over a rollout needs, whichever request it is. */
export interface Engine {
  readonly platform: Platform<unknown>;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly actor: Actor;
  /** Names this process for people: in the lock and in `driver-change`. */
  readonly holder: string;
}

const isLease = (answer: Lease | LockHolder): answer is Lease => 'fence' in answer;

/** The lock, at once or after waiting for it. @throws ShepherdError ERR_LOCK_HELD */
export async function acquireLock(
  { platform, clock, holder }: Engine,
  context: PortContext & { readonly rolloutId: string },
  ifRunning: RunOptions['ifRunning'],
  supersede: (running: LockHolder) => Promise<void>,
): Promise<Lease> {
  let asked: string | undefined;
  for (;;) {
    const answer = await platform.lock.acquire(context, holder);
    if (isLease(answer)) return answer;
    if (ifRunning === undefined || ifRunning === 'refuse') {
      throw new ShepherdError(
        'ERR_LOCK_HELD',
        `${context.app.name} is being released already: ${answer.rolloutId}, by ${answer.heldBy} since ${answer.since}`,
        {
          facts: { rolloutId: answer.rolloutId, holder: answer.heldBy, since: answer.since },
          remedy: `wait for it, take it back, or deploy with ifRunning: 'wait' or 'supersede'`,
        },
      );
    }
    if (ifRunning === 'supersede' && asked !== answer.rolloutId) {
      await supersede(answer);
      asked = answer.rolloutId;
    }
    await clock.sleep(askAgainMs, context.signal);
  }
}

export interface Hold {
  readonly lease: Lease;
  readonly past: readonly PastRollout[];
  readonly saved: Saved | undefined;
}

/** A driver over a record; what it publishes goes to `publish`. */
export function makeDriver(
  engine: Engine,
  record: RolloutRecord,
  { lease, past, saved }: Hold,
  publish: (event: RolloutEvent) => void,
  whenPaused: RunOptions['whenPaused'],
): Driver {
  const { platform, clock, registry, actor, holder } = engine;
  const keeper: Keeper = new Keeper(record, saved, {
    journal: platform.journal,
    context: () => driver.lasting,
    writer: `${holder} ${record.id}`,
    publish,
    past,
  });
  const driver: Driver = new Driver({
    keeper,
    platform,
    lease,
    leaseMs: platform.lock.leaseMs ?? defaultLeaseMs,
    clock,
    registry,
    actor,
    whenPaused: whenPaused ?? 'wait',
  });
  return driver;
}

/** The first record of a rollout, as it is stored before the first act. */
export function firstRecord(id: string, prepared: Prepared, by: Actor, key: string | undefined): RolloutRecord {
  const { request, plan, target, from, to, context } = prepared;
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
    phase: 'forward',
    step: 0,
    reached: -1,
    weight: target.weight,
    templateTouched: false,
    saved: {},
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
  { type: 'rollout-start', plan, by, metadata: request.metadata ?? {} },
  { type: 'driver-change', driver },
];
