import type { Outcome, Revision } from '@shepherd/core';

/** What later steps of a job read as `steps.ID.outputs.NAME`; a name that has nothing to say is left out. */
export interface Outputs {
  /** Kind of the outcome: `succeeded`, `rolled-back` … */
  readonly outcome?: string | undefined;
  readonly 'rollout-id'?: string | undefined;
  /** Hash of the revision that serves now, where one is known. */
  readonly revision?: string | undefined;
  /** Hash of the one that served before. */
  readonly 'previous-revision'?: string | undefined;
  /** `true` or `false`. */
  readonly 'rolled-back'?: string | undefined;
  /** Of the rollout, with three digits behind the point. */
  readonly 'duration-seconds'?: string | undefined;
  /** A file: each event of the rollout as a line of JSON and the result as its last. */
  readonly 'report-path'?: string | undefined;
  readonly 'exit-code': string;
}

/** What an outcome says to later steps. Pure. */
export function outputsOf(
  outcome: Outcome | undefined,
  { exitCode, reportPath }: { readonly exitCode: number; readonly reportPath?: string | undefined },
): Outputs {
  const ended = { ...(reportPath === undefined ? {} : { 'report-path': reportPath }), 'exit-code': String(exitCode) };
  if (outcome === undefined) return ended;
  const serves = serving(outcome);
  return {
    outcome: outcome.kind,
    ...(outcome.rolloutId === '' ? {} : { 'rollout-id': outcome.rolloutId }),
    ...(serves === undefined ? {} : { revision: serves.hash }),
    ...(outcome.from === undefined ? {} : { 'previous-revision': outcome.from.hash }),
    'rolled-back': String(outcome.kind === 'rolled-back'),
    'duration-seconds': (outcome.ms / 1_000).toFixed(3),
    ...ended,
  };
}

function serving(outcome: Outcome): Revision | undefined {
  if (!outcome.final) return undefined;
  if (outcome.serving === 'candidate') return outcome.to;
  return outcome.serving === 'stable' ? outcome.from : undefined;
}
