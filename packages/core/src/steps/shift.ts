import { holdAutoscaler, isHeld } from '../engine/hold-autoscaler.js';
import { moveWeight } from '../engine/move-weight.js';
import { pass } from '../words/verdict.js';
import type { Runner } from './step-run.js';

export const shift: Runner<'shift'> = async (step, run) => {
  // Stable may have grown since; an autoscaler that sees its traffic leave would shrink it to the old floor.
  if (step.weight > 0 && isHeld(run)) await holdAutoscaler(run);
  const { from, to } = await moveWeight(run, step.weight, run.urgent);
  const { weight, decidedAt, phase } = run.record();
  const at = run.clock.now();
  // What the record says, not what was read first: after a crash the move may have happened already.
  const before = weight === to ? from : weight;
  if (before === to && weight === to) return pass(`${to} % already`);
  const trafficBackMs = phase === 'back' && decidedAt !== undefined && before > 0 ? at.getTime() - Date.parse(decidedAt) : undefined;
  await run.commit({ weight: to, weightAt: at.toISOString(), ...(trafficBackMs === undefined ? {} : { trafficBackMs }) }, [
    { type: 'weight-change', target: step.target, from: before, to, asked: step.weight },
  ]);
  return pass(`${to} % of requests`);
};
