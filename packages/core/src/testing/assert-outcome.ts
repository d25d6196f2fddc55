import { formatOutcome } from '../rollout/format-outcome.js';
import type { Cause, Outcome } from '../rollout/outcome.js';

const json = (value: unknown): string => JSON.stringify(value, undefined, 2);

function evidence(cause: Cause): readonly string[] {
  if (cause.kind === 'step') return [`step ${cause.index} (${cause.step.kind}) ended with ${cause.error.code}: ${json(cause.error.facts)}`];
  if (cause.kind !== 'verdict') return [];
  const { index, step, verdict } = cause;
  const found =
    verdict.evidence === undefined ? '' : `: ${verdict.evidence.summary}${verdict.evidence.data === undefined ? '' : ` ${json(verdict.evidence.data)}`}`;
  return [`step ${index} (${step.kind}) was judged ${verdict.kind}${found}`];
}

/**
 * Narrows an outcome to the kind that a test expects. @throws Error with the outcome, its cause and the evidence, so that a failed test says why the rollout
 * ended as it did
 */
export function assertOutcome<K extends Outcome['kind']>(outcome: Outcome | undefined, kind: K): asserts outcome is Extract<Outcome, { kind: K }> {
  if (outcome?.kind === kind) return;
  if (outcome === undefined) throw new Error(`expected the outcome ${kind}, got none`);
  const details = 'cause' in outcome ? evidence(outcome.cause) : 'error' in outcome ? [`${outcome.error.code}: ${json(outcome.error.facts)}`] : [];
  throw new Error([`expected the outcome ${kind}, got ${outcome.kind}`, formatOutcome(outcome), ...details].join('\n'));
}
