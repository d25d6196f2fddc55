import type { Verdict } from '../words/verdict.js';
import type { Cause } from './outcome.js';

/** Why a rollout turned back or stopped, in one sentence. */
export function formatCause(cause: Cause): string {
  switch (cause.kind) {
    case 'step':
      return cause.error.message;
    case 'verdict':
      return cause.verdict.kind === 'pass' ? 'passed' : `${namedCheck(cause.verdict)}${cause.verdict.reason}`;
    case 'gate':
      return `${cause.gate}: ${cause.reason}`;
    case 'deadline':
      return `not finished within ${cause.after}`;
    default:
      return `${cause.by.name}: ${cause.reason}`;
  }
}

/** Names of the box stand without their prefix; what `http` asks, its reason says. */
const namedCheck = ({ check, reason }: Exclude<Verdict, { kind: 'pass' }>): string =>
  check === undefined || check === 'shepherd/http' || reason.startsWith(check) ? '' : `${check.replace(/^shepherd\//, '')}: `;
