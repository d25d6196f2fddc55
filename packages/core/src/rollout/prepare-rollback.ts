import { observe } from '../engine/observe.js';
import { readAppRecord } from '../engine/read-record.js';
import type { AppRecord } from '../engine/record.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import type { Registry } from '../extend/registry.js';
import { makePlan } from '../plan/make-plan.js';
import type { Target } from '../plan/situation.js';
import type { PortContext } from '../ports/context.js';
import type { Outlook, Platform } from '../ports/platform.js';
import { execFindings, runsCommands } from '../preflight/exec-findings.js';
import { durationIssue, refuse, unknownKeys } from '../strategies/options.js';
import type { Finding } from '../words/finding.js';
import type { Revision } from '../words/revision.js';
import { attemptSteps, deepest, leftBy, namedRevision, rollbackCandidates } from './attempts.js';
import { checksOf, type Prepared, refuseFindings } from './prepare.js';
import type { RollbackRequest } from './request.js';

/** A rollback to an older revision: the same plan, lock and journal as a deploy. Gates are off. Writes nothing. @throws ShepherdError */
export async function prepareRollback(platform: Platform<unknown>, context: PortContext, request: RollbackRequest, registry: Registry): Promise<Prepared> {
  refuse([...unknownKeys('request', request, ['app', 'to', 'reason', 'timeout', 'checks']), ...durationIssue('timeout', request.timeout, 1_000)]);
  // What the plan is made of was read together; what is written later is decided on anew.
  const seen: PortContext = { ...context, look: context.look ?? {} };
  const [target, revisions, saved] = await Promise.all([
    observe(platform as Platform<never>, seen, false),
    platform.releases.list(seen),
    platform.journal.load(context),
  ]);
  const record = readAppRecord(saved, context.app);
  const underWay = record !== undefined && record.current.phase !== 'ended';
  const app = context.app.name;
  const serving = target.stable?.revision.hash;
  const left = leftBy(record, serving, context.rolloutId);
  const choice = { app, revisions, leaves: left.hash };
  const wanted = request.to === undefined ? rollbackCandidates(choice) : [namedRevision(choice, request.to)];
  const outlooks = await Promise.all(wanted.map(async (revision) => ({ revision, ...((await platform.releases.outlook?.(seen, revision.hash)) ?? nothing) })));
  const whole = outlooks.filter(({ missing }) => missing.length === 0).slice(0, deepest);
  const [first] = whole;
  if (first === undefined) throw incomplete(app, outlooks[0] as (typeof outlooks)[number]);
  const candidates = request.to === undefined ? whole.map(({ revision }) => revision) : undefined;
  const to = first.revision;
  // What an unfinished rollout left beside stable is taken back before this one starts.
  const clean: Target = { ...target, touched: underWay };
  const checks = request.checks ?? checksOf(platform, context, registry);
  for (const use of checks) registry.code(use);
  refuseFindings(execFindings(platform, runsCommands(checks)));
  const interrupted: Target = { ...clean, touched: clean.touched || left.interrupts };
  const plan = await makePlan({
    situation: { at: context.clock.now().toISOString(), release: { version: to.hash, irreversible: false }, checks, targets: [interrupted] },
    steps: attemptSteps(clean, to.hash, checks),
    asked: candidates === undefined ? { to: to.hash } : { candidates: candidates.map(({ hash }) => hash) },
    releaseHash: to.hash,
    drainMs: 30_000,
    warnings: [...irreversible(record, serving), ...first.findings],
    notes: [...first.notes, ...noteOf(candidates), ...outlooks.flatMap(passedOver)],
  });
  if (!plan.changes) throw serves(app, to);
  const { reason, timeout } = request;
  const stored = { release: undefined, reason, timeout, checks };
  const beyondPods = whole.some((each) => each.beyondPods === true);
  return { context, request: stored, target: clean, plan, from: target.stable?.revision, to, beyondPods, candidates, saved, record };
}

/** A person may; what it changed outside stays as it is. */
const irreversible = (record: AppRecord | undefined, serving: string | undefined): readonly Finding[] =>
  record?.current.irreversible === true && [record.current.to.hash, record.current.wrote].includes(serving)
    ? [
        {
          id: 'irreversible',
          level: 'warning',
          message: 'what serves was released as irreversible: what it changed outside (a database schema) does not go back',
          fix: 'see that the older version works with it, or release a fix forward',
        },
      ]
    : [];

const nothing: Outlook = { missing: [], notes: [], findings: [] };

type Seen = Outlook & { readonly revision: Revision };

const passedOver = ({ revision, missing }: Seen): readonly string[] =>
  missing.length === 0 ? [] : [`revision ${revision.hash} is passed over: ${missing.join(', ')} is gone, and no copy is kept`];

const incomplete = (app: string, { revision: { hash }, missing }: Seen): ShepherdError =>
  new ShepherdError('ERR_REVISION_INCOMPLETE', `revision ${hash} of ${app} cannot start any more: ${missing.join(', ')} is gone, and no copy is kept`, {
    facts: { app, hash, missing },
    remedy: 'make it again, or go back to another revision',
  });

const noteOf = (candidates: readonly Revision[] = []): readonly string[] => {
  const further = candidates.slice(1).map(({ hash, images }) => `${images.join(', ')} (${hash})`);
  return further.length === 0 ? [] : [`where that does not verify it goes further back, to ${further.join(', then ')}`];
};

const serves = (app: string, { hash }: Revision): ShepherdError =>
  new ShepherdError('ERR_REVISION_SERVES', `${app} runs revision ${hash} already`, {
    facts: { app, hash },
    remedy: 'name another revision: shepherd rollback APP --list shows them; without one it goes to the newest good one before this',
  });
