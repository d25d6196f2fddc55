import { observe } from '../engine/observe.js';
import type { StepRun } from './step-run.js';

/** After this a look is what was, not what is: whoever reads later, after a pause of its own say, reads anew. */
const lifeMs = 1_000;

/** The step with one look at the world: all that it reads through this is of one moment, from now on. Made anew for each round. */
export function lookOf(run: StepRun): StepRun {
  const look = {};
  const until = run.clock.monotonicMs() + lifeMs;
  const read = () => (run.clock.monotonicMs() < until ? { ...run.read(), look } : run.read());
  return { ...run, read, target: () => observe(run.platform as never, read(), true) };
}
