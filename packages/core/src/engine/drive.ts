import { errorInfo, ShepherdError } from '../errors/shepherd-error.js';
import type { Moment } from '../extend/define-gate.js';
import { sayIncident } from '../incidents/holding.js';
import type { Plan } from '../plan/plan.js';
import type { Step } from '../plan/step.js';
import { formatCause } from '../rollout/format-cause.js';
import type { Cause, Outcome, OutcomeBase } from '../rollout/outcome.js';
import { runStep } from '../steps/runners.js';
import type { Duration } from '../words/duration.js';
import type { Suspicion } from '../words/suspicion.js';
import type { Verdict } from '../words/verdict.js';
import { backPlan } from './back-plan.js';
import { gaveUpBefore, nextAttempt } from './cascade.js';
import { driftVerdict, takeOurs } from './drift.js';
import type { Driver } from './driver.js';
import { explained } from './explain.js';
import { askGates, gateClosed } from './gates.js';
import { releaseAutoscaler } from './hold-autoscaler.js';
import { holdForPerson, mustBeHeld } from './irreversible.js';
import type { EventBody } from './keeper.js';
import { baseOf, held, leave, pausedBy } from './leave.js';
import { keepRevision, markRevisions } from './mark-revisions.js';
import { holdFor } from './missing-use.js';
import { observe } from './observe.js';
import { isRollback, type RolloutRecord, type Waiting } from './record.js';
import { retrying } from './retrying.js';
import { stepRun } from './step-run-of.js';
import { holdForIncident, incidentAtStart, incidentThatHolds, openSuspected, suspicionOf } from './suspected.js';
import { LeftPaused, type Waited, waitForPeople } from './wait-for-people.js';

/** For a stable that got its traffic back: a dead node is noticed after a minute, its pods are replaced after five more. */
const healMs = 600_000;
const healLookMs = 5_000;

/** Runs a rollout from where its record stands to an outcome. Never rejects. */
export async function drive(driver: Driver): Promise<Outcome> {
  const { keeper } = driver;
  try {
    const over = keeper.record.phase === 'forward' ? gaveUpBefore(keeper.record) : undefined;
    if (over !== undefined) return await failBack(driver, over.cause, over.error);
    while (keeper.record.phase === 'forward') {
      const failed = await forward(driver);
      if (failed === undefined) return await end(driver, { kind: 'succeeded', final: true, serving: 'candidate', changed: true });
      const decidedAt = driver.clock.now().toISOString();
      const suspicion = failed.kind === 'verdict' ? suspicionOf(failed.verdict) : undefined;
      const cause = suspicion === undefined ? await explained(driver, failed) : failed;
      const incident = suspicion ?? (await incidentThatHolds(driver, cause));
      if (incident !== undefined) {
        const aborted = await heldForIncident(driver, cause, incident);
        if (aborted !== undefined) await turnBack(driver, aborted);
        continue;
      }
      if (keeper.record.cascade !== undefined && cause.kind !== 'abort') {
        const ended = await furtherBack(driver, cause);
        if (ended !== undefined) return ended;
        continue;
      }
      if (mustBeHeld(keeper.record, cause)) {
        const taken = await heldBack(driver, cause);
        if (taken === undefined) continue;
        await turnBack(driver, taken);
        continue;
      }
      if (cause.kind === 'gate' && keeper.record.reached < 0)
        return await end(driver, { kind: 'failed-untouched', final: true, serving: 'stable', error: errorInfo(gateClosed(cause)) });
      await turnBack(driver, cause, decidedAt);
    }
    return await back(driver);
  } catch (error) {
    return leave(driver, await held(driver, error));
  }
}

/** Until a person has it tried again, or takes it back. */
const heldBack = (driver: Driver, cause: Cause): Promise<Cause | undefined> => {
  const { step, plan } = driver.keeper.record;
  return holdForPerson(driver, cause).then(
    () => undefined,
    (error: unknown) => causeOf(driver, error, step, plan.steps.at(-1)?.step as Step),
  );
};

/** Until a person has it tried again, or takes it back. Whatever else ends the wait takes nothing back. */
async function heldForIncident(driver: Driver, cause: Cause, incident: Suspicion): Promise<Cause | undefined> {
  try {
    await holdForIncident(driver, cause, incident);
    return undefined;
  } catch (error) {
    const { step, plan } = driver.keeper.record;
    const instead = causeOf(driver, error, step, plan.steps.at(-1)?.step as Step);
    if (instead.kind !== 'abort') throw error;
    return instead;
  }
}

/** A rollback goes to its next revision, or has none left and ends there. */
async function furtherBack(driver: Driver, cause: Cause): Promise<Outcome | undefined> {
  try {
    const error = await nextAttempt(driver, cause);
    return error === undefined ? undefined : await failBack(driver, cause, error);
  } catch (error) {
    const { step, plan } = driver.keeper.record;
    const instead = causeOf(driver, error, step, plan.steps.at(-1)?.step as Step);
    if (instead.kind !== 'abort') return failBack(driver, cause, error);
    await turnBack(driver, instead);
    return undefined;
  }
}

