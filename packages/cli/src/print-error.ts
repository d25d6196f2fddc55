import { type ErrorInfo, errorInfo, exitCodeOf } from '@shepherd/core';
import type { Io } from './io.js';
import { schemaVersion } from './ledger.js';

/** The exit code of a command that ended by an error: as if a rollout had failed before its first write. */
export const errorCode = (error: ErrorInfo): number =>
  exitCodeOf({
    kind: 'failed-untouched',
    final: true,
    serving: 'stable',
    error,
    rolloutId: '',
    targets: [],
    from: undefined,
    to: undefined,
    startedAt: '',
    ms: 0,
  });

/** As the result of a rollout that did not begin. */
const errorResult = (error: ErrorInfo, exitCode: number): object => {
  const kind = 'failed-untouched';
  const at = new Date().toISOString();
  return {
    schemaVersion,
    type: 'result',
    kind,
    outcome: kind,
    final: true,
    serving: 'stable',
    error,
    exitCode,
    at,
    rolloutId: '',
    sequence: 0,
    steps: [],
    evidence: [],
  };
};

export function errorText({ code, message, remedy, docs }: ErrorInfo): string {
  return `${code}: ${message}\n  fix: ${remedy}\n  more: ${docs}\n`;
}

/** Says an error on stderr, and with `--json` as the last line of stdout too. @returns the exit code */
export function printError(error: unknown, { stdout, stderr, env }: Io, json: boolean): number {
  const info = errorInfo(error);
  const exitCode = errorCode(info);
  stderr.write(errorText(info));
  if (env['SHEPHERD_DEBUG'] && error instanceof Error)
    stderr.write(`${error.stack}\n${error.cause instanceof Error ? `caused by ${error.cause.stack}\n` : ''}`);
  if (json) stdout.write(`${JSON.stringify(errorResult(info, exitCode))}\n`);
  return exitCode;
}
