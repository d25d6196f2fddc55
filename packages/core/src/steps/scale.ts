import { podsOf } from '../plan/situation.js';
import { pass } from '../words/verdict.js';
import type { Runner } from './step-run.js';

export const scale: Runner<'scale'> = async (step, run) => {
  const { replicas } = await run.target();
  const wanted = podsOf(step.capacity, replicas);
  await run.platform.tracks.scale(run.write(), step.track, wanted);
  return pass(`${step.track} wants ${wanted} pods`);
};
