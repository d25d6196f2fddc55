import { bareEvidence } from './bare-evidence.js';
import { cells } from './world/cell.js';
import { mulberry32 } from './world/mulberry32.js';
import { fields, rollOut } from './world/rollout.js';

export interface VilleTask {
  readonly kind: 'ville';
  readonly cell: number;
  readonly seed: number;
  readonly rollouts: number;
}

/** How many good rollouts ever reach E ≥ 50 with all polls of all stages and nothing but the evidence: what Ville's inequality bounds by 2 %. */
export function runVille({ cell: index, seed, rollouts }: VilleTask): { readonly rollouts: number; readonly crossed: number } {
  const cell = cells[index];
  if (cell === undefined) throw new RangeError(`no cell ${index}`);
  const random = mulberry32(seed + 7_919 * (2_000 + index));
  let crossed = 0;
  for (let i = 0; i < rollouts; i += 1) {
    const polls = rollOut(cell, random);
    const evidence = bareEvidence();
    for (let at = 0; at < polls.length; at += fields) {
      if (evidence(polls[at] as number, polls[at + 1] as number, polls[at + 2] as number, polls[at + 3] as number) < Math.log(50)) continue;
      crossed += 1;
      break;
    }
  }
  return { rollouts, crossed };
}
