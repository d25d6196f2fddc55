import type { Finding } from '@shepherd/core';
import type { Found } from './checklist.js';

/** Preflight as evidence: `against` speaks against the item, whatever else was found. Pure. */
export function findingsEvidence(findings: readonly Finding[], against: (finding: Finding) => boolean, well: string): Found {
  const wrong = findings.filter((finding) => finding.level === 'error' && against(finding));
  return wrong.length === 0 ? { state: 'done', says: well } : { state: 'failed', says: wrong.map(({ id, message }) => `${id}: ${message}`).join('; ') };
}

export const isSecret = ({ id }: Finding): boolean => id === 'required-secret' || id === 'missing-reference';
export const isChart = ({ id }: Finding): boolean => id === 'helm-lint' || id === 'tool' || id === 'tool-failed';
export const isDryRun = ({ id }: Finding): boolean => id === 'dry-run' || id === 'quota' || id === 'limit-range' || id === 'rights';
