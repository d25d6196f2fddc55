/** A condition of a Deployment. */
export interface DeploymentCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastUpdateTime: string;
  readonly lastTransitionTime: string;
}

/** A condition before it knows its times. */
export type Said = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>;

type Conditions = readonly DeploymentCondition[];

export const find = (conditions: Conditions, type: string): DeploymentCondition | undefined => conditions.find((condition) => condition.type === type);

/** Sets a condition. The same status and reason again change nothing, the same status keeps its transition time. */
export function say(conditions: Conditions, said: Said, now: string): Conditions {
  const before = find(conditions, said.type);
  if (before?.status === said.status && before.reason === said.reason) return conditions;
  return replace(conditions, said, now);
}

/** Sets a condition even where nothing but the time is new: progress moves the deadline. */
export function replace(conditions: Conditions, said: Said, now: string): Conditions {
  const before = find(conditions, said.type);
  const lastTransitionTime = before?.status === said.status ? before.lastTransitionTime : now;
  return [...without(conditions, said.type), { ...said, lastUpdateTime: now, lastTransitionTime }];
}

export const without = (conditions: Conditions, type: string): Conditions => conditions.filter((condition) => condition.type !== type);

export const newReplicaSetCreated = (name: string): Said => ({
  type: 'Progressing',
  status: 'True',
  reason: 'NewReplicaSetCreated',
  message: `Created new replica set "${name}"`,
});

export const foundNewReplicaSet = (name: string): Said => ({
  type: 'Progressing',
  status: 'True',
  reason: 'FoundNewReplicaSet',
  message: `Found new replica set "${name}"`,
});

export const createError = (name: string, message: string): Said => ({
  type: 'Progressing',
  status: 'False',
  reason: 'ReplicaSetCreateError',
  message: `Failed to create new replica set "${name}": ${message}`,
});

export const paused: Said = { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' };
export const resumed: Said = { type: 'Progressing', status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' };

export const availability = (enough: boolean): Said => ({
  type: 'Available',
  status: enough ? 'True' : 'False',
  reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
  message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
});

/** How a rollout goes, in the words of the Progressing condition. */
export const progress = {
  done: (subject: string): Said => ({
    type: 'Progressing',
    status: 'True',
    reason: 'NewReplicaSetAvailable',
    message: `${subject} has successfully progressed.`,
  }),
  going: (subject: string): Said => ({ type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${subject} is progressing.` }),
  late: (subject: string): Said => ({
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: `${subject} has timed out progressing.`,
  }),
};
