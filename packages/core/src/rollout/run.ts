import { drive } from '../engine/drive.js';
import type { EventBody } from '../engine/keeper.js';
import { isLockLost, leave } from '../engine/leave.js';
import { readAppRecord } from '../engine/read-record.js';
import type { RolloutRecord } from '../engine/record.js';
import { acquireLock, attemptEvents, type Engine, firstRecord, type Hold, makeDriver, openingEvents, pastOf } from '../engine/start.js';
import { takeBackUnfinished } from '../engine/take-back.js';
import { errorInfo, ShepherdError } from '../errors/shepherd-error.js';
import type { Plan } from '../plan/plan.js';
import type { Clock } from '../ports/clock.js';
import type { PortContext } from '../ports/context.js';
import type { Actor, App } from '../words/app.js';
import type { LiveRollout } from './live-rollout.js';
import type { Outcome } from './outcome.js';
import type { Prepared } from './prepare.js';
import type { RunOptions } from './request.js';

/** How one rollout is prepared and run, whatever was asked. */
export interface Job {
  readonly id: string;
  readonly by: Actor;
  readonly options: RunOptions;
  readonly clock: Clock;
  /** Where the app is; the first thing that can fail. */
  locate(signal: AbortSignal): Promise<{ readonly engine: Engine; readonly context: PortContext }>;
  /** Called before the lock is taken and again under it, then with what it said `before`. */
  prepare(engine: Engine, context: PortContext, before?: Prepared): Promise<Prepared>;
}

/** From a request to an outcome; never rejects. What fails before the first write is `failed-untouched`. */
export async function run(job: Job, rollout: LiveRollout, started: (plan: Plan) => void): Promise<Outcome> {
  const { id, options } = job;
  const { clock } = job;
  const startedAt = clock.now();
  const signal = options.signal ?? new AbortController().signal;
  let app: App | undefined;
  try {
    signal.throwIfAborted();
    const located = await job.locate(signal);
    const { engine } = located;
    const context = { ...located.context, rolloutId: id };
    app = context.app;
    const seen = await allowed(job.prepare(engine, context), engine.platform.preflight?.(context));
    expectPlan(options.expect, seen.plan);
    if (!seen.plan.changes) {
      started(seen.plan);
      return noChange(id, seen, engine);
    }
    return await underLock(job, engine, context, seen, rollout, started);
  } catch (error) {
    return {
      rolloutId: id,
      targets: app === undefined ? [] : [app],
      from: undefined,
      to: undefined,
      startedAt: startedAt.toISOString(),
      ms: clock.now().getTime() - startedAt.getTime(),
      kind: 'failed-untouched',
      final: true,
      serving: 'stable',
      error: errorInfo(signal.aborted && !ShepherdError.is(error) ? abortedError(job.by, signal) : error),
    };
  }
}

/** Who lacks rights hears of all of them, not of the first that a read ran into. */
async function allowed(preparing: Promise<Prepared>, asking: Promise<unknown> | undefined): Promise<Prepared> {
  const [prepared, access] = await Promise.allSettled([preparing, asking]);
  if (access.status === 'rejected' && (prepared.status === 'fulfilled' || ShepherdError.is(access.reason, 'ERR_FORBIDDEN'))) throw access.reason;
  if (prepared.status === 'rejected') throw prepared.reason;
  return prepared.value;
}

const reasonOf = (signal: AbortSignal): string => (signal.reason instanceof Error ? signal.reason.message : String(signal.reason));

const abortedError = (by: Actor, signal: AbortSignal): ShepherdError =>
  new ShepherdError('ERR_ABORTED', `aborted before anything was written: ${reasonOf(signal)}`, {
    facts: { by, reason: reasonOf(signal) },
    remedy: 'start it again when you want it',
  });

function expectPlan(expected: string | undefined, { hash, steps }: Plan): void {
  if (expected === undefined || expected === hash) return;
  throw new ShepherdError('ERR_PLAN_CHANGED', `the plan is ${hash} by now, not ${expected}`, {
    facts: { expected, actual: hash, changes: steps.map(({ text }) => text) },
    remedy: 'look at the plan again, and deploy with its hash',
  });
}

