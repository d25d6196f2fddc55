import { equalJson, type Wire } from '../json.js';
import type { StatusCause } from '../status-error.js';
import { invalidValue, notSupported, required } from './causes.js';
import type { KindRules } from './kind-rules.js';

const GROUP = 'rbac.authorization.k8s.io';

const ruleCauses = (rule: Wire, field: string): StatusCause[] => {
  const causes = rule.verbs?.length ? [] : [required(`${field}.verbs`, 'verbs must contain at least one value')];
  if (rule.nonResourceURLs?.length) return causes;
  if (!rule.apiGroups?.length) causes.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
  if (!rule.resources?.length) causes.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
  return causes;
};

export const roleRules: KindRules = {
  validate: ({ rules }) => (rules ?? []).flatMap((rule: Wire, i: number) => ruleCauses(rule, `rules[${i}]`)),
};

export const bindingRules: KindRules = {
  defaults(draft) {
    if (draft.roleRef && !draft.roleRef.apiGroup) draft.roleRef.apiGroup = GROUP;
    for (const subject of draft.subjects ?? []) {
      if (subject.apiGroup === undefined && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = GROUP;
    }
  },
  validate({ kind, roleRef, subjects }) {
    const kinds = kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
    const causes: StatusCause[] = kinds.includes(roleRef?.kind) ? [] : [notSupported('roleRef.kind', roleRef?.kind ?? '', kinds)];
    if (!roleRef?.name) causes.push(required('roleRef.name'));
    for (const [i, { kind: subject, name, namespace }] of (subjects ?? []).entries()) {
      if (!['ServiceAccount', 'User', 'Group'].includes(subject)) {
        causes.push(notSupported(`subjects[${i}].kind`, subject ?? '', ['ServiceAccount', 'User', 'Group']));
      }
      if (!name) causes.push(required(`subjects[${i}].name`));
      if (subject === 'ServiceAccount' && !namespace) causes.push(required(`subjects[${i}].namespace`));
    }
    return causes;
  },
  validateUpdate: (draft, previous) => (equalJson(draft.roleRef, previous['roleRef']) ? [] : [invalidValue('roleRef', draft.roleRef, 'cannot change roleRef')]),
};
