import type { Outcome } from '@shepherd/core';
import type { World } from './world.js';

/** The rollout's end; where its process gave the lock up meanwhile, by another process, within so many minutes each. */
export async function endOf(world: World, first: Promise<Outcome>, minutes: number, processes = 5): Promise<Outcome> {
  let outcome = await world.within(minutes, first);
  for (let used = 1; !outcome.final && used < processes; used += 1) {
    await world.sleep(20_000);
    await using other = world.shepherd();
    for await (const rollout of other.recover()) outcome = await world.within(minutes, rollout.outcome);
  }
  return outcome;
}
