import { equalJson, type Wire } from '../json.js';
import type { StatusCause } from '../status-error.js';
import { forbiddenField, invalidValue, notSupported, required } from './causes.js';
import type { KindRules } from './kind-rules.js';
import { validateLabels } from './metadata.js';
import { defaultPodTemplate } from './pod-template.js';
import { validateRestartAlways, validateSelector, validateWorkloadSelector } from './selector-causes.js';
import { notNegative, validatePodSpec } from './validate-pod.js';

const PERCENT_TEXT = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** A count or a percentage, as `maxSurge` and `minAvailable`. */
export function validateCountOrPercent(value: Wire, field: string): StatusCause[] {
  if (typeof value === 'number') return notNegative(value, field);
  if (value === undefined) return [];
  return /^[0-9]+%$/.test(String(value)) ? [] : [invalidValue(field, value, PERCENT_TEXT)];
}

export const above100 = (value: Wire, field: string): StatusCause[] =>
  typeof value === 'string' && Number.parseInt(value, 10) > 100 ? [invalidValue(field, value, 'must not be greater than 100%')] : [];

const isZero = (value: Wire): boolean => value === 0 || value === '0%';

function validateTemplate(template: Wire): StatusCause[] {
  return [...validateLabels(template.metadata?.labels, 'spec.template.labels'), ...validatePodSpec(template.spec, 'spec.template.spec')];
}

const immutable = (field: string, next: Wire, before: Wire): StatusCause[] =>
  equalJson(next, before) ? [] : [invalidValue(field, next, 'field is immutable')];

function validateRollingUpdate(strategy: Wire): StatusCause[] {
  const path = 'spec.strategy.rollingUpdate';
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate ?? {};
  const causes = [
    ...validateCountOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...validateCountOrPercent(maxSurge, `${path}.maxSurge`),
    ...above100(maxUnavailable, `${path}.maxUnavailable`),
  ];
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    causes.push(invalidValue(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return causes;
}

function validateStrategy(strategy: Wire): StatusCause[] {
  if (strategy.type === 'RollingUpdate') return validateRollingUpdate(strategy);
  // The real server shows its own struct here.
  const shown = { Type: strategy.type, RollingUpdate: strategy.rollingUpdate ?? null };
  if (strategy.type !== 'Recreate') return [notSupported('spec.strategy', shown, ['Recreate', 'RollingUpdate'])];
  return strategy.rollingUpdate ? [forbiddenField('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")] : [];
}

export const deploymentRules: KindRules = {
  defaults(draft) {
    draft.spec ??= {};
    const { spec } = draft;
    spec.replicas ??= 1;
    spec.strategy ??= {};
    spec.strategy.type ||= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
      spec.strategy.rollingUpdate.maxSurge ??= '25%';
    }
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    spec.template ??= {};
    defaultPodTemplate(spec.template);
  },
  prepareCreate(draft) {
    draft.status = {};
  },
  validate({ spec }) {
    const causes = [...notNegative(spec.replicas, 'spec.replicas'), ...validateWorkloadSelector(spec, 'deployment'), ...validateTemplate(spec.template)];
    causes.push(...validateRestartAlways(spec), ...validateStrategy(spec.strategy));
    causes.push(...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'), ...notNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'));
    causes.push(...notNegative(spec.progressDeadlineSeconds, 'spec.progressDeadlineSeconds'));
    if (spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0)) {
      causes.push(invalidValue('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds'));
    }
    return causes;
  },
  validateUpdate: (draft, previous) => immutable('spec.selector', draft.spec.selector, previous.spec.selector),
  countsAsSpec: (draft, previous) => !equalJson(draft.metadata.annotations ?? {}, previous.metadata.annotations ?? {}),
};

export const replicaSetRules: KindRules = {
  defaults(draft) {
    draft.spec ??= {};
    draft.spec.replicas ??= 1;
    draft.spec.template ??= {};
    defaultPodTemplate(draft.spec.template);
  },
  prepareCreate(draft) {
    draft.status = { replicas: 0 };
  },
  validate({ spec }) {
    const causes = [...notNegative(spec.replicas, 'spec.replicas'), ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds')];
    return [...causes, ...validateWorkloadSelector(spec, 'deployment'), ...validateTemplate(spec.template), ...validateRestartAlways(spec)];
  },
  validateUpdate: (draft, previous) => immutable('spec.selector', draft.spec.selector, previous.spec.selector),
};

const STATEFUL_SET_MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

const without = (spec: Wire, fields: readonly string[]): Wire => Object.fromEntries(Object.entries(spec).filter(([field]) => !fields.includes(field)));

export const statefulSetRules: KindRules = {
  defaults(draft) {
    draft.spec ??= {};
    const { spec } = draft;
    spec.replicas ??= 1;
    spec.podManagementPolicy ??= 'OrderedReady';
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ||= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.partition ??= 0;
    }
    spec.revisionHistoryLimit ??= 10;
    spec.persistentVolumeClaimRetentionPolicy ??= {};
    spec.persistentVolumeClaimRetentionPolicy.whenDeleted ??= 'Retain';
    spec.persistentVolumeClaimRetentionPolicy.whenScaled ??= 'Retain';
    spec.template ??= {};
    defaultPodTemplate(spec.template);
  },
  prepareCreate(draft) {
    draft.status = { replicas: 0, availableReplicas: 0 };
    draft.spec.serviceName ??= '';
  },
  prepareUpdate(draft) {
    draft.spec.serviceName ??= '';
  },
  validate({ spec }) {
    const causes = [...notNegative(spec.replicas, 'spec.replicas'), ...validateWorkloadSelector(spec, 'statefulset')];
    return [...causes, ...validateTemplate(spec.template), ...validateRestartAlways(spec)];
  },
  validateUpdate(draft, previous) {
    if (equalJson(without(draft.spec, STATEFUL_SET_MUTABLE), without(previous.spec, STATEFUL_SET_MUTABLE))) return [];
    const mutable =
      "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'";
    return [forbiddenField('spec', `updates to statefulset spec for fields other than ${mutable} are forbidden`)];
  },
};

export const daemonSetRules: KindRules = {
  defaults(draft) {
    draft.spec ??= {};
    const { spec } = draft;
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ||= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
    }
    spec.revisionHistoryLimit ??= 10;
    spec.template ??= {};
    defaultPodTemplate(spec.template);
    draft.metadata.annotations = { 'deprecated.daemonset.template.generation': '1', ...draft.metadata.annotations };
  },
  prepareCreate(draft) {
    draft.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
  },
  validate: ({ spec }) => [...validateWorkloadSelector(spec, 'daemonset'), ...validateTemplate(spec.template), ...validateRestartAlways(spec)],
  validateUpdate: (draft, previous) => immutable('spec.selector', draft.spec.selector, previous.spec.selector),
};

