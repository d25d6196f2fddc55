import type { KubeObject } from '../../api/objects.js';
import { annotation, revisionOf } from './revisions.js';
import { proportionalSizes } from './rolling-arithmetic.js';

const numberAt = (set: KubeObject, key: string): number | undefined => {
  const text = set.metadata.annotations?.[key];
  return text === undefined ? undefined : Number(text);
};

/** Someone changed `spec.replicas` since the ReplicaSets were last sized. */
export function isScaled(desired: number, sets: readonly KubeObject[]): boolean {
  return sets.some((set) => {
    const before = numberAt(set, annotation.desired);
    return set.spec.replicas > 0 && before !== undefined && before !== desired;
  });
}

export interface ScaleInput {
  readonly desired: number;
  readonly sets: readonly KubeObject[];
  readonly fresh: KubeObject | undefined;
  /** `undefined` for Recreate, which scales nothing in proportion. */
  readonly surge: number | undefined;
  /** `status.replicas` of the Deployment, for ReplicaSets without the annotation. */
  readonly replicasBefore: number | undefined;
}

/** The ReplicaSets that a change of `spec.replicas` gives a size, outside of a rollout or in the middle of one. */
export function scaledSizes({ desired, sets, fresh, surge, replicasBefore }: ScaleInput): readonly (readonly [KubeObject, number])[] {
  const active = sets.filter((set) => set.spec.replicas > 0);
  if (active.length <= 1) {
    const only = active[0] ?? fresh ?? sets.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0];
    return only === undefined || only.spec.replicas === desired ? [] : [[only, desired]];
  }
  const saturated =
    fresh !== undefined && fresh.spec.replicas === desired && numberAt(fresh, annotation.desired) === desired && fresh.status?.availableReplicas === desired;
  if (saturated) return active.filter((set) => set !== fresh).map((set) => [set, 0]);
  if (surge === undefined) return [];
  const scalable = active.map((set) => ({
    size: set.spec.replicas,
    maxBefore: numberAt(set, annotation.max) ?? replicasBefore,
    createdMs: Date.parse(set.metadata.creationTimestamp),
  }));
  const sizes = proportionalSizes(scalable, desired, surge);
  return active.map((set, index) => [set, sizes[index] as number]);
}
