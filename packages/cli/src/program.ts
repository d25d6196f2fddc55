import { Command, Option } from 'commander';
import { addEmergency } from './emergency.js';
import { addNotices } from './program-notices.js';
import type { World } from './world.js';

/** A command's code is loaded when it runs: help needs none of it. */
type Run = (world: () => Promise<World>) => Promise<number>;

const seconds = '(seconds, or 3m)';
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const configText = 'config (default: shepherd.config.{ts,mjs,js,json,yaml} from here upward)';

const examplesOf = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  shepherd ${line}`).join('\n')}`;

const thresholds = {
  error: ['--error-threshold <percent>', 'share of failed requests that is too much (default: 5 where there is nothing to compare with)'],
  latency: ['--latency-threshold <ms>', 'P99 that is too much'],
  sensitivity: ['--sensitivity <level>', 'low, medium or high (default: medium)'],
  inconclusive: ['--on-inconclusive <what>', 'where the metrics do not say: pause, rollback or promote (default: pause)'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

const withConnection = (command: Command): Command =>
  command
    .option('-n, --namespace <name>', "namespace (default: the context's)")
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <path>', 'kubeconfig (default: KUBECONFIG, ~/.kube/config)')
    .option('--prometheus <url>', 'where the requests of the app are counted')
    .option('-c, --config <file>', configText)
    .option('--environment <name>', 'an environment of the config')
    .option('--config-format <what>', 'data: refuse a config that is code (default: any)');

const withApp = (command: Command): Command =>
  withConnection(
    command
      .argument('[app]', 'name of the Deployment: web, shop/web')
      .option('--app <name>', 'the same as the argument')
      .option('--release <name>', 'the same, by the name that a chart gave it'),
  );

/** How a release goes, whatever it is. */
const withStrategy = (command: Command): Command =>
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
    .option('--check <path>', 'path that every new pod must answer with 200, may be repeated', collect)
    .option('--drain <time>', `how long pods without traffic stay ${seconds} (default: 30)`)
    .option('--unwatched <time>', `how long it may stand without a driver while the new version has traffic ${seconds} (default: 300)`)
    .option('--timeout <time>', `of the whole rollout; then it is taken back ${seconds} (default: 3600)`);

const withPlan = (command: Command): Command =>
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
    .option('--json', 'output for programs')
    .addOption(new Option('--revision <number>').hideHelp())
    .option('--rollback', 'with deploy alone: go back instead, as the command rollback does');

const withRun = (command: Command): Command =>
  command
    .option('--notify-flush-timeout <time>', `how long it waits at its end for channels that have not answered yet ${seconds} (default: 15)`)
    .option('-y, --yes', 'ask nothing')
    .option('--on-interrupt <what>', 'at Ctrl-C or SIGTERM: rollback, or pause to leave it where it stands (default: rollback)');

const toRollouts = [
  ['resume', 'go on with a rollout that nobody drives, or that is paused'],
  ['abort', 'take a running rollout back'],
  ['pause', 'hold a running rollout before its next step'],
  ['promote', 'skip the waiting that is left, not the checks'],
  ['approve', 'let a rollout go on that waits for approval'],
  ['reject', 'take a rollout back that waits for approval'],
] as const;

/** What can be told a rollout from any process, and what drives those that nobody drives. */
function addCommands(program: Command, run: (work: Run, json: boolean) => Promise<void>): void {
  type Flags = { readonly json?: boolean };
  for (const [name, text] of toRollouts) {
    const command = withApp(program.command(name).description(`${text} (by app or id)`))
      .option('--reason <text>', 'why; kept in the journal')
      .option('--by <name>', 'who asks (default: user@host, or the CI run)')
      .option('--on-interrupt <what>', 'where this process has to drive, at Ctrl-C or SIGTERM: rollback or pause (default: rollback)')
      .option('--json', 'output for programs');
    if (name === 'pause') {
      command.option('--timeout <time>', `how long at most ${seconds} (default: 3600)`);
      command.option('--on-timeout <what>', 'then: continue or rollback (default: rollback)');
    }
    if (name !== 'resume' && name !== 'abort') command.option('--follow', 'show it to its end, also where another process drives it');
    command.action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/command-rollout.js')).commandRollout(name, app, flags, await world()), flags.json === true),
    );
  }
  withConnection(program.command('recover').description('drive every rollout that nobody drives; several of them make a runner that does not die'))
    .option('-A, --all-namespaces', 'look in all namespaces')
    .option('--follow', 'for good, not once')
    .option('--json', 'output for programs')
    .action((flags: Flags) => run(async (world) => (await import('./commands/recover.js')).recover(flags, await world()), flags.json === true));
  withConnection(
    program
      .command('watchdog')
      .argument('[run]', 'run: be the watchdog, as its pod does')
      .description('put a pod into a namespace that takes back rollouts whose driver died while the new version had traffic'),
  )
    .option('--image <image>', 'image that runs node and has /app/shepherd.mjs (see docs/guides/crash-and-resume.md)')
    .option('--print', 'print the objects as YAML and write nothing')
    .option('--json', 'output for programs')
    .action((what: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/watchdog.js')).watchdog(what, flags, await world()), flags.json === true),
    );
}

/** Looking before anything is written. */
function addPreflight(program: Command, run: (work: Run, json: boolean) => Promise<void>): void {
  type Flags = { readonly json?: boolean };
  withPlan(
    program
      .command('preflight')
      .description('what stands in the way of a deploy with the same flags: rights, room, secrets, lint; writes nothing; 5 where it would be refused'),
  )
    .option('--sarif <file>', 'also as SARIF 2.1.0 for code scanning, to a file or - for stdout')
    .option('--strict', 'warnings count as errors')
    .option('--helm-repos', 'also list the repositories of helm on this machine, and refresh them')
    .addHelpText('after', examplesOf('preflight web --image registry/web:1.3.0', 'preflight web --chart ./chart -f prod.yaml --sarif shepherd.sarif'))
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/preflight.js')).preflight(app, flags, await world()), flags.json === true),
    );
}

/** Looking at what serves. */
function addVerification(program: Command, run: (work: Run, json: boolean) => Promise<void>): void {
  type Flags = { readonly json?: boolean };
  withApp(
    program
      .command('verify')
      .description('is the version that serves as it should be: pods, endpoints, health, and what is asked for; writes nothing; 1 where not'),
  )
    .option('--check <path>', 'path that every pod must answer with 200, may be repeated', collect)
    .option('--guide', "the guide's verifications: pods, health, API, metrics, replicas")
    .option('--metrics [path]', 'every pod serves metrics (default: /metrics)')
    .option('--url <url>', 'also one request from here, with the time of each part: DNS, connect, TLS, first byte, total')
    .option('--json', 'output for programs')
    .addHelpText('after', examplesOf('verify web', 'verify web --guide --url https://shop.example.com/api/health'))
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/verify.js')).verifyApp(app, flags, await world()), flags.json === true),
    );
  withApp(
    program
      .command('baseline')
      .description('load the version that serves, keep the figures with its revision, and hold them against the revision before; 1 where worse'),
  )
    .option('--requests <number>', 'how many (default: 1000)')
    .option('--concurrency <number>', 'how many at a time (default: 10)')
    .option('--path <path>', 'what is asked (default: where the app says that it is well)')
    .option('--url <url>', "ask this address from here, not the Service through the API server's proxy")
    .option('--max-slower <percent>', 'P50, P95 and P99 may rise by so much (default: 25, and by 10 ms)')
    .option('--max-errors <points>', 'the percentage of failed requests may rise by so much (default: 1)')
    .option('-y, --yes', 'production may be loaded')
    .option('--json', 'output for programs')
    .addHelpText('after', examplesOf('baseline web', 'baseline web --url https://shop.example.com/api/health --requests 1000 --concurrency 10'))
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/baseline.js')).baselineOf(app, flags, await world()), flags.json === true),
    );
}

