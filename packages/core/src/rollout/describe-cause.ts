import type { Cause } from './outcome.js';

/** A cause in one sentence. */
export function describeCause(cause: Cause): string {
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
