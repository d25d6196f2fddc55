import { drive } from '../engine/drive.js';
import { readAppRecord } from '../engine/read-record.js';
import type { RolloutRecord } from '../engine/record.js';
import { acquireLock, type Engine, firstRecord, type Hold, makeDriver, openingEvents, pastOf } from '../engine/start.js';
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
  /** Called before the lock is taken and again under it. */
  prepare(engine: Engine, context: PortContext): Promise<Prepared>;
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
    const [seen] = await Promise.all([job.prepare(engine, context), engine.platform.preflight?.(context)]);
    expectPlan(options.expect, seen.plan);
    if (!seen.plan.changes) {
      started(seen.plan);
      return noChange(id, seen, engine);
    }
    return await underLock(job, engine, context, rollout, started);
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

async function underLock(
  job: Job,
  engine: Engine,
  context: PortContext & { readonly rolloutId: string },
  rollout: LiveRollout,
  started: (plan: Plan) => void,
): Promise<Outcome> {
  const { id, by, options } = job;
  const supersede = (running: { readonly rolloutId: string }): Promise<void> =>
    engine.platform.journal.post(context, { kind: 'abort', rolloutId: running.rolloutId, by, reason: `superseded by ${id}` });
  const lease = await acquireLock(engine, context, options.ifRunning, supersede);
  let driven = false;
  try {
    const saved = await engine.platform.journal.load(context);
    const before = readAppRecord(saved, context.app);
    if (before !== undefined && before.current.phase !== 'ended') await takeBackUnfinished(engine, before, { lease, past: before.past, saved }, id);
    // The world may have moved since the plan was made: what runs is what is planned now (DESIGN 1).
    const prepared = await job.prepare(engine, context);
    expectPlan(options.expect, prepared.plan);
    if (!prepared.plan.changes) {
      started(prepared.plan);
      return noChange(id, prepared, engine);
    }
    const hold: Hold = { lease, past: pastOf(prepared.record), saved: prepared.saved };
    const record = { ...firstRecord(id, prepared, by, options.key), driver: engine.holder };
    driven = true;
    return await driveRecord(job, engine, record, hold, rollout, started);
  } finally {
    if (!driven) await lease.release().catch(() => undefined);
  }
}

/** Drives a record that is new (no events yet) or was left by another process. */
export async function driveRecord(
  job: Job,
  engine: Engine,
  record: RolloutRecord,
  hold: Hold,
  rollout: LiveRollout,
  started: (plan: Plan) => void,
): Promise<Outcome> {
  const { options, by } = job;
  const driver = makeDriver(engine, record, hold, (event) => rollout.hub.publish(event), options.whenPaused);
  const fresh = record.events.length === 0;
  const signal = options.signal;
  const abort = (): void => driver.interrupt({ kind: 'abort', by, reason: signal === undefined ? 'asked for' : reasonOf(signal) });
  try {
    signal?.throwIfAborted();
    record.events.forEach((event) => rollout.hub.publish(event));
    const opening = openingEvents(record, engine.holder);
    await driver.keeper.commit({ driver: engine.holder }, fresh ? opening : opening.slice(1));
    rollout.attach(driver);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    started(record.plan);
    try {
      return await drive(driver);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  } finally {
    await driver.close();
  }
}

/** A rollout whose driver is gone, as its record says it. @throws ShepherdError ERR_ROLLOUT_NOT_FOUND */
export async function loadRecord(engine: Engine, context: PortContext, id: string): Promise<RolloutRecord> {
  const found = readAppRecord(await engine.platform.journal.load(context), context.app);
  if (found?.current.id === id) return found.current;
  throw rolloutNotFound(id);
}

export const rolloutNotFound = (id: string): ShepherdError =>
  new ShepherdError('ERR_ROLLOUT_NOT_FOUND', `no rollout ${id} is known`, { facts: { id }, remedy: 'see what there is: shepherd status APP' });