function noChange(id: string, { plan, from, to }: Prepared, { clock }: Engine): Outcome {
  const startedAt = clock.now().toISOString();
  return { rolloutId: id, targets: plan.targets, from, to: from ?? to, startedAt, ms: 0, kind: 'succeeded', final: true, serving: 'candidate', changed: false };
}

/** What a rollout that takes another one's place wants instead (RR SM-7, SM-8, SM-14). */
function whatChanged({ to, from }: RolloutRecord, { to: next, plan }: Prepared): string {
  if (next.hash === from?.hash) return 'back to the version that serves, no step is needed';
  if (next.hash === to.hash) return `the same release by another plan (${plan.hash}), from the start`;
  return `another release (${next.images.join(', ')})`;
}

async function underLock(
  job: Job,
  engine: Engine,
  context: PortContext & { readonly rolloutId: string },
  seen: Prepared,
  rollout: LiveRollout,
  started: (plan: Plan) => void,
): Promise<Outcome> {
  const { id, by, options } = job;
  const supersede = async ({ rolloutId }: { readonly rolloutId: string }): Promise<void> => {
    const current = readAppRecord(await engine.platform.journal.load(context), context.app)?.current;
    const why = current?.id === rolloutId ? `: ${whatChanged(current, seen)}` : '';
    await engine.platform.journal.post(context, { kind: 'abort', rolloutId, by, reason: `superseded by ${id}${why}`, supersededBy: id });
  };
  const lease = await acquireLock(engine, context, options.ifRunning, supersede);
  let driven = false;
  try {
    const saved = await engine.platform.journal.load(context);
    const before = readAppRecord(saved, context.app);
    if (before !== undefined && before.current.phase !== 'ended')
      await takeBackUnfinished(engine, before, { lease, past: before.past, saved, outbox: before.outbox }, id);
    // The world may have moved since the plan was made: what runs is what is planned now (DESIGN 1).
    const prepared = await job.prepare(engine, context, seen);
    expectPlan(options.expect, prepared.plan);
    if (!prepared.plan.changes) {
      started(prepared.plan);
      return noChange(id, prepared, engine);
    }
    const hold: Hold = { lease, past: pastOf(prepared.record), saved: prepared.saved, outbox: prepared.record?.outbox };
    const record = { ...firstRecord(id, prepared, by, options.key), driver: engine.holder };
    driven = true;
    return await driveRecord(job, engine, record, hold, rollout, started);
  } finally {
    if (!driven) await lease.release();
  }
}

/** Drives a record that is new (no events yet) or was left by another process; `takeover`: what the change of driver brings about. */
export async function driveRecord(
  job: Job,
  engine: Engine,
  record: RolloutRecord,
  hold: Hold,
  rollout: LiveRollout,
  started: (plan: Plan) => void,
  takeover: readonly EventBody[] = [],
): Promise<Outcome> {
  const { options, by } = job;
  const driver = makeDriver(engine, record, hold, (event) => rollout.hub.publish(event), options.whenPaused);
  const fresh = record.events.length === 0;
  const { notices, platform } = engine;
  const courier = notices?.office.attend(driver.keeper, notices.notifiers);
  const signal = options.signal;
  const abort = (): void => driver.interrupt({ kind: 'abort', by, reason: signal === undefined ? 'asked for' : reasonOf(signal) });
  try {
    signal?.throwIfAborted();
    record.events.forEach((event) => rollout.hub.publish(event));
    const opening = openingEvents(record, engine.holder);
    try {
      await driver.keeper.commit({ driver: engine.holder }, fresh ? [...opening, ...attemptEvents(record)] : [...opening.slice(1), ...takeover]);
    } catch (error) {
      if (!isLockLost(driver, error)) throw error;
      started(record.plan);
      return leave(driver, error);
    }
    rollout.attach(driver);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    started(record.plan);
    try {
      const outcome = await drive(driver);
      driver.watchers.left(outcome, driver.keeper.record);
      return outcome;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  } finally {
    await driver.close();
    if (courier !== undefined && driver.interruption?.kind === 'lock-lost') courier.stop();
    else if (courier !== undefined) notices?.office.release(courier, driver.keeper, platform, hold.lease.fence);
  }
}

export const rolloutNotFound = (id: string): ShepherdError =>
  new ShepherdError('ERR_ROLLOUT_NOT_FOUND', `no rollout ${id} is known`, { facts: { id }, remedy: 'see what there is: shepherd status APP' });
