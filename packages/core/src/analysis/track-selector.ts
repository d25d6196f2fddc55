import type { Track } from '../plan/situation.js';
import type { TrackSelector } from '../ports/metrics-provider.js';

/** A track as a metrics provider finds it; undefined where there is none, or none of its pods is left. */
export function selectorOf(track: Track | undefined): TrackSelector | undefined {
  if (track === undefined || track.pods?.length === 0) return undefined;
  return { revision: track.revision.hash, pods: track.pods ?? [], labels: {} };
}
