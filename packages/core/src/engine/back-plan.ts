import { endpoints } from '../checks/endpoints.js';
import { health } from '../checks/health.js';
import { pods, replicas } from '../checks/pods.js';
import { makePlan } from '../plan/make-plan.js';
import type { Plan } from '../plan/plan.js';
import type { Target } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import { resize, restore, retire, shift, verify } from '../steps/index.js';
import { toMs } from '../words/duration.js';
import { isRollback, type RolloutRecord } from './record.js';

/** What stable must be again, whatever the release's own checks ask: they may ask for what only the new version has. */
const verification = [pods({}), endpoints({}), health({}), replicas({})];

/**
 * The way back from any state, from journal and situation alone (DESIGN 1): template back if it was touched, traffic, then one's own steps undone, stable
 * verified, the candidate gone.
 */
export function backSteps(record: RolloutRecord, target: Target): readonly Step[] {
  const { templateTouched, from, plan, reached, weight, supersededBy, request } = record;
  const undo = plan.steps
    .slice(0, reached + 1)
    .flatMap(({ step }): readonly Step[] => (step.kind === 'custom' && step.direction === 'do' ? [{ ...step, direction: 'undo' }] : []))
    .toReversed();
  // What changes more than the pods may be begun or done while their hash is what it was.
  const isBefore = record.beyondPods !== true && target.stable?.revision.hash === from?.hash;
  // The version that a rollback left is the one that somebody wanted to be rid of: what takes its place starts from where it got.
  const stays = isRollback(record) && supersededBy !== undefined;
  const template = templateTouched && from !== undefined && !isBefore && !stays ? [restore(target, from.hash)] : [];
  // Also where somebody took the candidate away: its traffic went nowhere, and stable may have given its pods to it.
  const stray = target.weight > 0 || weight > 0 || (target.stable?.replicas ?? 0) < target.replicas;
  const traffic = target.candidate === undefined && !stray ? [] : [shift(target, 0)];
  const made = plan.steps.slice(0, reached + 1).some(({ step }) => step.kind === 'apply');
  const resized = request.remedy?.kind === 'scale' && reached >= 0 ? [resize(target, wantedAgain(record, target))] : [];
  // While stable can serve as it is, traffic goes first; a stable that holds the bad version has to become good first.
  const first = template.length === 0 ? traffic : [...template, ...traffic];
  return [
    ...first,
    ...resized,
    ...undo,
    // Where nothing was before and nothing is now, there is nothing to be well.
    ...(supersededBy === undefined && (from !== undefined || target.stable !== undefined) ? [verify(target, verification)] : []),
    ...(target.candidate === undefined && !made ? [] : [retire(target, 'candidate')]),
  ];
}

/** As many pods as before; of a scaling up what came up stays, since whoever asked for it needs it. */
const wantedAgain = ({ replicas }: RolloutRecord, { stable }: Target): number => Math.max(replicas, Math.min(stable?.ready ?? 0, stable?.replicas ?? 0));

/** The same as a plan, for the event. */
export async function backPlan(record: RolloutRecord, target: Target, at: string): Promise<Plan> {
  const steps = backSteps(record, target);
  const plan = await makePlan({
    situation: { at, release: { version: record.from?.hash ?? 'before', irreversible: false }, checks: [], targets: [{ ...target, touched: true }] },
    steps,
    asked: { back: record.id },
    releaseHash: record.from?.hash ?? '',
    drainMs: toMs(record.request.drain ?? '30s'),
    warnings: [],
  });
  return { ...plan, changes: true };
}
