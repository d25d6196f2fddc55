import type { Command } from 'commander';
import type { World } from './world.js';

type Run = (work: (world: () => Promise<World>) => Promise<number>, json: boolean) => Promise<void>;
type Flags = { readonly json?: boolean };

/** How every command names a cluster and an app. */
export interface Ways {
  withConnection(command: Command): Command;
  withApp(command: Command): Command;
  examplesOf(...lines: readonly string[]): string;
  readonly seconds: string;
}

/** Who is told. @returns the groups whose commands it made */
export function addNotices(program: Command, run: Run, ways: Ways): readonly Command[] {
  return [addNotify(program, run, ways), addIncidents(program, run, ways)];
}

function addIncidents(program: Command, run: Run, { withApp, examplesOf }: Ways): Command {
  const incident = program.command('incident').description('what is wrong with an app, and who is called: opened once, escalated by its clocks, resolved');
  const verbs = [
    ['open', 'tell people that something is wrong; data corruption and security are escalated at once, and a rollout that runs is held'],
    ['cause', 'record the cause: nobody is called for not knowing it (by app or id)'],
    ['resolve', 'it is over: the alert is closed (by app or id)'],
    ['list', 'what is open, and what was'],
  ] as const;
  for (const [verb, text] of verbs) {
    const command = withApp(incident.command(verb).description(text)).option('--json', 'output for programs');
    if (verb !== 'list') command.option('--kind <kind>', 'outage, degradation, data-corruption, security or cluster');
    if (verb === 'open') command.option('--since <time>', 'when it began, as ISO 8601 (default: now)');
    if (verb === 'cause') command.requiredOption('--cause <text>', 'what it is');
    if (verb === 'open' || verb === 'resolve') command.option('--reason <text>', verb === 'open' ? 'what is wrong, for those who are told' : 'what helped');
    if (verb === 'open')
      command.addHelpText('after', examplesOf('incident open web --kind outage --reason "CRITICAL: web outage detected. Emergency rollback initiated."'));
    if (verb === 'cause') command.addHelpText('after', examplesOf('incident cause web --cause "the database is full"'));
    command.action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/incident.js')).incident(verb, app, flags, await world()), flags.json === true),
    );
  }
  return incident;
}

function addNotify(program: Command, run: Run, { withConnection, examplesOf, seconds }: Ways): Command {
  const notify = program.command('notify').description('who is told what happens: the channels of the config');
  withConnection(notify.command('flush').description('send what nobody got yet, under the same ids: 0 nothing is left · 1 something is'))
    .option('-A, --all-namespaces', 'look in all namespaces')
    .option('--timeout <time>', `for all of it ${seconds} (default: 120)`)
    .option('--json', 'output for programs')
    .addHelpText('after', examplesOf('notify flush -n shop', 'notify flush --all-namespaces --json'))
    .action((flags: Flags) => run(async (world) => (await import('./commands/notify.js')).notifyFlush(flags, await world()), flags.json === true));
  notify
    .command('test')
    .argument('[channels...]', 'names in the config (default: all)')
    .description('send one harmless notice to each channel, and say what it answered: 0 all took it · 1 one did not')
    .option('--alert', 'as an incident that is opened and resolved: PagerDuty calls whoever is on call')
    .option('-c, --config <file>', 'config (default: shepherd.config.{mjs,js,json,yaml} from here upward)')
    .option('--environment <name>', 'an environment of the config')
    .option('--json', 'output for programs')
    .addHelpText('after', examplesOf('notify test', 'notify test on-call --alert'))
    .action((names: readonly string[], flags: Flags) =>
      run(async (world) => (await import('./commands/notify.js')).notifyTest(names, flags, await world()), flags.json === true),
    );
  return notify;
}
