import { copyJson, equalJson, type Wire } from '../json.js';
import type { StatusCause } from '../status-error.js';
import { forbiddenField, invalidValue } from './causes.js';
import type { KindRules } from './kind-rules.js';
import { admitPod, defaultPod, qosClass } from './pod-template.js';
import { validatePodSpec } from './validate-pod.js';

/** The spec with what may change taken from the stored one: what still differs must not. */
function frozenPart(next: Wire, before: Wire): Wire {
  const spec = copyJson(next);
  for (const list of ['containers', 'initContainers']) {
    for (const [i, container] of (spec[list] ?? []).entries()) {
      const image = before[list]?.[i]?.image;
      if (image !== undefined) container.image = image;
    }
  }
  for (const field of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates', 'nodeName']) {
    if (before[field] === undefined) delete spec[field];
    else if (field !== 'nodeName') spec[field] = before[field];
  }
  return spec;
}

export const podRules: KindRules = {
  defaults(draft) {
    draft.spec ??= {};
    defaultPod(draft.spec);
  },
  prepareCreate(draft) {
    admitPod(draft.spec);
    draft.status = { phase: 'Pending', qosClass: qosClass(draft.spec) };
  },
  /** To be placed on a node is no change of what is wanted. */
  sameSpec: ({ spec }, previous) => equalJson({ ...spec, nodeName: undefined }, { ...previous.spec, nodeName: undefined }),
  validate: ({ spec }) => [
    ...validatePodSpec(spec, 'spec'),
    ...(spec.containers ?? []).flatMap(({ image }: Wire, i: number) =>
      image && image !== image.trim() ? [invalidValue(`spec.containers[${i}].image`, image, 'must not have leading or trailing whitespace')] : [],
    ),
  ],
  validateUpdate(draft, previous): StatusCause[] {
    if (equalJson(frozenPart(draft.spec, previous.spec), previous.spec)) return [];
    const mutable =
      '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
    return [forbiddenField('spec', `pod updates may not change fields other than ${mutable}`)];
  },
};
