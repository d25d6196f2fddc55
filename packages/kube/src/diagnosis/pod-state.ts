import type { PodState, TrackName } from '@shepherd/core';
import type { Deployment, Pod, ReplicaSet } from '../objects.js';
import { podWord } from './pod-word.js';

/** The Deployments whose pods count, by name. */
export type TrackNames = ReadonlyMap<string, TrackName>;

interface Seen {
  readonly deployments: readonly Deployment[];
  readonly replicaSets: readonly ReplicaSet[];
  readonly pods: readonly Pod[];
}

const ownerName = ({ metadata }: Pod | ReplicaSet, kind: string): string | undefined => metadata.ownerReferences?.find((owner) => owner.kind === kind)?.name;

/** The Deployment that a pod belongs to. Its ReplicaSet may be gone before the pod is: then the name says it, which ends in the template's hash. */
function workloadOf(pod: Pod, sets: ReadonlyMap<string, ReplicaSet>): string | undefined {
  const setName = ownerName(pod, 'ReplicaSet');
  if (setName === undefined) return undefined;
  const set = sets.get(setName);
  return set === undefined ? setName.slice(0, setName.lastIndexOf('-')) : ownerName(set, 'Deployment');
}

/** The pods of these Deployments, stable's first, then by name. Pure. */
export function podStates({ replicaSets, pods }: Seen, tracks: TrackNames): readonly PodState[] {
  const sets = new Map(replicaSets.map((set) => [set.metadata.name, set]));
  const states = pods.flatMap((pod): readonly PodState[] => {
    const workload = workloadOf(pod, sets);
    const track = workload === undefined ? undefined : tracks.get(workload);
    if (workload === undefined || track === undefined) return [];
    const statuses = pod.status?.containerStatuses ?? [];
    return [
      {
        name: pod.metadata.name,
        workload,
        track,
        images: pod.spec.containers.map(({ image = '' }) => image),
        ready: statuses.filter(({ ready }) => ready === true).length,
        containers: pod.spec.containers.length,
        state: podWord(pod),
        restarts: statuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
        createdAt: pod.metadata.creationTimestamp ?? '',
        ...(pod.spec.nodeName === undefined ? {} : { node: pod.spec.nodeName }),
      },
    ];
  });
  return states.toSorted((a, b) => (a.track === b.track ? (a.name < b.name ? -1 : 1) : a.track === 'stable' ? -1 : 1));
}
