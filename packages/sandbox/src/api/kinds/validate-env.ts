import { isRecord, type Wire } from '../json.js';
import type { StatusCause } from '../status-error.js';
import { invalidValue, required } from './causes.js';

const NAME_TEXT = "a valid environment variable name must consist only of printable ASCII characters other than '='";
const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];

function validateSource(variable: Wire, path: string): StatusCause[] {
  const { valueFrom, value } = variable;
  if (!isRecord(valueFrom)) return [];
  const given = SOURCES.filter((source) => valueFrom[source]);
  const causes: StatusCause[] = [];
  for (const source of ['configMapKeyRef', 'secretKeyRef']) {
    const reference: Wire = valueFrom[source];
    if (!reference) continue;
    if (!reference.name) causes.push(required(`${path}.${source}.name`));
    if (!reference.key) causes.push(required(`${path}.${source}.key`));
  }
  if (given.length === 0)
    return [...causes, invalidValue(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`')];
  if (value) causes.push(invalidValue(path, '', 'may not be specified when `value` is not empty'));
  if (given.length > 1) causes.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
  return causes;
}

/** The variables of a container. */
export function validateEnv(variables: readonly Wire[], path: string): StatusCause[] {
  return variables.flatMap((variable, i) => {
    const name = `${path}[${i}].name`;
    const named = !variable.name ? [required(name)] : /^[ -<>-~]+$/.test(variable.name) ? [] : [invalidValue(name, variable.name, NAME_TEXT)];
    return [...named, ...validateSource(variable, `${path}[${i}].valueFrom`)];
  });
}
