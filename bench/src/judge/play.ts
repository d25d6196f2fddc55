import type { Judging } from './policies/policy.js';
import { fields, pollSeconds, pollsOfStage, type Rollout, weights } from './world/rollout.js';

/** How one rollout ended under one rule. */
export interface End {
  readonly rolledBack: boolean;
  /** Until it was taken back or had all its stages. */
  readonly seconds: number;
  /** Of the candidate, while it lasted: what users felt. */
  readonly failed: number;
  /** Polls of the stage that had most. */
  readonly longest: number;
}

export function play(rollout: Rollout, judging: Judging): End {
  let [seconds, failed, longest] = [0, 0, 0];
  for (let stage = 0; stage < weights.length; stage += 1) {
    for (let i = 0; i < pollsOfStage; i += 1) {
      const at = (stage * pollsOfStage + i) * fields;
      const [c, s, x, y] = [rollout[at] as number, rollout[at + 1] as number, rollout[at + 2] as number, rollout[at + 3] as number];
      seconds += pollSeconds;
      failed += x;
      longest = Math.max(longest, i + 1);
      const answer = judging.poll(c, s, x, y, { stage, polls: i + 1, last: i + 1 === pollsOfStage });
      if (answer === 'rollback') return { rolledBack: true, seconds, failed, longest };
      if (answer === 'promote') break;
    }
  }
  return { rolledBack: false, seconds, failed, longest };
}
