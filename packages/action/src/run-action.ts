import { fail, type Io, main } from '@shepherd/cli';
import type { Issue } from '@shepherd/core';
import { commandLine } from './command-line.js';
import { readInputs } from './inputs.js';
import { LeftBehind, lineAtTheEnd } from './left-behind.js';

/** One step of a job: what its inputs ask for, and at the job's end what is left of that. @returns the exit code of the process */
export async function runAction(io: Io): Promise<number> {
  if (io.env['STATE_main'] === 'true') return atTheEnd(io);
  const issues: Issue[] = [];
  const line = commandLine(readInputs(io.env, issues), issues);
  if (issues.length > 0) {
    const { invalidOptions } = await import('@shepherd/core');
    return fail(invalidOptions(issues, 'correct what stands under with: in the workflow'), io);
  }
  return main(line, io, { report: new LeftBehind(io.env, line) });
}

/** Of a step that was cancelled or killed: what it left goes to its end here, as nobody else may be there. */
async function atTheEnd(io: Io): Promise<number> {
  const line = lineAtTheEnd(io.env);
  if (line === undefined) return 0;
  io.stdout.write(`${line[1]} was left on its way: ${line[0] === 'abort' ? 'it is taken back' : 'it goes on'} here\n`);
  const exitCode = await main(line, io);
  // Taken back, as it was meant to be.
  return [3, 130, 143].includes(exitCode) ? 0 : exitCode;
}
