import type { Cause } from './outcome.js';

/** Why a rollout turned back or stopped, in one sentence. */
export function formatCause(cause: Cause): string {
  switch (cause.kind) {
    case 'step':
      return cause.error.message;
    case 'verdict':
      return cause.verdict.kind === 'pass' ? 'passed' : cause.verdict.reason;
    case 'gate':
      return `${cause.gate}: ${cause.reason}`;
    case 'deadline':
      return `not finished within ${cause.after}`;
    default:
      return `${cause.by.name}: ${cause.reason}`;
  }
}
