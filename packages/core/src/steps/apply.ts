import { holdAutoscaler } from '../engine/hold-autoscaler.js';
import { podsOf } from '../plan/situation.js';
import { pass } from '../words/verdict.js';
import type { Runner } from './step-run.js';

export const apply: Runner<'apply'> = async (step, run) => {
  if (step.autoscaler === 'hold') await holdAutoscaler(run);
  const { replicas } = await run.target();
  const wanted = podsOf(step.capacity, replicas);
  const revision = await run.platform.releases.apply(run.write(), run.record().request.release, {
    track: 'candidate',
    replicas: wanted,
    isolated: step.isolated,
  });
  return pass(`candidate ${revision.hash} wants ${wanted} pods`);
};
