import { releaseAutoscaler } from '../engine/hold-autoscaler.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import { toMs } from '../words/duration.js';
import { pass } from '../words/verdict.js';
import type { Runner, StepRun } from './step-run.js';

/** An autoscaler judges by the last minute: before stable had its traffic for as long, it would shrink pods that are needed. */
const judgedMs = 60_000;
const goneWithinMs = 5_000;

/** Waits until this long after the last change of traffic. */
async function sinceTraffic(run: StepRun, ms: number, what: string): Promise<void> {
  const { weightAt } = run.record();
  const leftMs = weightAt === undefined ? 0 : Date.parse(weightAt) + ms - run.clock.now().getTime();
  if (leftMs <= 0) return;
  run.progress(what, { remainingMs: leftMs });
  await run.clock.sleep(leftMs, run.signal);
}

/** Pods go only after the drain, counted from the last change of traffic (RR ORD-7, BG-4). */
export const retire: Runner<'retire'> = async (step, run) => {
  const track = (await run.target())[step.track];
  if (track !== undefined) {
    if (track.replicas > 0) {
      await sinceTraffic(run, toMs(run.record().request.drain ?? '30s'), `draining ${step.track}`);
      await run.platform.tracks.scale(run.write(), step.track, 0);
    }
  }
  // Who took the candidate away left what came with it: previews, notes.
  if (track !== undefined || step.track === 'candidate') await run.platform.tracks.remove(run.write(), step.track);
  const lingers = step.track === 'candidate' && track !== undefined && (await stays(run));
  const retired = lingers ? `${step.track} has no pods, but somebody holds up its deletion (a finalizer?): it is in the way of the next release` : undefined;
  const gone = retired ?? (track === undefined ? `${step.track} is gone` : `${step.track} is retired`);
  return step.autoscaler === 'release' ? pass(`${gone}, ${await release(run)}`) : pass(gone);
};

/** What was taken away is seldom there a moment later; of a pair that changes roles it always is. */
async function stays(run: StepRun): Promise<boolean> {
  const until = run.clock.monotonicMs() + goneWithinMs;
  for (;;) {
    const { candidate, roles } = await run.target();
    if (candidate === undefined || roles === 'swap') return false;
    if (run.clock.monotonicMs() >= until) return true;
    await run.clock.sleep(500, run.signal);
  }
}

/** A floor that cannot be given back is said, and tried again at the end; it is no reason to take a good release back. */
async function release(run: StepRun): Promise<string> {
  await sinceTraffic(run, judgedMs, 'the autoscaler sees the traffic again');
  try {
    await releaseAutoscaler(run);
    return 'the autoscaler has its floor back';
  } catch (error) {
    run.signal.throwIfAborted();
    if (!ShepherdError.is(error) || error.retryable || ShepherdError.is(error, 'ERR_LOCK_LOST')) throw error;
    return `the autoscaler could not be given its floor back: ${error.message}`;
  }
}