/** So that its pods are told apart from those of an older Job of the name. */
function addJobLabels(draft: Wire): void {
  const { uid, name } = draft.metadata;
  const labels = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
  // Labels that came from the template are the same map to the real server, and get them too.
  const isShared = equalJson(draft.metadata.labels, draft.spec.template.metadata.labels);
  draft.spec.template.metadata.labels = { ...draft.spec.template.metadata.labels, ...labels };
  if (isShared) draft.metadata.labels = { ...draft.metadata.labels, ...labels };
  draft.spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
}

export const jobRules: KindRules = {
  defaults(draft) {
    draft.spec ??= {};
    const { spec } = draft;
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
    spec.parallelism ??= 1;
    spec.backoffLimit ??= 6;
    spec.completionMode ??= 'NonIndexed';
    spec.suspend ??= false;
    spec.manualSelector ??= false;
    spec.podReplacementPolicy ??= 'TerminatingOrFailed';
    spec.template ??= {};
    defaultPodTemplate(spec.template);
    const { labels } = spec.template.metadata;
    if (labels) draft.metadata.labels ??= { ...labels };
  },
  prepareCreate(draft) {
    draft.status = {};
    if (!draft.spec.manualSelector) addJobLabels(draft);
  },
  validate({ spec }) {
    const causes = ['parallelism', 'completions', 'backoffLimit'].flatMap((field) => notNegative(spec[field], `spec.${field}`));
    causes.push(...validateSelector(spec.selector, 'spec.selector'), ...validateTemplate(spec.template));
    const policy = spec.template.spec.restartPolicy;
    if (policy === 'Always') causes.push(required('spec.template.spec.restartPolicy', 'valid values: "OnFailure", "Never"'));
    return causes;
  },
  validateUpdate(draft, previous) {
    const causes = immutable('spec.selector', draft.spec.selector, previous.spec.selector);
    if (!previous.spec.suspend) causes.push(...immutable('spec.template', draft.spec.template, previous.spec.template));
    return causes;
  },
};
