import type { PlatformEvidence } from '../ports/evidence.js';
import type { TrackName } from '../words/revision.js';

const nameOf = (object: string): string => object.replace(/^\S+ /, '');

/**
 * The evidence as far as it is about the newest pods of one track: what is wrong with others must not explain why a rollout fails (KC DG-1). What is about the
 * app as a whole, or about what surrounds it, stays. Pure.
 */
export function ofTrack(evidence: readonly PlatformEvidence[], track: TrackName): readonly PlatformEvidence[] {
  const workloads = new Set(evidence.flatMap((each) => (each.source === 'workload' && each.data.track === track ? [nameOf(each.object)] : [])));
  const pods = new Set(
    evidence.flatMap((each) => (each.source === 'pod' && each.data.current && workloads.has(each.data.workload) ? [nameOf(each.object)] : [])),
  );
  return evidence.flatMap((each): readonly PlatformEvidence[] => {
    switch (each.source) {
      case 'workload':
        return each.data.track === track ? [each] : [];
      case 'pod':
        return pods.has(nameOf(each.object)) ? [each] : [];
      case 'container':
      case 'log':
      case 'answer':
      case 'usage':
        return pods.has(each.data.pod) ? [each] : [];
      case 'node':
        return [{ ...each, data: { ...each.data, pods: each.data.pods.filter((pod) => pods.has(pod)) } }];
      default:
        return [each];
    }
  });
}
