import { observe } from '../engine/observe.js';
import { readAppRecord } from '../engine/read-record.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import type { Registry } from '../extend/registry.js';
import { makePlan } from '../plan/make-plan.js';
import type { Target } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import type { PortContext } from '../ports/context.js';
import type { Platform } from '../ports/platform.js';
import { ready, restore, retire, scale, shift, smoke, verify } from '../steps/index.js';
import { durationIssue, refuse, unknownKeys } from '../strategies/options.js';
import { beforeTraffic, quick } from '../strategies/placing.js';
import type { Revision } from '../words/revision.js';
import { clearLeftover } from './leftover.js';
import { checksOf, type Prepared } from './prepare.js';
import type { RollbackRequest } from './request.js';

/** The revision to go back to: the one named, else the newest verified one that is neither serving nor known as bad (RR RB-4, RB-5). */
export function rollbackTarget(app: string, revisions: readonly Revision[], serving: string | undefined, to: string | undefined): Revision {
  const known = revisions.map(({ hash }) => hash);
  const found =
    to === undefined
      ? revisions.find(({ hash, verified, bad }) => hash !== serving && verified && bad === undefined)
      : revisions.find(({ hash, number }) => hash === to || (number !== undefined && `#${number}` === to));
  if (found !== undefined) return found;
  const what = to === undefined ? 'verified revision before the one that serves' : `revision ${to}`;
  throw new ShepherdError('ERR_REVISION_NOT_FOUND', `${app} has no ${what}; known: ${known.join(', ') || 'none'}`, {
    facts: { app, hash: to ?? '', known },
    remedy: to === undefined ? 'name a revision with `to` (--to HASH), or deploy the release that you want' : 'name one of the known revisions',
  });
}

/** A rollback to an older revision: the same plan, lock and journal as a deploy. Gates are off. */
export async function prepareRollback(platform: Platform<unknown>, context: PortContext, request: RollbackRequest, registry: Registry): Promise<Prepared> {
  refuse([...unknownKeys('request', request, ['app', 'to', 'reason', 'timeout']), ...durationIssue('timeout', request.timeout, 1_000)]);
  const [target, revisions, saved] = await Promise.all([
    observe(platform as Platform<never>, context, false),
    platform.releases.list(context),
    platform.journal.load(context),
  ]);
  const to = rollbackTarget(context.app.name, revisions, target.stable?.revision.hash, request.to);
  const record = readAppRecord(saved, context.app);
  const touched = record !== undefined && record.current.phase !== 'ended';
  const clean: Target = { ...target, touched };
  const checks = checksOf(platform, context, registry);
  const steps: readonly Step[] =
    target.roles === 'swap' && target.candidate?.revision.hash === to.hash
      ? [
          // The guide's instant way back, in the order that is no outage (RR G1): the old colour up and well first.
          scale(target, 'candidate', '100%'),
          ready(target, 'candidate'),
          smoke(target, beforeTraffic(checks)),
          shift(target, 100),
          verify(target, quick(checks), 'candidate'),
          retire(target, 'stable'),
        ]
      : [restore(target, to.hash), ...clearLeftover(clean), verify(target, checks)];
  const plan = await makePlan({
    situation: { at: context.clock.now().toISOString(), release: { version: to.hash, irreversible: false }, checks, targets: [clean] },
    steps,
    asked: { to: to.hash },
    releaseHash: to.hash,
    drainMs: 30_000,
    warnings: [],
  });
  const { reason, timeout } = request;
  return { context, request: { release: undefined, reason, timeout }, target: clean, plan, from: target.stable?.revision, to, saved, record };
}
