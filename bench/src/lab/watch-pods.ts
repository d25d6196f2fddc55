import { preciseNow } from '@shepherd/sandbox/load';
import type { KubeObject, Lab } from './lab.js';

/** What was seen of the pods of a namespace while a rollout ran. */
export interface PodsSeen {
  /** Most pods at one time, without those that had been told to end. */
  readonly peak: number;
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

/** Follows the pods of a namespace by a watch of its own. */
export function watchPods(lab: Lab, namespace: string): { stop(): Promise<PodsSeen> } {
  const stopping = new AbortController();
  const alive = new Map<string, boolean>();
  let seen: PodsSeen = { peak: 0, peakWithEnding: 0, doomedAt: undefined };
  const watching = lab.watch(
    `/api/v1/namespaces/${namespace}/pods`,
    ({ type, object }) => {
      const { uid, deletionTimestamp } = object.metadata;
      if (type === 'DELETED') alive.delete(uid);
      else alive.set(uid, deletionTimestamp === undefined);
      seen = {
        peak: Math.max(seen.peak, [...alive.values()].filter(Boolean).length),
        peakWithEnding: Math.max(seen.peakWithEnding, alive.size),
        doomedAt: seen.doomedAt ?? (type !== 'DELETED' && isDoomed(object) ? preciseNow() : undefined),
      };
    },
    stopping.signal,
  );
  // Reported by `stop`; without this a watch that fails meanwhile would be an unhandled rejection.
  watching.catch(() => undefined);
  return {
    stop: async () => {
      stopping.abort();
      await watching;
      return seen;
    },
  };
}
