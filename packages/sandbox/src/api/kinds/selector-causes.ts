import type { Wire } from '../json.js';
import { matchesSelector } from '../selectors.js';
import type { StatusCause } from '../status-error.js';
import { invalidValue, notSupported, required } from './causes.js';
import { labelKeyProblem, labelValueProblem } from './metadata.js';

const OPERATORS = ['DoesNotExist', 'Exists', 'In', 'NotIn'];

/** The `LabelSelector` of a spec: keys, values, operators. @param path e.g. `spec.selector` */
export function validateSelector(selector: Wire, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const [key, value] of Object.entries<Wire>(selector?.matchLabels ?? {})) {
    const wrongKey = labelKeyProblem(key);
    const wrongValue = labelValueProblem(String(value));
    if (wrongKey) causes.push(invalidValue(`${path}.matchLabels`, key, wrongKey));
    if (wrongValue) causes.push(invalidValue(`${path}.matchLabels`, value, wrongValue));
  }
  for (const [i, one] of (selector?.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${i}]`;
    const values = one.values ?? [];
    if (!OPERATORS.includes(one.operator)) causes.push(invalidValue(`${at}.operator`, one.operator, 'not a valid selector operator'));
    else if (one.operator.endsWith('In') && values.length === 0) causes.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  }
  return causes;
}

const isEmpty = (selector: Wire): boolean => !selector?.matchLabels && !selector?.matchExpressions;

/** The selector of a workload: given, not empty, and matching the template's own labels. */
export function validateWorkloadSelector(spec: Wire, kind: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (!spec.selector) causes.push(required('spec.selector'));
  else {
    causes.push(...validateSelector(spec.selector, 'spec.selector'));
    if (isEmpty(spec.selector)) causes.push(invalidValue('spec.selector', spec.selector, `empty selector is invalid for ${kind}`));
  }
  const wrong =
    (spec.selector?.matchExpressions ?? []).some(
      ({ operator, values }: Wire) => !OPERATORS.includes(operator) || (operator.endsWith('In') && !values?.length),
    ) || validateSelector({ matchLabels: spec.selector?.matchLabels }, '').length > 0;
  if (wrong) return [...causes, invalidValue('spec.selector', spec.selector, 'invalid label selector')];
  const labels = spec.template?.metadata?.labels;
  if (!spec.selector || isEmpty(spec.selector) || !matchesSelector(spec.selector, labels)) {
    if (!isEmpty(spec.selector) || !spec.selector) {
      causes.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
    }
  }
  return causes;
}

/** A template of pods that are restarted for ever. */
export function validateRestartAlways(spec: Wire): StatusCause[] {
  const policy = spec.template?.spec?.restartPolicy;
  return policy === 'Always' ? [] : [notSupported('spec.template.spec.restartPolicy', policy, ['Always'])];
}
