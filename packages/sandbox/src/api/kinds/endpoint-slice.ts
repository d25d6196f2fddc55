import { equalJson, type Wire } from '../json.js';
import { invalidValue, notSupported, required } from './causes.js';
import type { KindRules } from './kind-rules.js';
import { ipProblem } from './metadata.js';

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];

export const endpointSliceRules: KindRules = {
  defaults(draft) {
    for (const port of draft.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
    for (const endpoint of draft.endpoints ?? []) endpoint.conditions ??= {};
    // both are told where there are none
    draft.endpoints = draft.endpoints?.length > 0 ? draft.endpoints : null;
    draft.ports = draft.ports?.length > 0 ? draft.ports : null;
  },
  validate: ({ addressType, endpoints }) => [
    ...(addressType === undefined
      ? [required('addressType')]
      : ADDRESS_TYPES.includes(addressType)
        ? []
        : [notSupported('addressType', addressType, ADDRESS_TYPES)]),
    ...(endpoints ?? []).flatMap(({ addresses = [] }: Wire, i: number) => {
      if (addresses.length === 0) return [required(`endpoints[${i}].addresses`, 'must contain at least 1 address')];
      if (addressType !== 'IPv4') return [];
      return addresses.flatMap((address: string, j: number) => {
        const problem = ipProblem(address);
        return problem === undefined ? [] : [invalidValue(`endpoints[${i}].addresses[${j}]`, address, problem)];
      });
    }),
  ],
  validateUpdate: (draft, previous) =>
    draft.addressType === previous.addressType ? [] : [invalidValue('addressType', draft.addressType, 'field is immutable')],
  countsAsSpec: (draft, previous) =>
    !equalJson([draft.endpoints, draft.ports, draft.metadata.labels], [previous.endpoints, previous.ports, previous.metadata.labels]),
};
