import { type Command, Option } from 'commander';
import { isData } from '../format.js';
import type { OutputFlags } from '../output-mode.js';
import type { World } from '../world.js';

/** What a command does. Its code is loaded when it runs: help needs none of it. */
export type Work = (world: () => Promise<World>) => Promise<number>;
/** Gets the work of the command that was called, and its flags. */
export type Run = (work: Work, flags: OutputFlags) => Promise<void>;

/** How times are written, for the text of a flag. */
export const seconds = '(seconds, or 3m)';
export const configText = 'config (default: shepherd.config.{ts,mjs,js,json,yaml} from here upward)';

export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Lines that can be typed as they stand, below the help of a command. */
export const withExamples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  shepherd ${line}`).join('\n')}`);

/** Lets a command do what `load` gives, with its arguments, its flags and the world. */
export const acts = (command: Command, run: Run, load: () => Promise<(...args: never[]) => Promise<number>>): Command =>
  command.action((...args: readonly unknown[]) => {
    // Commander hands over the arguments, the flags and the command itself.
    const given = args.slice(0, -2);
    const flags = args.at(-2) as OutputFlags;
    return run(async (makeWorld) => {
      const [work, world] = await Promise.all([load(), makeWorld()]);
      return work(...([...given, { ...flags, json: isData(world.output.format) }, world] as never[]));
    }, flags);
  });

export const thresholds = {
  error: ['--error-threshold <percent>', 'share of failed requests that is too much (default: 5 where there is nothing to compare with)'],
  latency: ['--latency-threshold <ms>', 'P99 that is too much'],
  sensitivity: ['--sensitivity <level>', 'low, medium or high (default: medium)'],
  inconclusive: ['--on-inconclusive <what>', 'where the metrics do not say: pause, rollback or promote (default: pause)'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export const withConfig = (command: Command): Command =>
  command.option('-c, --config <file>', configText).option('--environment <name>', 'an environment of the config');

export const withConnection = (command: Command): Command =>
  withConfig(
    command
      .option('-n, --namespace <name>', "namespace (default: the context's)")
      .option('--context <name>', 'context of the kubeconfig')
      .option('--kubeconfig <path>', 'kubeconfig (default: KUBECONFIG, ~/.kube/config)')
      .option('--prometheus <url>', 'where the requests of the app are counted'),
  ).option('--config-format <what>', 'data: refuse a config that is code (default: any)');

export const withApp = (command: Command): Command =>
  withConnection(
    command
      .argument('[app]', 'name of the Deployment: web, shop/web')
      .option('--app <name>', 'the same as the argument')
      .option('--release <name>', 'the same, by the name that a chart gave it'),
  );

/** How a release goes, whatever it is. */
export const withStrategy = (command: Command): Command =>
  command
    .option('--strategy <name>', 'rolling, blue-green or canary (default: rolling)')
    .option('--stages <percents>', 'canary: "5,10,25,50,100" (default: 10,25,50,75,100)')
    .option('--interval <time>', `canary: time of a stage ${seconds} (default: 300)`)
    .option('--no-analysis', 'judged by health checks and pods alone, not by metrics')
    .option(...thresholds.error)
    .option(...thresholds.latency)
    .option(...thresholds.sensitivity)
    .option(...thresholds.inconclusive)
    .option('--grace-period <time>', `blue-green: how long the old side stays after the switch ${seconds} (default: 300)`)
    .option('--smoke-timeout <time>', `blue-green: time of all smoke tests ${seconds} (default: 120)`)
    .option(
      '--approval <time>',
      `canary and blue-green: wait so long before each stage, or the switch, for shepherd approve from anywhere; else it is taken back ${seconds}`,
    )
    .option('--check <path>', 'path that every new pod must answer with 200, may be repeated', collect)
    .option('--drain <time>', `how long pods without traffic stay ${seconds} (default: 30)`)
    .option('--unwatched <time>', `how long it may stand without a driver while the new version has traffic ${seconds} (default: 300)`)
    .option('--timeout <time>', `of the whole rollout; then it is taken back ${seconds} (default: 3600)`);

/** What a release is, and how it goes. */
export const withPlan = (command: Command): Command =>
  withStrategy(
    withApp(command)
      .option('--image <image>', 'image to release: registry/web:1.3.0')
      .option('--env <KEY=VALUE>', 'environment of the container, may be repeated', collect)
      .option('--chart <chart>', 'chart to release by helm: a folder, an archive or its address')
      .option('--chart-version <version>', 'of a chart that is not a path (default: the newest)')
      .option('-f, --values <file>', 'values of the chart, may be repeated; later ones win', collect)
      .option('--set <NAME=VALUE>', 'one value of the chart, as image.tag=1.3.0, may be repeated; not for secrets', collect)
      .option('--pre-stop-sleep <time>', `for apps that do not drain: pods serve on for this long when they end ${seconds}`),
  )
    .option('--reason <text>', 'why; kept in the journal')
    .option('--override-window', 'release outside of the maintenance windows, with --reason')
    .option('--override-env', 'release what has not succeeded in requireEnv, with --reason')
    .option('--override-incident', 'release although data corruption or a security incident is open, as a fix is, with --reason')
    .addOption(new Option('--revision <number>').hideHelp())
    .option('--rollback', 'with deploy alone: go back instead, as the command rollback does');

/** Who need not be asked. */
export const withConsent = (command: Command): Command =>
  command
    .option('-y, --yes', 'ask nothing; severe acts on production want --confirm all the same')
    .option('--confirm <app>', "as --yes, with the app's name: what severe acts on production want");

/** How a command runs that writes. */
export const withRun = (command: Command): Command =>
  withConsent(command)
    .option('--notify-flush-timeout <time>', `how long it waits at its end for channels that have not answered yet ${seconds} (default: 15)`)
    .option('--on-interrupt <what>', 'at Ctrl-C or SIGTERM: pause, which leaves it where it stands, or rollback (default: pause at a terminal, else rollback)');
