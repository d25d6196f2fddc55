import type { Plan } from '../plan/plan.js';
import type { Cause } from '../rollout/outcome.js';
import { runStep } from '../steps/runners.js';
import type { Verdict } from '../words/verdict.js';
import { causeOf } from './cause-of.js';
import { driftVerdict, takeOurs } from './drift.js';
import type { Driver } from './driver.js';
import { stayPaused } from './hold-at.js';
import type { EventBody } from './keeper.js';
import { pausedBy } from './leave.js';
import { retrying } from './retrying.js';
import { stepRun } from './step-run-of.js';
import { openSuspected, suspicionOf } from './suspected.js';

/** For a stable that got its traffic back: a dead node is noticed after a minute, its pods are replaced after five more. */
const healMs = 600_000;
const healLookMs = 5_000;

/** `end`: it went well, and its end is stored with what comes next. */
export type StepOutcome = { readonly end: EventBody } | { readonly cause: Cause };

/** One step: intent stored, act, observation stored with the next intent. */
export async function oneStep(driver: Driver, plan: Plan, index: number, pending: readonly EventBody[]): Promise<StepOutcome> {
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
