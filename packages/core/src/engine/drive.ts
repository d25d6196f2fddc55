import { errorInfo, ShepherdError } from '../errors/shepherd-error.js';
import type { Moment } from '../extend/define-gate.js';
import type { Plan } from '../plan/plan.js';
import type { Step } from '../plan/step.js';
import { describeCause } from '../rollout/describe-cause.js';
import type { Cause, Outcome, OutcomeBase } from '../rollout/outcome.js';
import { runStep } from '../steps/runners.js';
import type { StepRun } from '../steps/step-run.js';
import type { Duration } from '../words/duration.js';
import type { Verdict } from '../words/verdict.js';
import { backPlan } from './back-plan.js';
import type { Driver } from './driver.js';
import { askGates } from './gates.js';
import type { EventBody } from './keeper.js';
import { observe } from './observe.js';
import type { Waiting } from './record.js';
import { LeftPaused, waitForPeople } from './wait-for-people.js';

const retryMs = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;
const backLimitMs = 1_800_000;
const pauseMs = 3_600_000;

/** Runs a rollout from where its record stands to an outcome. Never rejects. */
export async function drive(driver: Driver): Promise<Outcome> {
  const { keeper } = driver;
  try {
    if (keeper.record.phase === 'forward') {
      const cause = await forward(driver);
      if (cause === undefined) return await end(driver, { kind: 'succeeded', final: true, serving: 'candidate', changed: true });
      await turnBack(driver, cause);
    }
    return await back(driver);
  } catch (error) {
    return leave(driver, error);
  }
}

/** Why this process stops although the rollout is not over. */
function leave(driver: Driver, error: unknown): Outcome {
  const base = baseOf(driver);
  if (error instanceof LeftPaused) {
    const { by, reason, until } = error.waiting;
    return { ...base, kind: 'paused', final: false, by, reason, until };
  }
  const lost = driver.interruption?.kind === 'lock-lost' || ShepherdError.is(error, 'ERR_LOCK_LOST');
  if (lost) return { ...base, kind: 'lock-lost', final: false };
  // Told to leave, or the journal cannot be written: without it nothing may be done, and whoever recovers goes on.
  if (driver.interruption === undefined)
    driver.keeper.transient({ type: 'step-progress', index: driver.keeper.record.step, message: `left: ${errorInfo(error).message}` });
  return { ...base, kind: 'detached', final: false };
}

function baseOf({ keeper: { record }, clock }: Driver): OutcomeBase {
  const { id, apps, from, to, startedAt } = record;
  return { rolloutId: id, targets: apps, from, to, startedAt, ms: clock.now().getTime() - Date.parse(startedAt) };
}

type Ending = Outcome extends infer O ? (O extends OutcomeBase ? Omit<O, keyof OutcomeBase> : never) : never;

async function end(driver: Driver, ending: Ending): Promise<Outcome> {
  const outcome = { ...baseOf(driver), ...ending } as Outcome;
  await markRevision(driver, outcome);
  await driver.keeper.commit({ phase: 'ended', outcome, waiting: undefined }, [{ type: 'rollout-end', outcome }]);
  return outcome;
}

/** What a later rollback needs to know; a platform that cannot store it, or a missing right, must not change the outcome. */
async function markRevision(driver: Driver, outcome: Outcome): Promise<void> {
  const { from, to } = driver.keeper.record;
  const mark = async (hash: string, as: { readonly verified: true } | { readonly bad: string }): Promise<void> =>
    driver.platform.releases.mark?.(driver.lasting, hash, as).catch(() => undefined);
  if (outcome.kind === 'succeeded') {
    // The one before served until now, whoever put it there.
    await Promise.all([mark(to.hash, { verified: true }), from === undefined || from.bad !== undefined ? undefined : mark(from.hash, { verified: true })]);
  }
  if (outcome.kind === 'rolled-back' && outcome.cause.kind !== 'abort') await mark(to.hash, { bad: describeCause(outcome.cause) });
}

/** Goes through the plan. @returns why it has to turn back, or nothing */
async function forward(driver: Driver): Promise<Cause | undefined> {
  const { keeper } = driver;
  const { plan } = keeper.record;
  let pending: readonly EventBody[] = [];
  for (let index = keeper.record.step; index < plan.steps.length; index += 1) {
    const { step } = plan.steps[index] as Plan['steps'][number];
    try {
      const vetoed = await holdAt(driver, step, index);
      if (vetoed !== undefined) return vetoed;
    } catch (error) {
      return causeOf(driver, error, index, step);
    }
    const outcome = await oneStep(driver, plan, index, pending);
    if ('cause' in outcome) return outcome.cause;
    pending = [outcome.end];
  }
  await keeper.commit({ step: plan.steps.length }, pending);
  return undefined;
}

