import type { StatusCause } from '../status-error.js';
import { invalidValue, notSupported } from './causes.js';
import type { KindRules } from './kind-rules.js';
import { validateSelector } from './selector-causes.js';
import { notNegative } from './validate-pod.js';
import { above100, validateCountOrPercent } from './workloads.js';

export const namespaceRules: KindRules = {
  defaults(draft) {
    draft.metadata.labels = { ...draft.metadata.labels, 'kubernetes.io/metadata.name': draft.metadata.name };
  },
  prepareCreate(draft) {
    draft.spec = { ...draft.spec, finalizers: ['kubernetes'] };
    draft.status = { phase: 'Active' };
  },
};

const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

export const pdbRules: KindRules = {
  defaults(draft) {
    draft.spec ??= {};
  },
  prepareCreate(draft) {
    draft.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  validate({ spec }) {
    const causes: StatusCause[] = [];
    if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
      // The real server shows its own struct here.
      const { minAvailable, selector, maxUnavailable, unhealthyPodEvictionPolicy = null } = spec;
      const shown = { MinAvailable: minAvailable, Selector: selector, MaxUnavailable: maxUnavailable, UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy };
      causes.push(invalidValue('spec', shown, 'minAvailable and maxUnavailable cannot be both set'));
    }
    for (const field of ['minAvailable', 'maxUnavailable']) {
      causes.push(...validateCountOrPercent(spec[field], `spec.${field}`), ...above100(spec[field], `spec.${field}`));
    }
    const policy = spec.unhealthyPodEvictionPolicy;
    if (policy !== undefined && !EVICTION_POLICIES.includes(policy)) causes.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, EVICTION_POLICIES));
    return [...causes, ...validateSelector(spec.selector, 'spec.selector')];
  },
};

export const leaseRules: KindRules = {
  validate({ spec }) {
    const seconds = spec?.leaseDurationSeconds;
    const duration = seconds !== undefined && seconds <= 0 ? [invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0')] : [];
    return [...duration, ...notNegative(spec?.leaseTransitions, 'spec.leaseTransitions')];
  },
};

export const quotaRules: KindRules = {
  prepareCreate(draft) {
    draft.status = {};
  },
};
