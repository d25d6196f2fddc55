import type { EvidenceOf } from '../../ports/evidence.js';

const words: Readonly<Record<string, string>> = {
  there: 'has it, for anybody',
  'not-found': 'has no such image for anybody',
  denied: 'can be reached and wants a login',
  'rate-limit': 'limits how often it may be asked',
  failing: 'can be reached and fails',
  unreachable: 'cannot be reached',
  unasked: 'was not asked',
  other: 'answers something else',
};

/** What a registry said, for people: `ghcr.io has no such image for anybody (404)`. Pure. */
export function registryText({ data: { host, says, status, said } }: EvidenceOf<'registry'>): string {
  const details = [...(status === 0 ? [] : [String(status)]), ...(said === undefined ? [] : [said])].join(', ');
  return `${host} ${words[says] ?? says}${details === '' ? '' : ` (${details})`}`;
}
