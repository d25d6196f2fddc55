/** How fast replicas may be added or taken away: `spec.behavior.scaleUp` or `.scaleDown`. */
export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: 'Max' | 'Min' | 'Disabled';
  readonly policies?: readonly { readonly type: 'Pods' | 'Percent'; readonly value: number; readonly periodSeconds: number }[];
}

export interface Behavior {
  readonly scaleUp?: ScalingRules;
  readonly scaleDown?: ScalingRules;
}

/** A change that an autoscaler made. */
export interface ScaleChange {
  readonly atMs: number;
  /** Below 0 for replicas taken away. */
  readonly change: number;
}

export interface LimitInput {
  readonly wanted: number;
  readonly current: number;
  readonly min: number;
  readonly max: number;
  readonly behavior: Behavior | undefined;
  readonly changes: readonly ScaleChange[];
  readonly nowMs: number;
}

/** What is allowed of what is wanted, and the reason for the condition ScalingLimited. */
export interface Limited {
  readonly replicas: number;
  readonly reason: 'DesiredWithinRange' | 'ScaleUpLimit' | 'ScaleDownLimit' | 'TooManyReplicas' | 'TooFewReplicas';
}

export const limitTexts: Readonly<Record<Limited['reason'], string>> = {
  DesiredWithinRange: 'the desired count is within the acceptable range',
  ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
  ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
  TooManyReplicas: 'the desired replica count is more than the maximum replica count',
  TooFewReplicas: 'the desired replica count is less than the minimum replica count',
};

/** Without a behaviour: to twice as many at once, four at least. */
function plainLimit({ wanted, current, min, max }: LimitInput): Limited {
  const rate = Math.max(2 * current, 4);
  const most = Math.min(max, rate);
  if (wanted < min) return { replicas: min, reason: 'TooFewReplicas' };
  if (wanted > most) return { replicas: most, reason: max > rate ? 'ScaleUpLimit' : 'TooManyReplicas' };
  return { replicas: wanted, reason: 'DesiredWithinRange' };
}

/** The sizes that the policies of one direction allow, counted from the size at the start of each one's period. */
function proposals(rules: ScalingRules, { current, changes, nowMs }: LimitInput, direction: 1 | -1): number[] {
  return (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const recent = changes.filter(({ atMs }) => atMs > nowMs - periodSeconds * 1_000).reduce((sum, { change }) => sum + change, 0);
    const before = current - recent;
    if (type === 'Pods') return before + direction * value;
    // in floating point, as in Kubernetes: ten and ten percent are twelve there
    const size = before * (1 + (direction * value) / 100);
    return direction > 0 ? Math.ceil(size) : Math.floor(size);
  });
}

/** The size that the rules of one direction allow at most: `Max` is the greatest change. */
function farthest(rules: ScalingRules, input: LimitInput, direction: 1 | -1): number {
  const sizes = rules.selectPolicy === 'Disabled' ? [] : proposals(rules, input, direction);
  if (sizes.length === 0) return input.current;
  const pick = (rules.selectPolicy === 'Min') === direction > 0 ? Math.min : Math.max;
  return pick(...sizes);
}

function behaviourLimit(input: LimitInput, { scaleUp = {}, scaleDown = {} }: Behavior): Limited {
  const { wanted, current, min, max } = input;
  if (wanted > current) {
    const rate = Math.max(current, farthest(scaleUp, input, 1));
    if (wanted > Math.min(max, rate)) return { replicas: Math.min(max, rate), reason: max > rate ? 'ScaleUpLimit' : 'TooManyReplicas' };
  } else if (wanted < current) {
    const rate = Math.min(current, farthest(scaleDown, input, -1));
    if (wanted < Math.max(min, rate)) return { replicas: Math.max(min, rate), reason: min < rate ? 'ScaleDownLimit' : 'TooFewReplicas' };
  }
  return { replicas: wanted, reason: 'DesiredWithinRange' };
}

/** Holds a recommendation within bounds and rates. */
export const limit = (input: LimitInput): Limited => (input.behavior === undefined ? plainLimit(input) : behaviourLimit(input, input.behavior));
