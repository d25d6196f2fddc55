import type { Rollout } from '@shepherd/core';
import { preciseNow } from '@shepherd/sandbox/load';

/** Takes a rollout back a while after it began to watch the new version; resolves with the time of the call. */
export async function abortWhileWatching(rollout: Rollout, afterMs = 3_000): Promise<number> {
  for await (const event of rollout) if (event.type === 'step-start' && event.step.kind === 'analyse') break;
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const decided = preciseNow();
  await rollout.abort({ reason: 'taken back by a person' });
  return decided;
}
