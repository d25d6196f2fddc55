import { fail, type Io, main, type Report } from '@shepherd/cli';
import type { Issue } from '@shepherd/core';
import { commandLine } from './command-line.js';
import type { Deployments } from './deployments/deployments.js';
import { deploymentsOf } from './deployments/of-job.js';
import { readInputs } from './inputs.js';
import { LeftBehind, lineAtTheEnd } from './left-behind.js';

/** The rollout is over by then: GitHub is waited for no longer. */
const lastWordsMs = 5_000;

/** One step of a job: what its inputs ask for, and at the job's end what is left of that. @returns the exit code of the process */
export async function runAction(io: Io): Promise<number> {
  if (io.env['STATE_main'] === 'true') return atTheEnd(io);
  const issues: Issue[] = [];
  const inputs = readInputs(io.env, issues);
  const line = commandLine(inputs, issues);
  const deployments = deploymentsOf(inputs, inputs.command, io, issues);
  if (issues.length > 0) {
    const { invalidOptions } = await import('@shepherd/core');
    return fail(invalidOptions(issues, 'correct what stands under with: in the workflow'), io);
  }
  return run(line, io, deployments, new LeftBehind(io.env, line));
}

/** Of a step that was cancelled or killed: what it left goes to its end here, as nobody else may be there. */
async function atTheEnd(io: Io): Promise<number> {
  const line = lineAtTheEnd(io.env);
  if (line === undefined) return 0;
  const [command = '', id] = line;
  io.stdout.write(`${id} was left on its way: ${command === 'abort' ? 'it is taken back' : 'it goes on'} here\n`);
  const exitCode = await run(line, io, deploymentsOf(readInputs(io.env, []), command, io, []));
  // Taken back, as it was meant to be.
  return [3, 130, 143].includes(exitCode) ? 0 : exitCode;
}

async function run(line: readonly string[], io: Io, deployments: Deployments | undefined, leftBehind?: LeftBehind): Promise<number> {
  const reports: readonly Report[] = [leftBehind, deployments].filter((each) => each !== undefined);
  const report: Report = {
    event(event) {
      for (const each of reports) each.event?.(event);
    },
    outcome(...outcome) {
      for (const each of reports) each.outcome?.(...outcome);
    },
  };
  const exitCode = await main(line, io, { report });
  await deployments?.settled(lastWordsMs);
  return exitCode;
}
