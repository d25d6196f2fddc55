import { awaitTrack } from '../engine/await-track.js';
import { toMs } from '../words/duration.js';
import { pass } from '../words/verdict.js';
import type { Runner } from './step-run.js';

export const ready: Runner<'ready'> = async (step, run) => {
  const status = await awaitTrack(run.platform, run.read(), step.track, ({ settled, replicas }) => settled && replicas > 0, {
    timeoutMs: toMs(step.timeout ?? '10m'),
    what: `${step.track} is ready`,
    progress: run.progress,
  });
  return pass(`${status.ready} of ${status.replicas} pods of ${step.track} are ready`);
};