function addRbac(program: Command, run: (work: Run, json: boolean) => Promise<void>): void {
  type Flags = { readonly json?: boolean };
  program
    .command('rbac')
    .description('print the smallest Role for what is to be done, as YAML; asks no cluster')
    .option('--for <purposes>', 'what it is for, several by comma: rolling, canary, blue-green, reports, diagnose … (default: rolling)')
    .option('--list', 'what there is to choose from')
    .option('-n, --namespace <name>', 'namespace (default: that of the config, else default)')
    .option('--name <name>', 'of the Role and its binding (default: shepherd)')
    .option('--subject <who>', 'also a RoleBinding: ServiceAccount:name, ServiceAccount:namespace/name, User:name or Group:name')
    .option('-c, --config <file>', configText)
    .option('--environment <name>', 'an environment of the config')
    .option('--json', 'output for programs')
    .addHelpText('after', examplesOf('rbac --for canary,reports -n shop', 'rbac --for blue-green --subject ServiceAccount:ci/deployer | kubectl apply -f -'))
    .action((flags: Flags) => run(async (world) => (await import('./commands/rbac.js')).rbac(flags, await world()), flags.json === true));
}

/** The config: to begin with, to look at, and for editors. */
function addConfig(program: Command, run: (work: Run, json: boolean) => Promise<void>): void {
  type Flags = { readonly json?: boolean };
  program
    .command('init')
    .description('look at the apps of a cluster and write a config for them; reads the cluster and writes one file')
    .option('-n, --namespace <names>', "namespace, or several, which become environments: staging,production (default: the context's)")
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <path>', 'kubeconfig (default: KUBECONFIG, ~/.kube/config)')
    .option('--format <format>', 'yaml, json, ts or mjs (default: yaml)')
    .option('--print', 'show it and write nothing')
    .option('--force', 'write over a config of the same name')
    .option('-y, --yes', 'ask nothing')
    .option('--json', 'output for programs')
    .addHelpText('after', examplesOf('init -n shop', 'init -n staging,production --format ts'))
    .action((flags: Flags) => run(async (world) => (await import('./commands/init.js')).init(flags, await world()), flags.json === true));
  program
    .command('config')
    .argument('<what>', 'check')
    .description('check: look at the config without a cluster, and print what each environment comes to; 2 where something is wrong')
    .option('-c, --config <file>', configText)
    .option('--environment <name>', 'only this environment of it')
    .option('--config-format <what>', 'data: refuse a config that is code (default: any)')
    .option('--json', 'output for programs')
    .addHelpText('after', examplesOf('config check', 'config check --environment production --json'))
    .action((what: string, flags: Flags) =>
      run(async (world) => (await import('./commands/config-check.js')).configCommand(what, flags, await world()), flags.json === true),
    );
  program
    .command('schema')
    .description('print the JSON Schema of a config, for editors')
    .action(() => run(async (world) => (await import('./commands/schema.js')).schema(await world()), false));
}

