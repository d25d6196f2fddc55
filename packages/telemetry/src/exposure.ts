import type { RolloutEvent } from '@shepherd/core';

/** How much of the traffic met the new version before the rollout was over. */
export interface Exposure {
  /** The most at any time, in percent. */
  readonly maxPercent: number;
  /** How long it had any. */
  readonly seconds: number;
}

/** From the events of a rollout up to `until`, ISO 8601. Pure. */
export function exposureOf(events: readonly RolloutEvent[], until: string): Exposure {
  let [maxPercent, seconds] = [0, 0];
  let since: number | undefined;
  for (const event of events) {
    if (event.type !== 'weight-change') continue;
    const at = Date.parse(event.at);
    maxPercent = Math.max(maxPercent, event.to);
    if (event.to > 0) since ??= at;
    else if (since !== undefined) {
      seconds += (at - since) / 1_000;
      since = undefined;
    }
  }
  return { maxPercent, seconds: seconds + (since === undefined ? 0 : Math.max(0, Date.parse(until) - since) / 1_000) };
}
