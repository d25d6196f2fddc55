import type { KubeObject } from '../../api/objects.js';
import { availability, type DeploymentCondition, find, progress, replace, say, without } from './conditions.js';

/** The status of a Deployment as this controller writes it. */
export interface DeploymentStatus {
  readonly observedGeneration: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly unavailableReplicas?: number;
  readonly collisionCount?: number;
  readonly conditions: readonly DeploymentCondition[];
}

/** What a status is made of. */
export interface StatusInput {
  readonly deployment: KubeObject;
  readonly sets: readonly KubeObject[];
  readonly fresh: KubeObject | undefined;
  /** How many of the wanted pods may be unavailable. */
  readonly unavailable: number;
  readonly now: string;
}

export const conditionsOf = (deployment: KubeObject): readonly DeploymentCondition[] => deployment.status?.conditions ?? [];

const sum = (sets: readonly KubeObject[], read: (set: KubeObject) => number | undefined): number => sets.reduce((total, set) => total + (read(set) ?? 0), 0);

/** A number that is 0 is absent on the wire. */
const counted = (counts: Readonly<Record<string, number>>) => Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));

/** The counts of all ReplicaSets, and whether enough pods are available. */
export function statusOf({ deployment, sets, fresh, unavailable, now }: StatusInput): DeploymentStatus {
  const available = sum(sets, (set) => set.status?.availableReplicas);
  const desired: number = deployment.spec.replicas;
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...counted({
      replicas: sum(sets, (set) => set.status?.replicas),
      updatedReplicas: fresh?.status?.replicas ?? 0,
      readyReplicas: sum(sets, (set) => set.status?.readyReplicas),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, sum(sets, (set) => set.spec.replicas) - available),
      collisionCount: deployment.status?.collisionCount ?? 0,
    }),
    conditions: say(conditionsOf(deployment), availability(available >= desired - unavailable), now),
  };
}

/** All pods are of the new template, available, and nothing else is left. */
export function isComplete(deployment: KubeObject, status: DeploymentStatus): boolean {
  const desired: number = deployment.spec.replicas;
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    status.observedGeneration >= (deployment.metadata.generation ?? 0)
  );
}

function hasProgressed(before: Partial<DeploymentStatus>, after: DeploymentStatus): boolean {
  const old = (status: Partial<DeploymentStatus>): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

export const hasDeadline = (deployment: KubeObject): boolean =>
  deployment.spec.progressDeadlineSeconds !== undefined && deployment.spec.progressDeadlineSeconds !== 2_147_483_647;

/**
 * Milliseconds until a rollout without progress is late; negative when it is, `undefined` where nothing waits for progress.
 */
export function deadlineInMs(deployment: KubeObject, conditions: readonly DeploymentCondition[], nowMs: number): number | undefined {
  const condition = find(conditions, 'Progressing');
  if (!hasDeadline(deployment) || condition === undefined) return undefined;
  if (condition.reason === 'NewReplicaSetAvailable' || condition.reason === 'ProgressDeadlineExceeded') return undefined;
  return Date.parse(condition.lastUpdateTime) + deployment.spec.progressDeadlineSeconds * 1_000 - nowMs;
}

/** The status during a rollout: counts, and the Progressing and ReplicaFailure conditions. */
export function rolloutStatusOf(input: StatusInput, nowMs: number): DeploymentStatus {
  const { deployment, sets, fresh, now } = input;
  const status = statusOf(input);
  let conditions = hasDeadline(deployment) ? status.conditions : without(status.conditions, 'Progressing');
  const current = find(conditionsOf(deployment), 'Progressing');
  const finished = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (hasDeadline(deployment) && !finished) {
    const subject = fresh === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${fresh.metadata.name}"`;
    if (isComplete(deployment, status)) conditions = say(conditions, progress.done(subject), now);
    else if (hasProgressed(deployment.status ?? {}, status)) conditions = replace(conditions, progress.going(subject), now);
    else if ((deadlineInMs(deployment, conditionsOf(deployment), nowMs) ?? 1) < 0) conditions = say(conditions, progress.late(subject), now);
  }
  const failure = (fresh === undefined ? sets : [fresh, ...sets])
    .map((set) => (set.status?.conditions ?? []).find((condition: { type: string }) => condition.type === 'ReplicaFailure'))
    .find((condition) => condition !== undefined);
  conditions = failure === undefined ? without(conditions, 'ReplicaFailure') : say(conditions, { ...pick(failure) }, now);
  return { ...status, conditions };
}

const pick = ({ type, status, reason, message }: DeploymentCondition) => ({ type, status, reason, message });
