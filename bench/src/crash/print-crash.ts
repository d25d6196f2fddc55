import type { CrashResult } from './crash.js';

/** For people. */
export function printCrash({ points, held, killed, killedHeld, failures, seed, calls, resumedSeconds }: CrashResult): string {
  return [
    `${held} of ${points} points held on virtual time (${calls} calls of the undisturbed runs, seed ${seed})`,
    `${killedHeld} of ${killed} points held with real processes that were killed`,
    resumedSeconds &&
      `a rollout went on ${resumedSeconds.median} s after the dead runner's lock may be taken (median; at worst ${resumedSeconds.worst} s), with a Lease of 15 s`,
    ...failures.map(({ point, call, why }) => `${point} (${call})\n  ${why.join('\n  ')}`),
  ]
    .filter(Boolean)
    .join('\n');
}
