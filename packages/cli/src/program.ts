import { Command, Option } from 'commander';
import type { World } from './world.js';

/** A command's code is loaded when it runs: help needs none of it. */
type Run = (world: () => Promise<World>) => Promise<number>;

const seconds = '(seconds, or 3m)';
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const withConnection = (command: Command): Command =>
  command
    .option('-n, --namespace <name>', "namespace (default: the context's)")
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <path>', 'kubeconfig (default: KUBECONFIG, ~/.kube/config)')
    .option('-c, --config <file>', 'config (default: shepherd.config.{mjs,js,json,yaml} from here upward)')
    .option('--environment <name>', 'an environment of the config');

const withApp = (command: Command): Command =>
  withConnection(
    command
      .argument('[app]', 'name of the Deployment: web, shop/web')
      .option('--app <name>', 'the same as the argument')
      .option('--release <name>', 'the same, by the name that a chart gave it'),
  );

const withPlan = (command: Command): Command =>
  withApp(command)
    .option('--image <image>', 'image to release: registry/web:1.3.0')
    .option('--env <KEY=VALUE>', 'environment of the container, may be repeated', collect)
    .option('--pre-stop-sleep <time>', `for apps that do not drain: pods serve on for this long when they end ${seconds}`)
    .option('--strategy <name>', 'rolling, blue-green or canary (default: rolling)')
    .option('--stages <percents>', 'canary: "5,10,25,50,100" (default: 10,25,50,75,100)')
    .option('--interval <time>', `canary: time of a stage ${seconds} (default: 300)`)
    .option('--no-analysis', 'canary: judged by health checks and pods alone, not by metrics')
    .option('--grace-period <time>', `blue-green: how long the old side stays after the switch ${seconds} (default: 300)`)
    .option('--smoke-timeout <time>', `blue-green: time of all smoke tests ${seconds} (default: 120)`)
    .option('--check <path>', 'path that every new pod must answer with 200, may be repeated', collect)
    .option('--drain <time>', `how long pods without traffic stay ${seconds} (default: 30)`)
    .option('--timeout <time>', `of the whole rollout; then it is taken back ${seconds} (default: 3600)`)
    .option('--reason <text>', 'why; kept in the journal')
    .option('--json', 'output for programs')
    .addOption(new Option('--values <file>').argParser(collect).hideHelp())
    .addOption(new Option('--chart <chart>').hideHelp())
    .addOption(new Option('--error-threshold <percent>').hideHelp())
    .addOption(new Option('--revision <number>').hideHelp())
    .addOption(new Option('--rollback').hideHelp());

const withRun = (command: Command): Command =>
  command
    .option('-y, --yes', 'ask nothing')
    .option('--on-interrupt <what>', 'at Ctrl-C or SIGTERM: rollback, or pause to leave it where it stands (default: rollback)');

/** The command line: names, flags, help. `run` gets the work of the command that was called. */
export function makeProgram(version: string, run: (work: Run, json: boolean) => Promise<void>): Command {
  const program = new Command('shepherd')
    .description('Releases a new version of an app on Kubernetes without losing a request, and takes it back just as safely.')
    .version(version, '-V, --version')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nExit codes: 0 succeeded · 2 bad input · 3 rolled back · 4 rollback failed · 5 untouched · 6 rolled back by a deadline · 7 paused\n            8 superseded · 9 left · 130/143 signal · 1 unexpected',
    );

  type Flags = { readonly json?: boolean };
  withPlan(program.command('plan').description('show what a deploy would do; writes nothing')).action((app: string | undefined, flags: Flags) =>
    run(async (world) => (await import('./commands/plan.js')).plan(app, flags, await world()), flags.json === true),
  );
  withRun(withPlan(program.command('deploy').description('release an image, or a change of the environment')))
    .option('--auto', 'the same as --yes: no question between stages either')
    .option('--dry-run', 'show the plan and write nothing')
    .option('--expect <hash>', 'run the plan of this hash or nothing, and ask nothing')
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/deploy.js')).deploy(app, flags, await world()), flags.json === true),
    );
  withRun(withApp(program.command('rollback').description('go back to an older revision')))
    .option('--to <hash>', 'revision (default: the newest good one before this)')
    .option('--list', 'show the revisions and change nothing')
    .option('--force', 'the same as --yes')
    .option('--dry-run', 'show the plan and write nothing')
    .option('--timeout <time>', `of the whole rollback ${seconds} (default: 3600)`)
    .option('--reason <text>', 'why; kept in the journal')
    .option('--json', 'output for programs')
    .addOption(new Option('--revision <number>').hideHelp())
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/rollback.js')).rollback(app, flags, await world()), flags.json === true),
    );
  withApp(program.command('status').description('where an app and its last rollout stand'))
    .option('--json', 'output for programs')
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/status.js')).status(app, flags, await world()), flags.json === true),
    );
  withApp(program.command('watch').description('follow a rollout (by app or id) until it ends; without one, the pods until Ctrl-C'))
    .option('--json', 'output for programs')
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/watch.js')).watch(app, flags, await world()), flags.json === true),
    );
  for (const [name, text] of [
    ['resume', 'go on with a rollout that nobody drives, or that is paused'],
    ['abort', 'take a running rollout back'],
  ] as const) {
    withApp(program.command(name).description(`${text} (by app or id)`))
      .option('--reason <text>', 'why; kept in the journal')
      .option('--json', 'output for programs')
      .action((app: string | undefined, flags: Flags) =>
        run(async (world) => (await import('./commands/command-rollout.js')).commandRollout(name, app, flags, await world()), flags.json === true),
      );
  }
  program
    .command('demo')
    .description('good and bad releases with every strategy, under load, on a cluster inside this process')
    .option('--json', 'one line of JSON at the end')
    .action((flags: Flags) => run(async (world) => (await import('./commands/demo.js')).demo(flags, await world()), flags.json === true));
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: () => undefined });
  return program;
}
