import type { Io } from '../io.js';
import type { Report } from '../report.js';
import { GithubReport } from './github-report.js';
import { GuardedOutput } from './guarded-output.js';
import { defused, workflowCommand } from './workflow-command.js';

/** The runner sends SIGTERM 7.5 s after the first signal and kills 2.5 s later: what is begun by now is brought to an end, the rest is left (EC 5). */
const leaveWithinMs = 3_500;

/** The surroundings of a command in such a step: nothing that is printed is obeyed by the runner but our own commands. */
export function githubIo(io: Io): { readonly io: Io; readonly report: Report } {
  const stdout = new GuardedOutput(io.stdout);
  const report = new GithubReport({ env: io.env, output: io.stdout, flush: () => stdout.end() });
  return {
    report,
    io: {
      ...io,
      // A run that was started again with debug logging wants to know more.
      env: io.env['RUNNER_DEBUG'] === '1' ? { SHEPHERD_DEBUG: '1', ...io.env } : io.env,
      stdout,
      // Another stream: tokens of the one would not hold for the other.
      stderr: { write: (text) => io.stderr.write(defused(text)) },
      onSignal: (listener) => io.onSignal(listener),
      atExit: (listener) => io.atExit(listener),
      leaveWithinMs,
      mask: (secret) => void io.stdout.write(workflowCommand('add-mask', secret)),
      fold(title, text) {
        io.stdout.write(workflowCommand('group', title));
        stdout.write(`${text}\n`);
        io.stdout.write(workflowCommand('endgroup', ''));
      },
      exit(code) {
        report.end(code);
        io.exit(code);
      },
    },
  };
}
