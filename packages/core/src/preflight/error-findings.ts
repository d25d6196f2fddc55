import type { ErrorCode } from '../errors/error-facts.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import type { Finding } from '../words/finding.js';

const ids: { readonly [C in ErrorCode]?: string } = {
  ERR_UNREACHABLE: 'unreachable',
  ERR_FORBIDDEN: 'rights',
  ERR_LOCK_HELD: 'lock-held',
  ERR_RELEASE_PENDING: 'helm-pending',
  ERR_TOOL: 'tool',
  ERR_TOOL_FAILED: 'tool-failed',
  ERR_JOURNAL: 'journal',
  ERR_CONFLICT: 'conflict',
};

/** What a deploy would be refused with, as what preflight says: each missing right, each finding by itself. Pure. */
export function errorFindings(error: ShepherdError): readonly Finding[] {
  if (ShepherdError.is(error, 'ERR_PREFLIGHT')) return error.facts.findings;
  if (ShepherdError.is(error, 'ERR_FORBIDDEN') && error.facts.missing.length > 0) {
    return error.facts.missing.map(({ verb, resource }) => ({
      id: 'rights',
      level: 'error',
      object: resource,
      message: `not allowed to ${verb} ${resource}`,
      fix: `allow ${verb} on ${resource} in that namespace; shepherd rbac prints the smallest Role`,
    }));
  }
  return [{ id: ids[error.code] ?? 'refused', level: 'error', message: error.message, fix: error.remedy }];
}
