import type { Pod } from '../objects.js';

/** A pod's state in the word that people know from `kubectl get pods`: the container that is worst off names it. Pure. */
export function podWord({ metadata, status }: Pod): string {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (status?.reason !== undefined) return status.reason;
  const inits = status?.initContainerStatuses ?? [];
  const stuck = inits.find(({ state }) => state?.running !== undefined || state?.waiting !== undefined || (state?.terminated?.exitCode ?? 0) !== 0);
  if (status?.phase === 'Pending' && stuck !== undefined) {
    const why = stuck.state?.waiting?.reason ?? stuck.state?.terminated?.reason;
    const done = inits.filter(({ state }) => state?.terminated?.exitCode === 0).length;
    return why === undefined || why === 'PodInitializing' ? `Init:${done}/${inits.length}` : `Init:${why}`;
  }
  const states = (status?.containerStatuses ?? []).map(({ state }) => state?.waiting?.reason ?? state?.terminated?.reason);
  return states.find((reason) => reason !== undefined) ?? status?.phase ?? 'Unknown';
}