/** Pauses that were asked for, and gates, before a step. */
async function holdAt(driver: Driver, step: Step, index: number): Promise<Cause | undefined> {
  const pause = pauseOf(driver);
  if (pause !== undefined) {
    const { answer, by } = await waitForPeople(driver, pause, { type: 'pause-start', by: pause.by, reason: pause.reason, until: pause.until }, ['resume']);
    await driver.keeper.commit({}, [{ type: 'pause-end', by }]);
    if (answer === 'timeout' && pause.onTimeout === 'rollback') return { kind: 'gate', gate: 'pause', reason: `nobody resumed until ${pause.until}` };
  }
  for (const moment of momentsOf(step, index, driver.keeper.record.weight)) {
    const veto = await askGates(driver, moment);
    if (veto !== undefined) return { kind: 'gate', ...veto };
  }
  return undefined;
}

/** The pause that was asked for now, or the one that a process before this one waited in. */
function pauseOf({ inbox, keeper, clock }: Driver): Waiting | undefined {
  const asked = inbox.takePause();
  if (asked === undefined) return keeper.record.waiting?.on === 'pause' ? keeper.record.waiting : undefined;
  const until = new Date(clock.now().getTime() + asked.timeoutMs).toISOString();
  return { on: 'pause', reason: asked.reason ?? 'asked for', until, onTimeout: asked.onTimeout, by: asked.by };
}

const momentsOf = (step: Step, index: number, weight: number): readonly Moment[] => [
  ...(index === 0 ? (['start'] as const) : []),
  ...((step.kind === 'shift' && step.weight > weight) || step.kind === 'roll' ? (['weight-increase'] as const) : []),
  ...(step.kind === 'promote' ? (['promote'] as const) : []),
];

type StepOutcome = { readonly end: EventBody } | { readonly cause: Cause };

/** One step: intent stored, act, observation stored with the next intent. */
async function oneStep(driver: Driver, plan: Plan, index: number, pending: readonly EventBody[]): Promise<StepOutcome> {
  const { keeper, clock } = driver;
  const { step, text } = plan.steps[index] as Plan['steps'][number];
  const forwards = keeper.record.phase === 'forward';
  try {
    await keeper.commit({ step: index, ...(forwards ? { reached: Math.max(index, keeper.record.reached) } : {}) }, [
      ...pending,
      { type: 'step-start', index, of: plan.steps.length, step, text },
    ]);
    for (;;) {
      const started = clock.monotonicMs();
      const verdict = await retrying(driver, () => runStep(step, stepRun(driver, step, index)));
      const end: EventBody = { type: 'step-end', index, verdict, ms: Math.round(clock.monotonicMs() - started) };
      if (verdict.kind === 'pass') return { end };
      await keeper.commit({}, [end]);
      const cause: Cause = { kind: 'verdict', index, step, verdict };
      if (!forwards || !(await again(driver, verdict))) return { cause };
    }
  } catch (error) {
    return { cause: causeOf(driver, error, index, step) };
  }
}

/** What is not clearly bad, and what the request wants a person to see, waits for one; true: try the step again. */
async function again(driver: Driver, verdict: Verdict): Promise<boolean> {
  const paused = verdict.kind === 'inconclusive' || driver.keeper.record.request.onFailure === 'pause';
  if (!paused || verdict.kind === 'pass') return false;
  const until = new Date(driver.clock.now().getTime() + pauseMs).toISOString();
  const by = { name: 'shepherd', kind: 'engine' } as const;
  const waiting = { on: 'pause', reason: verdict.reason, until, onTimeout: 'rollback', by } as const;
  const { answer, by: who } = await waitForPeople(driver, waiting, { type: 'pause-start', by, reason: verdict.reason, until }, ['resume']);
  await driver.keeper.commit({}, [{ type: 'pause-end', by: who }]);
  return answer === 'resume';
}

/** An error of a step as the reason to turn back; what makes this process leave is thrown on. */
function causeOf(driver: Driver, error: unknown, index: number, step: Step): Cause {
  const interruption = driver.interruption;
  if (error instanceof LeftPaused || interruption?.kind === 'lock-lost' || interruption?.kind === 'detach') throw error;
  if (ShepherdError.is(error, 'ERR_LOCK_LOST')) {
    driver.interrupt({ kind: 'lock-lost' });
    throw error;
  }
  if (interruption?.kind === 'abort') return { kind: 'abort', by: interruption.by, reason: interruption.reason };
  if (interruption?.kind === 'deadline') return { kind: 'deadline', after: (driver.keeper.record.request.timeout ?? '1h') as Duration };
  return { kind: 'step', index, step, error: errorInfo(error) };
}

