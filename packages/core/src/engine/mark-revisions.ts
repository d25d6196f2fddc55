import { errorInfo, ShepherdError } from '../errors/shepherd-error.js';
import type { RevisionMark } from '../ports/platform.js';
import { formatCause } from '../rollout/format-cause.js';
import type { Cause, Outcome } from '../rollout/outcome.js';
import type { Driver } from './driver.js';
import { isRollback, type RolloutRecord } from './record.js';

/** What a later rollback needs to know; a platform that cannot store it, or a missing right, must not change the outcome. */
export async function markRevisions(driver: Driver, outcome: Outcome): Promise<void> {
  const { record } = driver.keeper;
  const { from, to, wrote } = record;
  // What stable has is what the platform knows.
  const hash = wrote ?? to.hash;
  const mark = async (hash: string, as: RevisionMark): Promise<void> => driver.platform.releases.mark?.(driver.lasting, hash, as).catch(() => undefined);
  if (outcome.kind === 'succeeded') {
    // The one before served until now, whoever put it there; of a rollback it is what somebody wanted to be rid of, unless that undoes one.
    const left = !isRollback(record) ? ({ verified: true } as const) : to.bad === undefined ? { bad: leftFor(record) } : undefined;
    const marksLeft = from !== undefined && from.bad === undefined && from.hash !== hash && left !== undefined;
    await Promise.all([
      mark(hash, { verified: true, by: record.by.name, reason: record.request.reason }).then(() => keepRevision(driver, hash)),
      marksLeft ? mark(from.hash, left) : undefined,
    ]);
  }
  if (outcome.kind === 'rollback-failed' && record.cascade !== undefined && from !== undefined) await mark(from.hash, { bad: leftFor(record) });
  // Of a release that changes no pod the hash is that of the good one before.
  if (outcome.kind === 'rolled-back' && saysBad(outcome.cause) && hash !== from?.hash) await mark(hash, { bad: formatCause(outcome.cause) });
}

/** What a later rollback puts back beside the template; what cannot be kept is said and stops nothing. */
export async function keepRevision({ platform, lasting, keeper }: Driver, hash: string): Promise<void> {
  await platform.releases.keep?.(lasting, hash).catch((error: unknown) => {
    if (ShepherdError.is(error, 'ERR_LOCK_LOST')) throw error;
    keeper.transient({ type: 'step-progress', index: keeper.record.step, message: `what ${hash} runs with is not kept: ${errorInfo(error).message}` });
  });
}

const leftFor = ({ by, request: { reason } }: RolloutRecord): string => `rolled back from by ${by.name}${reason === undefined ? '' : `: ${reason}`}`;

/** What a person wanted, or somebody else's writing made impossible, says nothing about the release. */
const saysBad = (cause: Cause): boolean =>
  cause.kind !== 'abort' &&
  !(cause.kind === 'verdict' && cause.verdict.kind === 'inconclusive') &&
  !(cause.kind === 'step' && cause.error.code === 'ERR_CONFLICT');
