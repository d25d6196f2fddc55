/** A condition of a HorizontalPodAutoscaler. */
export interface AutoscalerCondition {
  readonly type: 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

type Said = Omit<AutoscalerCondition, 'lastTransitionTime'>;

/** Sets a condition in its place; the same status keeps its transition time. */
export function withCondition(conditions: readonly AutoscalerCondition[], said: Said, now: string): readonly AutoscalerCondition[] {
  const { type, status, reason, message } = said;
  const before = conditions.find((one) => one.type === type);
  const next = { type, status, lastTransitionTime: before?.status === status ? before.lastTransitionTime : now, reason, message };
  return before === undefined ? [...conditions, next] : conditions.map((one) => (one === before ? next : one));
}

export const ableToScale = (reason: string, message: string, isAble = true): Said => ({
  type: 'AbleToScale',
  status: isAble ? 'True' : 'False',
  reason,
  message,
});

export const scalingActive = (metric: string): Said => ({
  type: 'ScalingActive',
  status: 'True',
  reason: 'ValidMetricFound',
  message: `the HPA was able to successfully calculate a replica count from ${metric}`,
});

export const scalingInactive = (reason: string, message: string): Said => ({ type: 'ScalingActive', status: 'False', reason, message });

export const scalingDisabled = scalingInactive('ScalingDisabled', 'scaling is disabled since the replica count of the target is zero');

export const scalingLimited = (reason: string, message: string): Said => ({
  type: 'ScalingLimited',
  status: reason === 'DesiredWithinRange' ? 'False' : 'True',
  reason,
  message,
});