/** Judging without a release. */
function addRehearsals(program: Command, run: (work: Run, json: boolean) => Promise<void>): void {
  type Flags = { readonly json?: boolean };
  program
    .command('backtest')
    .description('what the metrics of a past release would have led to: 0 goes on · 3 taken back · 7 inconclusive')
    .argument('[app]', 'name of the Deployment: shop/web')
    .option('-n, --namespace <name>', 'namespace (default: default)')
    .option('--prometheus <url>', 'where the requests of the app were counted')
    .option('--range <range>', 'FROM/TO, as ISO 8601 with a zone, or how far back from now: 2h')
    .option('--candidate <regex>', 'names of the pods of the new version (default: APP-candidate-.*)')
    .option('--stable <regex>', 'names of those that it is compared with (default: the other pods of the Deployment)')
    .option('--save <file>', 'record all readings of the range, for --file; must not exist')
    .option('--file <file>', 'readings of --save, or one reading a line as JSON, instead of --prometheus')
    .option('--every <time>', `time between two polls, not below the scrape interval ${seconds} (default: 15)`)
    .option('--interval <time>', `time of the stage ${seconds} (default: 300)`)
    .option('--against <what>', 'stable, or limits alone as after a switch (default: stable)')
    .option(...thresholds.error)
    .option(...thresholds.latency)
    .option(...thresholds.sensitivity)
    .option(...thresholds.inconclusive)
    .option('-c, --config <file>', configText)
    .option('--environment <name>', 'an environment of the config')
    .option('--json', 'one line of JSON, with up to 200 polls')
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/backtest.js')).backtest(app, flags, await world()), flags.json === true),
    );
  withStrategy(
    program
      .command('simulate')
      .description('play a release in a sandbox in virtual time: plan, events, outcome, failed requests; needs no cluster; exit codes of deploy'),
  )
    .option('--replicas <number>', 'pods of the app (default: 4)')
    .option('--rate <number>', 'requests a second (default: 50)')
    .option('--startup <time>', `how long pods take to start, of both versions ${seconds}`)
    .option('--new-error-rate <share>', 'share of requests that the new version fails: 0.02, or 2%')
    .option('--new-latency <time>', 'how long its requests take (ms, or 0.3s)')
    .option('--new-health <status>', 'what its /api/health answers: 503')
    .option('--new-crash [time]', `its process ends with exit code 1: at its start, or so long after ${seconds}`)
    .option('--old-error-rate <share>', 'share of requests that the version before fails')
    .option('--seed <number>', 'of all that chance decides (default: 1)')
    .option('-c, --config <file>', configText)
    .option('--environment <name>', 'an environment of the config')
    .option('--json', 'output for programs')
    .action((flags: Flags) => run(async (world) => (await import('./commands/simulate.js')).simulate(flags, await world()), flags.json === true));
}

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
  addPreflight(program, run);
  addRbac(program, run);
  addVerification(program, run);
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
    .option('--force', 'ask nothing; a rollback passes no gate and no window anyway, but needs the lock')
    .option('--dry-run', 'show the plan and write nothing')
    .option('--timeout <time>', `of all attempts together ${seconds} (default: 3600)`)
    .option('--reason <text>', 'why; kept in the journal')
    .option('--json', 'output for programs')
    .option('--revision <number>', "revision by the cluster's or helm's number, as --list shows it")
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/rollback.js')).rollback(app, flags, await world()), flags.json === true),
    );
  withApp(program.command('history').description('the revisions of an app: when, who, verified or not, images, config; the newest first'))
    .option('--json', 'output for programs')
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/history.js')).history(app, flags, await world()), flags.json === true),
    );
  withApp(program.command('status').description('where an app and its last rollout stand'))
    .option('--events', 'what the cluster noted about the app since the rollout began, the newest last')
    .option('--json', 'output for programs')
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/status.js')).status(app, flags, await world()), flags.json === true),
    );
  withApp(program.command('watch').description('follow a rollout (by app or id) until it ends; without one, the pods until Ctrl-C'))
    .option('--pods', 'the pods of all tracks, and each change of them')
    .option(
      '--for <time>',
      `watch over it for so long, as after a release, and as long as a clock of an incident runs ${seconds}: who is to be called is called`,
    )
    .option('--auto', 'with --for: go back by itself where degradation is no better after 15 minutes')
    .option('--json', 'output for programs')
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/watch.js')).watch(app, flags, await world()), flags.json === true),
    );
  addConfig(program, run);
  addCommands(program, run);
  const noticeGroups = addNotices(program, run, { withConnection, withApp, examplesOf, seconds });
  addRehearsals(program, run);
  addEmergency(program, run, withApp);
  const lock = program.command('lock').description('who may write to an app: one process at a time');
  withApp(lock.command('status').description('who holds the lock of an app (or of a rollout id), since when, and what it does'))
    .option('--json', 'output for programs')
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/lock.js')).lockStatus(app, flags, await world()), flags.json === true),
    );
  withConnection(
    lock.command('release').description('take the lock from a process that is gone; it stops where it is').argument('<id>', 'exact id of its rollout'),
  )
    .option('-y, --yes', 'ask nothing')
    .option('--json', 'output for programs')
    .action((id: string, flags: Flags) =>
      run(async (world) => (await import('./commands/lock.js')).lockRelease(id, flags, await world()), flags.json === true),
    );
  program
    .command('demo')
    .description('good and bad releases with every strategy, under load, on a cluster inside this process')
    .option('--json', 'one line of JSON at the end')
    .action((flags: Flags) => run(async (world) => (await import('./commands/demo.js')).demo(flags, await world()), flags.json === true));
  program
    .command('sandbox')
    .description('a cluster inside this process, for kubectl, helm and shepherd; Ctrl-C ends it')
    .option('--app [name]', 'install the sample app (default name: web)')
    .option('--replicas <number>', 'pods of the sample app (default: 3)')
    .option('--kubeconfig <file>', 'where to write its kubeconfig; must not exist (default: a temporary file)')
    .option('--json', 'one line of JSON when it is ready')
    .action((flags: Flags) => run(async (world) => (await import('./commands/sandbox.js')).sandbox(flags, await world()), flags.json === true));
  for (const command of [program, ...program.commands, ...lock.commands, ...noticeGroups.flatMap(({ commands }) => commands)])
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  return program;
}
