import type { Outcome } from './outcome.js';

const badInput: ReadonlySet<string> = new Set([
  'ERR_INVALID_OPTIONS',
  'ERR_NOT_REGISTERED',
  'ERR_APP_NOT_FOUND',
  'ERR_UNSUPPORTED_WORKLOAD',
  'ERR_ROLLOUT_NOT_FOUND',
  'ERR_COMMAND_REFUSED',
  'ERR_REVISION_NOT_FOUND',
  'ERR_REVISION_SERVES',
  'ERR_REVISION_INCOMPLETE',
  'ERR_CHART',
  'ERR_CHART_VALUES',
  'ERR_RELEASE_TAKEN',
]);

/** The caller said something that cannot be done, whatever the world is like. */
export const isBadInput = (code: string): boolean => badInput.has(code);

/**
 * The exit code of a process that ran a rollout: 0 succeeded · 1 unexpected · 2 bad input · 3 rolled back · 4 rollback failed · 5 untouched · 6 rolled back by
 * the deadline · 7 paused · 8 superseded · 9 lock lost or left · 130 aborted by a signal of this process (SIGINT; a caller that saw SIGTERM says 143).
 */
export function exitCodeOf(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'succeeded':
      return 0;
    case 'rolled-back':
      if (outcome.cause.kind === 'deadline') return 6;
      return outcome.cause.kind === 'abort' && outcome.cause.reason === 'SIGINT'
        ? 130
        : outcome.cause.kind === 'abort' && outcome.cause.reason === 'SIGTERM'
          ? 143
          : 3;
    case 'rollback-failed':
      return 4;
    case 'failed-untouched':
      if (badInput.has(outcome.error.code)) return 2;
      return outcome.error.code === 'ERR_UNEXPECTED' ? 1 : 5;
    case 'paused':
      return 7;
    case 'superseded':
      return 8;
    default:
      return 9;
  }
}
