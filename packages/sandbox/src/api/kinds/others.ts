import { equalJson } from '../json.js';
import type { StatusCause } from '../status-error.js';
import { forbiddenField, invalidValue, notSupported, required } from './causes.js';
import type { KindRules } from './kind-rules.js';
import { validateSelector } from './selector-causes.js';
import { notNegative } from './validate-pod.js';
import { validateCountOrPercent } from './workloads.js';

export const namespaceRules: KindRules = {
  defaults(draft) {
    draft.metadata.labels = { ...draft.metadata.labels, 'kubernetes.io/metadata.name': draft.metadata.name };
  },
  prepareCreate(draft) {
    draft.spec = { ...draft.spec, finalizers: ['kubernetes'] };
    draft.status = { phase: 'Active' };
  },
};

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
    causes.push(...validateCountOrPercent(spec.minAvailable, 'spec.minAvailable'), ...validateCountOrPercent(spec.maxUnavailable, 'spec.maxUnavailable'));
    return [...causes, ...validateSelector(spec.selector, 'spec.selector')];
  },
};

export const hpaRules: KindRules = {
  defaults(draft) {
    draft.spec ??= {};
    draft.spec.minReplicas ??= 1;
    draft.spec.metrics ??= [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];
  },
  prepareCreate(draft) {
    draft.status = { desiredReplicas: 0, currentMetrics: null };
  },
  validate({ spec }) {
    const causes: StatusCause[] = [];
    if (spec.minReplicas < 1) causes.push(invalidValue('spec.minReplicas', spec.minReplicas, 'must be greater than or equal to 1'));
    if (!spec.maxReplicas || spec.maxReplicas < 1) causes.push(invalidValue('spec.maxReplicas', spec.maxReplicas ?? 0, 'must be greater than 0'));
    if ((spec.maxReplicas ?? 0) < spec.minReplicas) {
      causes.push(invalidValue('spec.maxReplicas', spec.maxReplicas ?? 0, 'must be greater than or equal to `minReplicas`'));
    }
    if (!spec.scaleTargetRef?.kind) causes.push(required('spec.scaleTargetRef.kind'));
    if (!spec.scaleTargetRef?.name) causes.push(required('spec.scaleTargetRef.name'));
    if (!spec.scaleTargetRef?.apiVersion) {
      causes.push(invalidValue('spec.scaleTargetRef.apiVersion', spec.scaleTargetRef?.apiVersion ?? '', 'apiVersion must specify API group'));
    }
    return causes;
  },
};

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];

export const endpointSliceRules: KindRules = {
  defaults(draft) {
    for (const port of draft.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
    draft.endpoints ??= [];
  },
  validate: ({ addressType, endpoints }) => [
    ...(addressType === undefined
      ? [required('addressType')]
      : ADDRESS_TYPES.includes(addressType)
        ? []
        : [notSupported('addressType', addressType, ADDRESS_TYPES)]),
    ...endpoints.flatMap((endpoint: { addresses?: unknown[] }, i: number) =>
      (endpoint.addresses ?? []).length === 0 ? [required(`endpoints[${i}].addresses`, 'must contain at least 1 address')] : [],
    ),
  ],
  validateUpdate: (draft, previous) =>
    draft.addressType === previous.addressType ? [] : [invalidValue('addressType', draft.addressType, 'field is immutable')],
  countsAsSpec: (draft, previous) =>
    !equalJson([draft.endpoints, draft.ports, draft.metadata.labels], [previous.endpoints, previous.ports, previous.metadata.labels]),
};

const IMMUTABLE_TEXT = 'field is immutable when `immutable` is set';

const immutableData =
  (fields: readonly string[]): NonNullable<KindRules['validateUpdate']> =>
  (draft, previous) => {
    if (!previous.immutable) return [];
    const changed = fields.filter((field) => !equalJson(draft[field] ?? {}, previous[field] ?? {}));
    return [...(draft.immutable ? [] : ['immutable']), ...changed].map((field) => forbiddenField(field, IMMUTABLE_TEXT));
  };

export const configMapRules: KindRules = { validateUpdate: immutableData(['data', 'binaryData']) };

export const secretRules: KindRules = {
  defaults(draft) {
    draft.type ??= 'Opaque';
    if (!draft.stringData) return;
    const encoded = Object.entries(draft.stringData).map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')]);
    draft.data = { ...draft.data, ...Object.fromEntries(encoded) };
    delete draft.stringData;
  },
  validateUpdate: (draft, previous) => [
    ...(draft.type === previous.type ? [] : [invalidValue('type', draft.type, 'field is immutable')]),
    ...immutableData(['data'])(draft, previous),
  ],
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
