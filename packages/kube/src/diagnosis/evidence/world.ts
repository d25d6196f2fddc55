import type { App } from '@shepherd/core';
import type { KubeObject } from '../../api/index.js';
import { type Deployment, type EndpointSlice, ownedBy, type Pod, type ReplicaSet, type Service } from '../../objects.js';
import { currentReplicaSet } from '../../ready/track-status.js';
import type { Workload } from '../../workload.js';
import type { Commands } from '../commands.js';
import type { ObjectEvent } from '../notes.js';

/** What the first round of reads brought; a list that could not be read is empty. */
export interface World {
  readonly app: App;
  readonly now: Date;
  readonly commands: Commands;
  readonly workload: Workload;
  readonly replicaSets: readonly ReplicaSet[];
  /** All of the namespace. */
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly events: readonly ObjectEvent[];
}

/** A pod of the app with what it belongs to. */
export interface OwnPod {
  readonly pod: Pod;
  readonly deployment: Deployment;
  /** Of the newest template. */
  readonly current: boolean;
}

export const deploymentsOf = ({ stable, candidate }: Workload): readonly Deployment[] => [stable, ...(candidate === undefined ? [] : [candidate])];

/** The pods of every track of the app. */
export function ownPods({ workload, replicaSets, pods }: World): readonly OwnPod[] {
  return deploymentsOf(workload).flatMap((deployment) => {
    const sets = replicaSets.filter((set) => ownedBy(set, deployment.metadata.uid));
    const newest = currentReplicaSet({ deployment, replicaSets })?.metadata.uid;
    return pods.flatMap((pod): readonly OwnPod[] => {
      const set = sets.find(({ metadata }) => ownedBy(pod, metadata.uid));
      return set === undefined ? [] : [{ pod, deployment, current: set.metadata.uid === newest }];
    });
  });
}

/** Seconds since then; a clock that is behind makes nothing negative. */
export const secondsSince = (at: string | undefined, now: Date): number => {
  const ms = now.getTime() - Date.parse(at ?? '');
  return Number.isFinite(ms) ? Math.max(0, Math.round(ms / 1_000)) : 0;
};

export const nameOf = ({ metadata }: KubeObject): string => metadata.name;
export const isLeaving = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined;
export const isReady = ({ status }: Pod): boolean => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
