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
  return [addNotify(program, run, ways)];
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
