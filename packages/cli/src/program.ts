import { Command, Option } from 'commander';
import { addChecklist } from './grammar/checklist.js';
import { addConfig } from './grammar/config.js';
import { addEmergency } from './grammar/emergency.js';
import { addLocks } from './grammar/locks.js';
import { addNotices } from './grammar/notices.js';
import { addRehearsals } from './grammar/rehearsals.js';
import { addReleases } from './grammar/releases.js';
import { addRollouts } from './grammar/rollouts.js';
import { addServing } from './grammar/serving.js';
import type { Run } from './grammar/ways.js';

const groups: readonly (readonly [string, (program: Command, run: Run) => void])[] = [
  ['A release:', addReleases],
  ['Beside a release:', addChecklist],
  ['What runs:', addRollouts],
  ['What serves:', addServing],
  ['When it breaks:', addEmergency],
  ['Who is told:', addNotices],
  ['Who may write:', addLocks],
  ['Without a release:', addRehearsals],
  ['Setting up:', addConfig],
];

/** The command line: names, flags, help. `run` gets the work of the command that was called. */
export function makeProgram(version: string, run: Run): Command {
  const program = new Command('shepherd')
    .description('Releases a new version of an app on Kubernetes without losing a request, and takes it back just as safely.')
    .version(version, '-V, --version')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nExit codes: 0 succeeded · 2 bad input · 3 rolled back · 4 rollback failed · 5 untouched · 6 rolled back by a deadline · 7 paused\n            8 superseded · 9 left · 130/143 signal · 1 unexpected\n\nshepherd COMMAND --help shows the flags of a command, and examples.',
    );
  for (const [title, add] of groups) {
    program.commandsGroup(title);
    add(program, run);
  }
  program.helpCommand('help [command]', 'what a command does, its flags, and examples');
  for (const command of everyCommand(program)) {
    if (command.commands.length === 0) withOutput(command);
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  return program;
}

/** A command and all below it. */
export const everyCommand = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(everyCommand)];

/** How a command says what it has to say. */
const withOutput = (command: Command): Command =>
  command
    .optionsGroup('Output:')
    .addOption(
      new Option('-o, --output <how>', 'tty, plain, github, json or ndjson (default: github in GitHub Actions, plain in CI and without a terminal, else tty)'),
    )
    .option('--json', 'for programs: -o ndjson')
    .option('-q, --quiet', 'only what it came to, and errors')
    .option('-v, --verbose', 'also each request and each program that is run, on stderr; never a body or a credential')
    .option('--no-color', 'no colours (also NO_COLOR, SHEPHERD_NO_COLOR; FORCE_COLOR forces them)')
    .option('--no-input', 'ask nothing: what would be asked is refused');
