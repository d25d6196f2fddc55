import { observe } from '../engine/observe.js';
import { readAppRecord } from '../engine/read-record.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import type { Registry } from '../extend/registry.js';
import { makePlan } from '../plan/make-plan.js';
import type { Target } from '../plan/situation.js';
import type { PortContext } from '../ports/context.js';
import type { Platform } from '../ports/platform.js';
import { durationIssue, refuse, unknownKeys } from '../strategies/options.js';
import type { Revision } from '../words/revision.js';
import { attemptSteps, leftBy, namedRevision, rollbackCandidates } from './attempts.js';
import { checksOf, type Prepared } from './prepare.js';
import type { RollbackRequest } from './request.js';

/** A rollback to an older revision: the same plan, lock and journal as a deploy. Gates are off. Writes nothing. @throws ShepherdError */
export async function prepareRollback(platform: Platform<unknown>, context: PortContext, request: RollbackRequest, registry: Registry): Promise<Prepared> {
  refuse([...unknownKeys('request', request, ['app', 'to', 'reason', 'timeout', 'checks']), ...durationIssue('timeout', request.timeout, 1_000)]);
  const [target, revisions, saved] = await Promise.all([
    observe(platform as Platform<never>, context, false),
    platform.releases.list(context),
    platform.journal.load(context),
  ]);
  const record = readAppRecord(saved, context.app);
  const underWay = record !== undefined && record.current.phase !== 'ended';
  const app = context.app.name;
  const serving = target.stable?.revision.hash;
  const left = leftBy(record, serving, context.rolloutId);
  const choice = { app, revisions, leaves: left.hash };
  const candidates = request.to === undefined ? rollbackCandidates(choice) : undefined;
  const to = candidates?.[0] ?? namedRevision(choice, request.to ?? '');
  // What an unfinished rollout left beside stable is taken back before this one starts.
  const clean: Target = { ...target, touched: underWay };
  const checks = request.checks ?? checksOf(platform, context, registry);
  for (const use of checks) registry.code(use);
  const interrupted: Target = { ...clean, touched: clean.touched || left.interrupts };
  const plan = await makePlan({
    situation: { at: context.clock.now().toISOString(), release: { version: to.hash, irreversible: false }, checks, targets: [interrupted] },
    steps: attemptSteps(clean, to.hash, checks),
    asked: candidates === undefined ? { to: to.hash } : { candidates: candidates.map(({ hash }) => hash) },
    releaseHash: to.hash,
    drainMs: 30_000,
    warnings: [],
    notes: noteOf(candidates),
  });
  if (!plan.changes) throw serves(app, to);
  const { reason, timeout } = request;
  const stored = { release: undefined, reason, timeout, checks };
  return { context, request: stored, target: clean, plan, from: target.stable?.revision, to, candidates, saved, record };
}

const noteOf = (candidates: readonly Revision[] = []): readonly string[] => {
  const further = candidates.slice(1).map(({ hash, images }) => `${images.join(', ')} (${hash})`);
  return further.length === 0 ? [] : [`where that does not verify it goes further back, to ${further.join(', then ')}`];
};

const serves = (app: string, { hash }: Revision): ShepherdError =>
  new ShepherdError('ERR_REVISION_SERVES', `${app} runs revision ${hash} already`, {
    facts: { app, hash },
    remedy: 'name another revision: shepherd rollback APP --list shows them; without one it goes to the newest good one before this',
  });