type Ending = Outcome extends infer O ? (O extends OutcomeBase ? Omit<O, keyof OutcomeBase> : never) : never;

async function end(driver: Driver, ending: Ending): Promise<Outcome> {
  await releaseHeld(driver);
  const outcome = { ...baseOf(driver), ...ending } as Outcome;
  await markRevisions(driver, outcome);
  await driver.keeper.commit({ phase: 'ended', outcome, waiting: undefined }, [{ type: 'rollout-end', outcome }]);
  return outcome;
}

/** Whatever the way out: what is held still is let go. What cannot be written must not change the outcome; the next rollout of the app finds it. */
async function releaseHeld(driver: Driver): Promise<void> {
  const { keeper, platform } = driver;
  for (const app of keeper.record.apps) {
    const holder = {
      app,
      platform,
      record: () => keeper.record,
      write: () => ({ ...driver.lasting, app }),
      commit: (change: Partial<RolloutRecord>) => keeper.commit(change),
    };
    await retrying(driver, () => releaseAutoscaler(holder)).catch((error: unknown) => {
      if (driver.interruption !== undefined || ShepherdError.is(error, 'ERR_LOCK_LOST')) throw error;
      keeper.transient({ type: 'step-progress', index: keeper.record.step, message: `the autoscaler was not released: ${errorInfo(error).message}` });
    });
  }
}

