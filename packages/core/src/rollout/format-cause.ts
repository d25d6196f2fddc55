import type { FoundCause } from '../diagnosis/cause.js';
import type { Verdict } from '../words/verdict.js';
import type { Cause } from './outcome.js';

/** Why a rollout turned back or stopped, in one sentence. */
export function formatCause(cause: Cause): string {
  switch (cause.kind) {
    case 'step':
      return stepText(cause);
    case 'verdict':
      return cause.verdict.kind === 'pass' ? 'passed' : `${namedCheck(cause.verdict)}${cause.verdict.reason}${alsoText(cause.found)}`;
    case 'gate':
      return `${cause.gate}: ${cause.reason}`;
    case 'deadline':
      return `not finished within ${cause.after}${alsoText(cause.found)}`;
    default:
      return `${cause.by.name}: ${cause.reason}`;
  }
}

/** What is wrong with the pods says more than that they did not get ready. */
function stepText({ error, found }: Extract<Cause, { kind: 'step' }>): string {
  if (found === undefined) return error.message;
  if (error.code === 'ERR_POD_DOOMED') return `${foundText(found)} (${error.facts.state})`;
  return error.code === 'ERR_TIMEOUT' ? `${error.facts.what}: not within ${error.facts.afterMs / 1_000} s${alsoText(found)}` : error.message;
}

const foundText = ({ object, summary }: FoundCause): string => `${object}: ${summary}`;
const alsoText = (found: FoundCause | undefined): string => (found === undefined ? '' : `; ${foundText(found)}`);

/** Names of the box stand without their prefix; what `http` asks, its reason says. */
const namedCheck = ({ check, reason }: Exclude<Verdict, { kind: 'pass' }>): string =>
  check === undefined || check === 'shepherd/http' || reason.startsWith(check) ? '' : `${check.replace(/^shepherd\//, '')}: `;
