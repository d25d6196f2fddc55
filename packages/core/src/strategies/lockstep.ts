import type { Situation, Target } from '../plan/situation.js';
import type { Step } from '../plan/step.js';

/**
 * Plans each target and interleaves: nobody starts a phase before all finished the last one (RR ORD-14). A step without a target (approve, wait) that all
 * have at the same place is done once.
 */
export function lockstep(situation: Situation, plan: (target: Target) => readonly Step[]): readonly Step[] {
  const plans = situation.targets.map(plan);
  const longest = Math.max(...plans.map(({ length }) => length));
  const phases = Array.from({ length: longest }, (_, index) => plans.flatMap((steps) => steps.slice(index, index + 1)));
  return phases.flatMap((steps) =>
    steps.filter((step, index) => 'target' in step || steps.findIndex((other) => JSON.stringify(other) === JSON.stringify(step)) === index),
  );
}
