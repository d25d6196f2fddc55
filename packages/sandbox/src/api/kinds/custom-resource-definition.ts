import type { Wire } from '../json.js';
import type { StatusCause } from '../status-error.js';
import { invalidValue, notSupported, required } from './causes.js';
import type { KindRules } from './kind-rules.js';

export const definitionRules: KindRules = {
  defaults({ spec }) {
    if (!spec?.names) return;
    spec.conversion ??= { strategy: 'None' };
    spec.names.singular ||= String(spec.names.kind ?? '').toLowerCase();
    spec.names.listKind ||= `${spec.names.kind}List`;
  },
  prepareCreate(draft) {
    draft.status = {};
  },
  validate({ metadata, spec }) {
    const { group, names, scope, versions } = spec ?? {};
    const causes: StatusCause[] = [];
    for (const [field, value] of [
      ['group', group],
      ['names.plural', names?.plural],
      ['names.kind', names?.kind],
    ]) {
      if (!value) causes.push(required(`spec.${field}`));
    }
    if (metadata.name !== `${names?.plural}.${group}`) causes.push(invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
    if (!['Cluster', 'Namespaced'].includes(scope)) causes.push(notSupported('spec.scope', scope ?? '', ['Cluster', 'Namespaced']));
    if ((versions ?? []).filter(({ storage }: Wire) => storage).length !== 1) {
      causes.push(invalidValue('spec.versions', versions, 'must have exactly one version marked as storage version'));
    }
    for (const [i, { schema }] of (versions ?? []).entries()) {
      if (!schema?.openAPIV3Schema) causes.push(required(`spec.versions[${i}].schema.openAPIV3Schema`, 'schemas are required'));
    }
    return causes;
  },
};
