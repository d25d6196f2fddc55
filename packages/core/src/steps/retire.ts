import { toMs } from '../words/duration.js';
import { pass } from '../words/verdict.js';
import type { Runner } from './step-run.js';

/** Pods go only after the drain, counted from the last change of traffic (RR ORD-7, BG-4). */
export const retire: Runner<'retire'> = async (step, run) => {
  const target = await run.target();
  const track = target[step.track];
  if (track === undefined) return pass(`${step.track} is gone`);
  if (track.replicas > 0) {
    const { weightAt, request } = run.record();
    const drainedAt = Date.parse(weightAt ?? run.record().startedAt) + toMs(request.drain ?? '30s');
    const leftMs = weightAt === undefined ? 0 : drainedAt - run.clock.now().getTime();
    if (leftMs > 0) {
      run.progress(`draining ${step.track}`, { remainingMs: leftMs });
      await run.clock.sleep(leftMs, run.signal);
    }
    await run.platform.tracks.scale(run.write(), step.track, 0);
  }
  await run.platform.tracks.remove(run.write(), step.track);
  return pass(`${step.track} is retired`);
};
