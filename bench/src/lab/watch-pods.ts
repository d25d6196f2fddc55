import { preciseNow } from '@shepherd/sandbox/load';
import type { KubeObject } from './api-reader.js';
import type { Lab } from './lab.js';

/** What was seen of the pods of a namespace while a rollout ran. */
export interface PodsSeen {
  /**
   * Most pods at one time, without those that had been told to end or that their ReplicaSet no longer wanted: the Deployment controller keeps the surge in what
   * its ReplicaSets want, and one that creates may be ahead of one that deletes (9 pods for 6.9 ms where 8 were wanted, seen on Kubernetes 1.34).
   */
  readonly peak: number;
  /** The most that the ReplicaSets wanted at one time, whether or not their pods were there yet. */
  readonly peakWanted: number;
  /** With those. */
  readonly peakWithEnding: number;
  /** When the API first said of a pod that it will not start (ms since 1970). */
  readonly doomedAt: number | undefined;
}

const doomedReasons: ReadonlySet<string> = new Set(['CrashLoopBackOff', 'ImagePullBackOff', 'ErrImagePull', 'CreateContainerConfigError']);
const isDoomed = ({ status }: KubeObject): boolean =>
  (status?.containerStatuses ?? []).some((each: { readonly state?: { readonly waiting?: { readonly reason?: string } } }) =>
    doomedReasons.has(each.state?.waiting?.reason ?? ''),
  );

interface Change {
  /** Of etcd, so that changes of pods and of ReplicaSets have one order. */
  readonly version: number;
  readonly uid: string;
  /** A pod with the ReplicaSet that it is of, or that was told to end; how many pods a ReplicaSet wants; nothing: it is gone. */
  readonly now: { readonly owner: string | undefined } | { readonly wants: number } | undefined;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** What the pods and ReplicaSets were at each moment, as etcd had it. Pure. */
export function peaksOf(changes: readonly Change[]): Omit<PodsSeen, 'doomedAt'> {
  const pods = new Map<string, string | undefined>();
  const wants = new Map<string, number>();
  let seen = { peak: 0, peakWanted: 0, peakWithEnding: 0 };
  for (const { uid, now } of changes.toSorted((one, other) => one.version - other.version)) {
    if (now === undefined) for (const known of [pods, wants]) known.delete(uid);
    else if ('wants' in now) wants.set(uid, now.wants);
    else pods.set(uid, now.owner);
    const living = new Map<string, number>();
    for (const owner of pods.values()) if (owner !== undefined) living.set(owner, (living.get(owner) ?? 0) + 1);
    seen = {
      // A pod of nobody, or of a ReplicaSet that is gone, is wanted by whoever made it.
      peak: Math.max(seen.peak, sum([...living].map(([owner, number]) => Math.min(number, wants.get(owner) ?? number)))),
      peakWanted: Math.max(seen.peakWanted, sum([...wants.values()])),
      peakWithEnding: Math.max(seen.peakWithEnding, pods.size),
    };
  }
  return seen;
}

/** Follows the pods and ReplicaSets of a namespace by watches of its own. */
export function watchPods(lab: Lab, namespace: string): { stop(): Promise<PodsSeen> } {
  const stopping = new AbortController();
  const changes: Change[] = [];
  let doomedAt: number | undefined;
  const follow = (path: string, nowOf: (object: KubeObject) => Change['now']): Promise<void> =>
    lab.watch(
      path,
      ({ type, object }) => {
        const { uid, resourceVersion } = object.metadata;
        changes.push({ version: Number(resourceVersion), uid, now: type === 'DELETED' ? undefined : nowOf(object) });
      },
      stopping.signal,
    );
  const watching = Promise.all([
    follow(`/apis/apps/v1/namespaces/${namespace}/replicasets`, ({ spec }) => ({ wants: spec.replicas })),
    follow(`/api/v1/namespaces/${namespace}/pods`, (pod) => {
      const { uid, deletionTimestamp, ownerReferences } = pod.metadata;
      if (isDoomed(pod)) doomedAt ??= preciseNow();
      return { owner: deletionTimestamp === undefined ? (ownerReferences?.[0]?.uid ?? uid) : undefined };
    }),
  ]);
  // Reported by `stop`; without this a watch that fails meanwhile would be an unhandled rejection.
  watching.catch(() => undefined);
  return {
    stop: async () => {
      stopping.abort();
      await watching;
      return { ...peaksOf(changes), doomedAt };
    },
  };
}
