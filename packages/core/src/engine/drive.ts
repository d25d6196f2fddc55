import { errorInfo, ShepherdError } from '../errors/shepherd-error.js';
import type { Plan } from '../plan/plan.js';
import type { Step } from '../plan/step.js';
import type { Cause, Outcome } from '../rollout/outcome.js';
import type { Suspicion } from '../words/suspicion.js';
import { backPlan } from './back-plan.js';
import { gaveUpBefore, nextAttempt } from './cascade.js';
import { causeOf } from './cause-of.js';
import type { Driver } from './driver.js';
import { backError, end, failBack } from './ending.js';
import { explained } from './explain.js';
import { gateClosed } from './gates.js';
import { holdAt } from './hold-at.js';
import { holdForPerson, mustBeHeld } from './irreversible.js';
import type { EventBody } from './keeper.js';
import { held, leave } from './leave.js';
import { keepRevision } from './mark-revisions.js';
import { holdFor } from './missing-use.js';
import { observe } from './observe.js';
import { oneStep } from './one-step.js';
import { isRollback } from './record.js';
import { retrying } from './retrying.js';
import { holdForIncident, incidentThatHolds, suspicionOf } from './suspected.js';
import { LeftPaused } from './wait-for-people.js';

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

async function turnBack(driver: Driver, cause: Cause, decidedAt = driver.clock.now().toISOString()): Promise<void> {
  const { keeper } = driver;
  const { interruption } = driver;
  const supersededBy = keeper.record.supersededBy ?? (interruption?.kind === 'abort' ? interruption.supersededBy : undefined);
  const context = { ...driver.read, signal: new AbortController().signal };
  const target = await retrying(driver, () => observe(driver.platform, context, true)).catch(() => undefined);
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
