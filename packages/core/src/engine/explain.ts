import type { CauseCode, FoundCause } from '../diagnosis/cause.js';
import { causesOf } from '../diagnosis/causes-of.js';
import { ofTrack } from '../diagnosis/of-track.js';
import { isKnown } from '../diagnosis/seen.js';
import { withDeadline } from '../extend/with-deadline.js';
import { untilAborted } from '../internal/until-aborted.js';
import type { Step } from '../plan/step.js';
import type { PlatformEvidence } from '../ports/evidence.js';
import type { Cause } from '../rollout/outcome.js';
import type { TrackName } from '../words/revision.js';
import type { Driver } from './driver.js';

/** Nobody waits longer for an explanation; where the new version has requests, hardly at all. */
const patienceMs = 2_000;
const underTrafficMs = 300;

/** Steps that neither wait for pods nor ask them. */
const withoutPods: ReadonlySet<Step['kind']> = new Set(['approve', 'wait', 'custom']);
/** Steps whose pods are those of stable where they do not say which. */
const ofStable: ReadonlySet<Step['kind']> = new Set(['promote', 'roll', 'restore', 'resize', 'evict']);
/** What stands beside an app that serves, and what the failure says itself. */
const noReason: ReadonlySet<CauseCode> = new Set([
  'healthy',
  'starting',
  'unknown',
  'progress-deadline',
  'autoscaler-at-max',
  'autoscaler-blind',
  'cpu-at-limit',
  'budget-blocks',
]);

/**
 * A failure with what `diagnose` would say of it now, while its pods are still there (KC DG-7): read by the same port, found by the same rules. Never fails, and
 * holds up no way back: what cannot be read in time is not said.
 */
export async function explained(driver: Driver, cause: Cause): Promise<Cause> {
  const { step: index, plan } = driver.keeper.record;
  const step = 'step' in cause ? cause.step : plan.steps[index]?.step;
  if (step === undefined || withoutPods.has(step.kind) || !isUnexplained(cause)) return cause;
  const found = await whyOf(driver, step).catch(() => undefined);
  return found === undefined ? cause : { ...cause, found };
}

/** Whether pods may be why: metrics that say no, and what a person or another tool did, have said why themselves. */
function isUnexplained(cause: Cause): cause is Extract<Cause, { kind: 'step' | 'verdict' | 'deadline' }> {
  if (cause.kind === 'deadline') return true;
  if (cause.kind === 'step') return cause.error.code === 'ERR_POD_DOOMED' || cause.error.code === 'ERR_TIMEOUT';
  if (cause.kind !== 'verdict') return false;
  const { verdict } = cause;
  if (verdict.kind !== 'fail' && verdict.kind !== 'error') return false;
  const data = verdict.evidence?.data;
  return !(typeof data === 'object' && data !== null && 'decision' in data);
}

async function whyOf(driver: Driver, step: Step): Promise<FoundCause | undefined> {
  const { platform, clock, keeper } = driver;
  const { diagnosis } = platform;
  if (diagnosis === undefined) return undefined;
  // An interrupted rollout has no time left of its own.
  const context = { ...driver.read, signal: new AbortController().signal };
  const app = 'target' in step ? step.target : context.app;
  const evidence: PlatformEvidence[] = [];
  const ms = keeper.record.weight > 0 ? underTrafficMs : patienceMs;
  await withDeadline({ clock, ms, signals: [context.signal], onTimeout: () => new Error('late') }, async (signal) => {
    // Secrets are read where somebody asks for it, not because a release failed.
    const iterator = diagnosis.read({ ...context, app, signal }, { dependencies: [], references: false })[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await untilAborted(iterator.next(), signal);
        if (next.done === true) return;
        if (isKnown(next.value)) evidence.push(next.value);
      }
    } catch (error) {
      void iterator.return?.(undefined)?.catch(() => undefined);
      throw error;
    }
  }).catch(() => undefined);
  const [found] = causesOf(app, ofTrack(evidence, trackOf(step, evidence)));
  return noReason.has(found.code) ? undefined : found;
}

function trackOf(step: Step, evidence: readonly PlatformEvidence[]): TrackName {
  if ('track' in step) return step.track;
  const hasCandidate = evidence.some((each) => each.source === 'workload' && each.data.track === 'candidate');
  return hasCandidate && !ofStable.has(step.kind) ? 'candidate' : 'stable';
}
