import type { Wire } from '../json.js';
import type { StatusCause } from '../status-error.js';
import { forbiddenField, invalidValue, notSupported, required } from './causes.js';
import type { KindRules } from './kind-rules.js';

const byDefault = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
};

export const autoscalerRules: KindRules = {
  defaults(draft) {
    draft.spec ??= {};
    const { spec } = draft;
    spec.minReplicas ??= 1;
    spec.metrics ??= [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];
    if (!spec.behavior) return;
    spec.behavior.scaleUp = { ...structuredClone(byDefault.scaleUp), ...spec.behavior.scaleUp };
    spec.behavior.scaleDown = { ...structuredClone(byDefault.scaleDown), ...spec.behavior.scaleDown };
  },
  prepareCreate(draft) {
    draft.status = { desiredReplicas: 0, currentMetrics: null };
  },
  validate: ({ spec }) => [
    ...validateBounds(spec),
    ...validateTarget(spec.scaleTargetRef),
    ...(spec.metrics ?? []).flatMap((metric: Wire, i: number) => validateMetric(metric, `spec.metrics[${i}]`)),
    ...validateRules(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ],
};

const SOURCES: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

function validateMetric(metric: Wire, path: string): StatusCause[] {
  if (!metric.type) return [required(`${path}.type`, 'must specify a metric source type')];
  const source = SOURCES[metric.type];
  if (source === undefined) return [notSupported(`${path}.type`, metric.type, Object.keys(SOURCES))];
  if (!metric[source]) return [required(`${path}.${source}`, 'must populate information for the given metric source')];
  const { target } = metric[source];
  if (source !== 'resource' && source !== 'containerResource') return [];
  if (target?.averageUtilization === undefined && target?.averageValue === undefined) {
    return [required(`${path}.${source}.target.averageUtilization`, 'must set either a target raw value or a target utilization')];
  }
  const isLow = target.averageUtilization !== undefined && target.averageUtilization < 1;
  return isLow ? [invalidValue(`${path}.${source}.target.averageUtilization`, target.averageUtilization, 'must be greater than 0')] : [];
}

const atMost = (value: number, limit: number, field: string, low: string): StatusCause[] => {
  if (value < (low === 'zero' ? 0 : 1))
    return [invalidValue(field, value, low === 'zero' ? 'must be greater than or equal to zero' : 'must be greater than zero')];
  return value > limit ? [invalidValue(field, value, `must be less than or equal to ${limit}`)] : [];
};

function validateRules(rules: Wire, path: string): StatusCause[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: seconds, selectPolicy, policies = [] } = rules;
  const causes = seconds === undefined ? [] : atMost(seconds, 3600, `${path}.stabilizationWindowSeconds`, 'zero');
  const choices = ['Disabled', 'Max', 'Min'];
  if (selectPolicy !== undefined && !choices.includes(selectPolicy)) causes.push(notSupported(`${path}.selectPolicy`, selectPolicy, choices));
  if (policies.length === 0) causes.push(required(`${path}.policies`, 'must specify at least one Policy'));
  for (const [i, { type, value, periodSeconds }] of policies.entries()) {
    const at = `${path}.policies[${i}]`;
    if (!['Percent', 'Pods'].includes(type)) causes.push(notSupported(`${at}.type`, type ?? '', ['Percent', 'Pods']));
    causes.push(...atMost(value ?? 0, Number.POSITIVE_INFINITY, `${at}.value`, 'above'), ...atMost(periodSeconds ?? 0, 1800, `${at}.periodSeconds`, 'above'));
  }
  return causes;
}

function validateBounds({ minReplicas, maxReplicas = 0, metrics = [] }: Wire): StatusCause[] {
  const causes: StatusCause[] = [];
  if (minReplicas < 1) causes.push(invalidValue('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas < 1) causes.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (maxReplicas < minReplicas) causes.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  const fromZero = metrics.some(({ type }: Wire) => type === 'Object' || type === 'External');
  if (minReplicas === 0 && !fromZero) {
    causes.push(forbiddenField('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas'));
  }
  return causes;
}

function validateTarget({ kind, name, apiVersion = '' }: Wire = {}): StatusCause[] {
  return [
    ...(kind ? [] : [required('spec.scaleTargetRef.kind')]),
    ...(name ? [] : [required('spec.scaleTargetRef.name')]),
    ...(apiVersion === '' ? [invalidValue('spec.scaleTargetRef.apiVersion', apiVersion, 'apiVersion must specify API group')] : []),
  ];
}
