import type { Cause } from '@shepherd/core';

/** A cause in one line. */
export function causeText(cause: Cause): string {
  switch (cause.kind) {
    case 'step':
      return cause.error.message;
    case 'verdict':
      return cause.verdict.kind === 'pass' ? 'passed' : cause.verdict.reason;
    case 'gate':
      return `${cause.gate}: ${cause.reason}`;
    case 'deadline':
      return `not finished within ${cause.after}`;
    case 'abort':
      return `${cause.by.name}: ${cause.reason}`;
  }
}
