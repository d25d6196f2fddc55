import type { Wire } from '../json.js';
import { compareQuantities, isQuantity } from '../quantity.js';
import type { StatusCause } from '../status-error.js';
import { invalidValue } from './causes.js';

const STANDARD = ['cpu', 'ephemeral-storage', 'memory'];

function validateName(name: string, field: string): StatusCause[] {
  if (name.includes('/') || STANDARD.includes(name) || name.startsWith('hugepages-')) return [];
  return ['must be a standard resource type or fully qualified', 'must be a standard resource for containers'].map((why) => invalidValue(field, name, why));
}

/** What a container asks for and is limited to. */
export function validateResources(resources: Wire, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const part of ['limits', 'requests'] as const) {
    for (const [name, amount] of Object.entries<Wire>(resources?.[part] ?? {})) {
      if (!isQuantity(amount)) continue;
      causes.push(...validateName(name, `${path}.${part}[${name}]`));
      if (compareQuantities(amount, '0') < 0) causes.push(invalidValue(`${path}.${part}[${name}]`, amount, 'must be greater than or equal to 0'));
      const limit = part === 'requests' ? resources.limits?.[name] : undefined;
      if (limit !== undefined && isQuantity(limit) && compareQuantities(amount, limit) > 0) {
        causes.push(invalidValue(`${path}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`));
      }
    }
  }
  return causes;
}