/** Goes through the plan. @returns why it has to turn back, or nothing */
async function forward(driver: Driver): Promise<Cause | undefined> {
  const { keeper } = driver;
  const { plan, reached, from } = keeper.record;
  // Before anything is touched: what serves now is what a rollback would bring back (RR RB-2).
  if (reached < 0 && from !== undefined && !isRollback(keeper.record)) await keepRevision(driver, from.hash);
  let pending: readonly EventBody[] = [];
  for (let index = keeper.record.step; index < plan.steps.length; index += 1) {
    const { step } = plan.steps[index] as Plan['steps'][number];
    try {
      const vetoed = await holdAt(driver, step);
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
async function holdAt(driver: Driver, step: Step): Promise<Cause | undefined> {
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

const stayPaused = (driver: Driver, pause: Waiting): Promise<Waited> => {
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

type StepOutcome = { readonly end: EventBody } | { readonly cause: Cause };

/** One step: intent stored, act, observation stored with the next intent. */
async function oneStep(driver: Driver, plan: Plan, index: number, pending: readonly EventBody[]): Promise<StepOutcome> {
  const { keeper, clock } = driver;
  const { step, text } = plan.steps[index] as Plan['steps'][number];
  const forwards = keeper.record.phase === 'forward';
  try {
    const run = stepRun(driver, step, index);
    const look = (): Promise<Verdict | undefined> => (forwards ? driftVerdict(run) : Promise.resolve(undefined));
    // A look needs no intent: it is under way while that is stored.
    let first: ReturnType<typeof look> | undefined = look();
    first.catch(() => undefined);
    await keeper.commit({ step: index, ...(forwards ? { reached: Math.max(index, keeper.record.reached) } : {}) }, [
      ...pending,
      { type: 'step-start', index, of: plan.steps.length, step, text },
    ]);
    if (step.kind === 'roll') run.platform.releases.begin?.(run.write(), { release: keeper.record.request.release as never });
    if (step.kind === 'restore') run.platform.releases.begin?.(run.write(), { restore: step.hash });
    for (;;) {
      const started = clock.monotonicMs();
      const verdict = await retrying(driver, async () => {
        const looked = first ?? look();
        first = undefined;
        return (await looked) ?? judged(driver, await runStep(step, run));
      });
      const end: EventBody = { type: 'step-end', index, verdict, ms: Math.round(clock.monotonicMs() - started) };
      if (verdict.kind === 'pass') return { end };
      const suspicion = suspicionOf(verdict);
      if (suspicion !== undefined) await openSuspected(driver, suspicion, verdict);
      if (!forwards && step.kind === 'verify' && (await mayHeal(driver, verdict))) continue;
      await keeper.commit({}, [end]);
      const cause: Cause = { kind: 'verdict', index, step, verdict };
      if (!forwards || suspicion !== undefined || !(await again(driver, verdict))) return { cause };
      await retrying(driver, () => takeOurs(run));
    }
  } catch (error) {
    return { cause: causeOf(driver, error, index, step) };
  }
}

/** Nobody need come where another revision may do: in a cascade what is not known to be good is not good. */
const judged = ({ keeper }: Driver, verdict: Verdict): Verdict =>
  verdict.kind === 'inconclusive' && keeper.record.cascade !== undefined ? { ...verdict, kind: 'error' } : verdict;

/**
 * The traffic is back; a stable that does not verify may yet heal, as pods of a dead node come up elsewhere after six minutes. False: the time for that is up.
 */
async function mayHeal({ keeper, clock, signal }: Driver, verdict: Verdict): Promise<boolean> {
  const { decidedAt, step } = keeper.record;
  const untilMs = Date.parse(decidedAt ?? '') + healMs;
  if (!(clock.now().getTime() < untilMs)) return false;
  const why = 'reason' in verdict ? verdict.reason : verdict.kind;
  keeper.transient({ type: 'step-progress', index: step, message: `stable is not well: ${why}; looked at again until ${new Date(untilMs).toISOString()}` });
  await clock.sleep(healLookMs, signal);
  return true;
}

/** What is not clearly bad, and what the request wants a person to see, waits for one; true: try the step again. */
async function again(driver: Driver, verdict: Verdict): Promise<boolean> {
  const paused = verdict.kind === 'inconclusive' || driver.keeper.record.request.onFailure === 'pause';
  if (!paused || verdict.kind === 'pass') return false;
  const by = { name: 'shepherd', kind: 'engine' } as const;
  return (await stayPaused(driver, pausedBy(by, verdict.reason, driver.clock.now()))).answer === 'resume';
}

/** An error of a step as the reason to turn back; what makes this process leave is thrown on. */
function causeOf(driver: Driver, error: unknown, index: number, step: Step): Cause {
  const interruption = driver.interruption;
  if (error instanceof LeftPaused) throw error;
  if (interruption?.kind === 'lock-lost' || interruption?.kind === 'detach' || interruption?.kind === 'hold') throw error;
  if (ShepherdError.is(error, 'ERR_LOCK_LOST')) {
    driver.interrupt({ kind: 'lock-lost' });
    throw error;
  }
  if (interruption?.kind === 'abort') return { kind: 'abort', by: interruption.by, reason: interruption.reason };
  if (interruption?.kind === 'deadline') return { kind: 'deadline', after: (driver.keeper.record.request.timeout ?? '1h') as Duration };
  return { kind: 'step', index, step, error: errorInfo(error) };
}

async function turnBack(driver: Driver, cause: Cause, decidedAt = driver.clock.now().toISOString()): Promise<void> {
  const { keeper } = driver;
  const { interruption } = driver;
  const supersededBy = keeper.record.supersededBy ?? (interruption?.kind === 'abort' ? interruption.supersededBy : undefined);
  const context = { ...driver.read, signal: new AbortController().signal };
  const target = await retrying(driver, () => observe(driver.platform as never, context, true)).catch(() => undefined);
  const back = target === undefined ? undefined : await backPlan({ ...keeper.record, supersededBy }, target, decidedAt);
  await keeper.commit({ phase: 'back', cause, supersededBy, decidedAt, back, step: 0, waiting: undefined }, [
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
    await holdForMissing(driver, plan, index, pending);
    const outcome = await oneStep(driver, plan, index, pending);
    if ('cause' in outcome) return failBack(driver, cause, backError(outcome.cause));
    pending = [outcome.end];
  }
  await keeper.commit({ step: plan.steps.length }, pending);
  const { supersededBy } = keeper.record;
  if (supersededBy !== undefined) return end(driver, { kind: 'superseded', final: true, serving: 'stable', by: supersededBy });
  return end(driver, { kind: 'rolled-back', final: true, serving: 'stable', cause, trafficBackMs: keeper.record.trafficBackMs });
}

/** The undo of a step that is not registered here: the traffic is back by now, and the rest waits for a process that has it (DESIGN 1). */
async function holdForMissing({ keeper, registry, clock }: Driver, plan: Plan, index: number, pending: readonly EventBody[]): Promise<void> {
  const step = plan.steps[index]?.step;
  if (step?.kind !== 'custom' || registry.has('step', step.step.use)) return;
  const { waiting, start } = holdFor({ extension: 'step', use: step.step.use }, clock.now());
  await keeper.commit({ step: index, waiting }, [...pending, start]);
  throw new LeftPaused(waiting);
}

const backError = (cause: Cause): unknown =>
  cause.kind === 'step'
    ? new ShepherdError(cause.error.code, cause.error.message, cause.error)
    : new ShepherdError('ERR_STEP_FAILED', formatCause(cause), {
        facts: { step: cause.kind === 'verdict' ? cause.step.kind : cause.kind, reason: formatCause(cause) },
        remedy: 'stable does not verify: look at its pods, then roll back further or deploy a fix',
      });

const failBack = (driver: Driver, cause: Cause, error: unknown): Promise<Outcome> =>
  end(driver, { kind: 'rollback-failed', final: true, serving: driver.keeper.record.weight > 0 ? 'mixed' : 'unknown', cause, error: errorInfo(error) });
