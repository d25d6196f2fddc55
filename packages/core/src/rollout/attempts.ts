import { hashesOf } from '../engine/drift.js';
import { type AppRecord, isRollback, type RolloutRecord } from '../engine/record.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import type { Use } from '../extend/definition.js';
import type { Target } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import { ready, restore, retire, scale, shift, smoke, verify } from '../steps/index.js';
import { beforeTraffic } from '../strategies/placing.js';
import type { Revision } from '../words/revision.js';
import type { Outcome } from './outcome.js';

/** How many revisions a rollback tries at most (RR RB-6). */
export const deepest = 3;

/** What a rollback chooses from. */
export interface Choice {
  readonly app: string;
  /** Newest first. */
  readonly revisions: readonly Revision[];
  /** Hash of what the rollback leaves; undefined: nothing. */
  readonly leaves: string | undefined;
}

/**
 * The version that a rollback leaves: what serves; of a release that was under way, the new version; of a rollback that was under way or failed, what that one left,
 * so that asking again means the same (RR RB-8). `id`: the rollback's own.
 */
export function leftBy(
  record: AppRecord | undefined,
  serving: string | undefined,
  id: string | undefined,
): { readonly hash: string | undefined; readonly interrupts: boolean } {
  const current = record?.current;
  const outcome = current?.outcome;
  const goesOn = (ended: Outcome): boolean =>
    isRollback(current as RolloutRecord) ? ended.kind === 'superseded' || ended.kind === 'rollback-failed' : ended.kind === 'superseded' && ended.by === id;
  const { from, to, wrote, cascade } = current ?? {};
  const known = [from?.hash, to?.hash, wrote, ...(cascade?.failed ?? []).flatMap(hashesOf)];
  // What somebody wrote since has its own story.
  const interrupts = current !== undefined && known.includes(serving) && (outcome === undefined || goesOn(outcome));
  if (!interrupts) return { hash: serving, interrupts };
  return { hash: isRollback(current) ? from?.hash : (wrote ?? to?.hash), interrupts };
}

/**
 * Where a rollback may go that names no revision, newest first: verified, not known as bad, not what it leaves, each hash once (RR RB-4, RB-6).
 * @throws ShepherdError ERR_REVISION_NOT_FOUND
 */
export function rollbackCandidates({ app, revisions, leaves }: Choice): readonly Revision[] {
  // What differs by a restart alone is no way back.
  const left = revisions.find(({ hash }) => hash === leaves);
  const seen = new Set([leaves, left?.release]);
  const found = revisions.filter(({ hash, release = hash, verified, bad }) => {
    const isNew = !seen.has(hash) && !seen.has(release);
    if (!verified || bad !== undefined || !isNew) return false;
    seen.add(hash).add(release);
    return true;
  });
  if (found.length > 0) return found;
  throw notFound(
    app,
    '',
    revisions,
    'verified revision before the one that serves',
    'name a revision with `to` (--to HASH), or deploy the release that you want',
  );
}

/** The revision of this hash, or of this number (`#5`), good or bad. @throws ShepherdError ERR_REVISION_NOT_FOUND */
export function namedRevision({ app, revisions }: Choice, to: string): Revision {
  const found = revisions.find(({ hash, number }) => hash === to || (number !== undefined && `#${number}` === to));
  if (found !== undefined) return found;
  throw notFound(app, to, revisions, `revision ${to}`, 'name one of the known revisions');
}

function notFound(app: string, hash: string, revisions: readonly Revision[], what: string, remedy: string): ShepherdError {
  const known = revisions.map((revision) => revision.hash);
  return new ShepherdError('ERR_REVISION_NOT_FOUND', `${app} has no ${what}; known: ${known.join(', ') || 'none'}`, { facts: { app, hash, known }, remedy });
}

/** Steps of one attempt: back to this revision, everything else away, then the verifications. */
export function attemptSteps(target: Target, hash: string, checks: readonly Use<'check'>[]): readonly Step[] {
  const { candidate, roles } = target;
  if (roles === 'swap' && candidate?.revision.hash === hash) {
    return [
      // The guide's instant way back, in the order that is no outage (RR G1): the old colour up and well first.
      scale(target, 'candidate', '100%'),
      ready(target, 'candidate'),
      smoke(target, beforeTraffic(checks)),
      shift(target, 100),
      verify(target, checks, 'candidate'),
      retire(target, 'stable'),
    ];
  }
  return [restore(target, hash), ...(isBeside(target) ? [shift(target, 0), retire(target, 'candidate')] : []), verify(target, checks)];
}

/** Pods beside stable that have traffic or might; a pair's other colour at rest is none. */
const isBeside = ({ candidate, roles, weight, touched }: Target): boolean =>
  candidate !== undefined && !touched && (roles !== 'swap' || candidate.replicas > 0 || weight > 0);
