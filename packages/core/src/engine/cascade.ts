import { ShepherdError } from '../errors/shepherd-error.js';
import { makePlan } from '../plan/make-plan.js';
import type { Plan } from '../plan/plan.js';
import type { Target } from '../plan/situation.js';
import { attemptSteps } from '../rollout/attempts.js';
import { formatCause } from '../rollout/format-cause.js';
import type { Attempt, Cause } from '../rollout/outcome.js';
import { type Duration, formatMs } from '../words/duration.js';
import type { Revision } from '../words/revision.js';
import type { Driver } from './driver.js';
import { environmentOf } from './environment.js';
import type { EventBody } from './keeper.js';
import { observe } from './observe.js';
import type { RolloutRecord } from './record.js';
import { retrying } from './retrying.js';
import { attemptEvents } from './start.js';

type Cascade = NonNullable<RolloutRecord['cascade']>;

/**
 * After an attempt of a rollback that did not verify: plans and stores the next one, so that whoever drives goes on with it, or stores why there is none. The
 * version that the rollback left is no way back: somebody wanted to be rid of it (docs/decisions/going-back-from-a-rollback.md).
 * @returns the error that the rollback ends with; undefined: the next attempt is in the record
 */
export async function nextAttempt(driver: Driver, cause: Cause): Promise<ShepherdError | undefined> {
  const { keeper, clock } = driver;
  const { cascade, to, wrote, events, startedAt } = keeper.record as RolloutRecord & { readonly cascade: Cascade };
  const began = events.findLast(({ type }) => type === 'attempt-start')?.at ?? startedAt;
  const environment = environmentOf(cause);
  const attempt: Attempt = {
    revision: to,
    ...(wrote === undefined ? {} : { wrote }),
    cause,
    ...(environment === undefined ? {} : { environment }),
    ms: clock.now().getTime() - Date.parse(began),
  };
  const failed = [...cascade.failed, attempt];
  const ended: EventBody = { type: 'attempt-end', number: failed.length, of: cascade.candidates.length, attempt };
  const next = cascade.candidates[failed.length];
  const stopped = cause.kind === 'deadline' || environment !== undefined || next === undefined;
  if (cause.kind !== 'deadline' && environment === undefined)
    await driver.platform.releases.mark?.(driver.lasting, wrote ?? to.hash, { bad: formatCause(cause) }).catch(() => undefined);
  if (stopped) {
    await keeper.commit({ cascade: { ...cascade, failed } }, [ended]);
    return gaveUp(keeper.record.apps[0].name, failed, cause);
  }
  let target: Target;
  try {
    target = await retrying(driver, () => observe(driver.platform as never, driver.read, true));
  } catch (error) {
    if (driver.interruption?.kind !== 'deadline') throw error;
    await keeper.commit({ cascade: { ...cascade, failed } }, [ended]);
    const after = (keeper.record.request.timeout ?? '1h') as Duration;
    return gaveUp(keeper.record.apps[0].name, failed, { kind: 'deadline', after });
  }
  const after = { cascade: { ...cascade, failed }, to: next, plan: await planOf(driver, target, next), wrote: undefined, step: 0, reached: -1 };
  await keeper.commit(after, [ended, ...attemptEvents(after)]);
  return undefined;
}

/** What a cascade ends with that a process before this one gave up and did not end. */
export function gaveUpBefore({ cascade, to, apps }: RolloutRecord): { readonly cause: Cause; readonly error: ShepherdError } | undefined {
  const last = cascade?.failed.at(-1);
  if (cascade === undefined || last === undefined || last.revision.hash !== to.hash) return undefined;
  return { cause: last.cause, error: gaveUp(apps[0].name, cascade.failed, last.cause) };
}

/** The plan of one attempt, asked of the same checks as the one before. */
async function planOf({ keeper, clock }: Driver, target: Target, { hash }: Revision): Promise<Plan> {
  const { plan, cascade } = keeper.record;
  const verified = plan.steps.map(({ step }) => step).findLast((step) => step.kind === 'verify');
  const checks = keeper.record.request.checks ?? verified?.checks ?? [];
  const here: Target = { ...target, touched: false };
  const made = await makePlan({
    situation: { at: clock.now().toISOString(), release: { version: hash, irreversible: false }, checks, targets: [here] },
    steps: attemptSteps(here, hash, checks),
    asked: { candidates: cascade?.candidates.map((candidate) => candidate.hash), to: hash },
    releaseHash: '',
    drainMs: 30_000,
    warnings: [],
  });
  return { ...made, changes: true };
}

function gaveUp(app: string, failed: readonly Attempt[], cause: Cause): ShepherdError {
  const environment = failed.at(-1)?.environment;
  const why = cause.kind === 'deadline' ? 'deadline' : environment === undefined ? 'exhausted' : 'environment';
  const text = {
    deadline: `not back within ${cause.kind === 'deadline' ? cause.after : ''}`,
    environment: `what is wrong is not the version (${environment}), so an older one would not help`,
    exhausted: `none of ${failed.length === 1 ? '1 revision' : `${failed.length} revisions`} verifies`,
  }[why];
  const tookMs = failed.reduce((sum, { ms }) => sum + ms, 0);
  return new ShepherdError(
    'ERR_ROLLBACK_FAILED',
    `${app}: ${text}; ${failed.length === 1 ? '1 attempt' : `${failed.length} attempts`} in ${formatMs(tookMs)}`,
    {
      facts: {
        app,
        why,
        ...(environment === undefined ? {} : { environment }),
        attempts: failed.map(({ revision, cause: of }) => ({ hash: revision.hash, reason: formatCause(of) })),
      },
      remedy:
        why === 'environment'
          ? 'mend that, then roll back again; pods of the version before serve on as far as there are any'
          : 'look at what the attempts say, then deploy a fix or name a revision with --to HASH',
    },
  );
}