/** An API that does not answer says nothing about the release: try again, forward until the deadline, going back for half an hour. */
async function retrying<T>(driver: Driver, work: () => Promise<T>): Promise<T> {
  const started = driver.clock.monotonicMs();
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      driver.signal.throwIfAborted();
      const late = driver.clock.monotonicMs() - started > backLimitMs;
      if (!ShepherdError.is(error) || !error.retryable || late) throw error;
      await driver.clock.sleep(retryMs[Math.min(attempt, retryMs.length - 1)] as number, driver.signal);
    }
  }
}

async function turnBack(driver: Driver, cause: Cause): Promise<void> {
  const { keeper, clock } = driver;
  const decidedAt = clock.now().toISOString();
  const context = { ...driver.read, signal: new AbortController().signal };
  const target = await retrying(driver, () => observe(driver.platform as never, context, true)).catch(() => undefined);
  const back = target === undefined ? undefined : await backPlan(keeper.record, target, decidedAt);
  await keeper.commit({ phase: 'back', cause, decidedAt, back, step: 0, waiting: undefined }, [
    { type: 'rollback-start', cause, plan: back ?? keeper.record.plan },
  ]);
}

async function back(driver: Driver): Promise<Outcome> {
  const { keeper } = driver;
  const cause = keeper.record.cause as Cause;
  if (keeper.record.back === undefined) await turnBack(driver, cause);
  const plan = keeper.record.back;
  if (plan === undefined)
    return failBack(
      driver,
      cause,
      new ShepherdError('ERR_UNREACHABLE', 'the platform could not be read', {
        facts: { what: 'platform', reason: 'no answer' },
        remedy: 'see the state by hand',
      }),
    );
  let pending: readonly EventBody[] = [];
  for (let index = keeper.record.step; index < plan.steps.length; index += 1) {
    const outcome = await oneStep(driver, plan, index, pending);
    if ('cause' in outcome) return failBack(driver, cause, backError(outcome.cause));
    pending = [outcome.end];
  }
  await keeper.commit({ step: plan.steps.length }, pending);
  const { supersededBy } = keeper.record;
  if (supersededBy !== undefined) return end(driver, { kind: 'superseded', final: true, serving: 'stable', by: supersededBy });
  return end(driver, { kind: 'rolled-back', final: true, serving: 'stable', cause, trafficBackMs: keeper.record.trafficBackMs });
}

const backError = (cause: Cause): unknown =>
  cause.kind === 'step'
    ? new ShepherdError(cause.error.code, cause.error.message, cause.error)
    : new ShepherdError('ERR_STEP_FAILED', describeCause(cause), {
        facts: { step: cause.kind === 'verdict' ? cause.step.kind : cause.kind, reason: describeCause(cause) },
        remedy: 'stable does not verify: look at its pods, then roll back further or deploy a fix',
      });

const failBack = (driver: Driver, cause: Cause, error: unknown): Promise<Outcome> =>
  end(driver, { kind: 'rollback-failed', final: true, serving: driver.keeper.record.weight > 0 ? 'mixed' : 'unknown', cause, error: errorInfo(error) });

function stepRun(driver: Driver, step: Step, index: number): StepRun {
  const { keeper, clock, platform, registry, inbox } = driver;
  const app = 'target' in step ? step.target : keeper.record.apps[0];
  const { signal } = driver;
  const read = () => ({ app, rolloutId: keeper.record.id, signal, clock });
  return {
    app,
    index,
    platform,
    clock,
    signal,
    registry,
    urgent: keeper.record.phase === 'back',
    record: () => keeper.record,
    read,
    write: () => ({ ...driver.write, app, signal }),
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
      const { answer, by, reason } = await waitForPeople(driver, waiting, { type: 'approval-request', message, until, onTimeout }, ['approve', 'reject']);
      const approved = answer === 'timeout' ? onTimeout === 'approve' : answer === 'approve';
      await keeper.commit({}, [{ type: 'approval-answer', approved, by, ...(reason === undefined ? {} : { reason }) }]);
      return {
        approved,
        reason:
          answer === 'timeout'
            ? `nobody answered until ${until}`
            : `${answer === 'approve' ? 'approved' : 'rejected'} by ${by.name}${reason === undefined ? '' : `: ${reason}`}`,
      };
    },
  };
}
