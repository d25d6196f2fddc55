import type { Cause, Outcome, Verdict } from '@shepherd/core';

/** As the conventions for CI/CD name it. */
export type RunResult = 'success' | 'failure' | 'error' | 'timeout' | 'cancellation' | 'skip';

/** `cicd.pipeline.result` of a rollout; undefined for one that is not over. Pure. */
export function resultOf(outcome: Outcome): RunResult | undefined {
  switch (outcome.kind) {
    case 'succeeded':
      return 'success';
    case 'rolled-back':
      return resultOfCause(outcome.cause);
    case 'rollback-failed':
    case 'lock-lost':
      return 'error';
    case 'failed-untouched':
      return outcome.error.code === 'ERR_GATE_CLOSED' ? 'skip' : 'failure';
    case 'superseded':
      return 'cancellation';
    case 'paused':
    case 'detached':
      return undefined;
  }
}

/** Of what broke off: the whole, or the step that ran. Pure. */
export const resultOfCause = ({ kind }: Cause): RunResult => (kind === 'deadline' ? 'timeout' : kind === 'abort' ? 'cancellation' : 'failure');

/** `deployment.status`: only these two are known to it. Pure. */
export const statusOf = (result: RunResult | undefined): 'succeeded' | 'failed' | undefined =>
  result === undefined || result === 'skip' ? undefined : result === 'success' ? 'succeeded' : 'failed';

/** `error.type`, of failures and errors alone: the code, or what decided. Pure. */
export function errorTypeOf(outcome: Outcome): string | undefined {
  const result = resultOf(outcome);
  if (result !== 'failure' && result !== 'error') return undefined;
  if (outcome.kind === 'lock-lost') return 'ERR_LOCK_LOST';
  if ('error' in outcome) return outcome.error.code;
  return 'cause' in outcome ? errorTypeOfCause(outcome.cause) : undefined;
}

export function errorTypeOfCause(cause: Cause): string {
  if (cause.kind === 'step') return cause.error.code;
  return cause.kind === 'verdict' ? `verdict.${cause.verdict.kind}` : cause.kind;
}

const ofVerdict: Readonly<Record<Verdict['kind'], RunResult>> = { pass: 'success', fail: 'failure', inconclusive: 'failure', error: 'error' };

export const resultOfVerdict = ({ kind }: Verdict): RunResult => ofVerdict[kind];
