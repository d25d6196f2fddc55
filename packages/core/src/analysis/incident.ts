import type { Limit } from './limit.js';
import type { Tally } from './tally.js';

/**
 * Whether what stands against the candidate is an incident of both tracks (AN 4.4): stable is suspect, or lately nearly as bad. When it ends, stable with its many
 * requests is cleared long before the candidate; so what began as an incident stays one until the candidate is over the limit again, or is cleared itself.
 */
export function isIncident(before: boolean, limit: Limit, tally: Tally, p0: number): boolean {
  return limit.stableSuspect || tally.sharedLately(p0) || (before && !tally.overLately(p0));
}
