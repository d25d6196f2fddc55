import type { Command } from 'commander';
import type { World } from './world.js';

type Work = (world: () => Promise<World>) => Promise<number>;
type Flags = { readonly json?: boolean };

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** What is typed when an app is not well. */
export function addEmergency(program: Command, run: (work: Work, json: boolean) => Promise<void>, withApp: (command: Command) => Command): void {
  withApp(program.command('diagnose').description('say why an app is not well, by what, and what to do next; changes nothing'))
    .argument('[trouble]', 'what to show beside the causes: outage, partial, slow, database or registry')
    .option('--dependency <NAME=HOST:PORT/PATH>', 'what the app needs, may be repeated; PATH: of the app, answers 2xx if it could log in there', collect)
    .option('--json', 'output for programs')
    .action((app: string | undefined, trouble: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/diagnose.js')).diagnoseApp(app, trouble, flags, await world()), flags.json === true),
    );
  const remedy = (command: Command): Command =>
    command
      .option('--reason <text>', 'why; kept in the journal')
      .option('--timeout <time>', 'of the whole; then it is taken back (seconds, or 3m) (default: 3600)')
      .option('-y, --yes', 'ask nothing')
      .option('--dry-run', 'show the plan and write nothing')
      .option('--on-interrupt <what>', 'at Ctrl-C or SIGTERM: rollback, or pause to leave it where it stands (default: rollback)')
      .option('--json', 'output for programs');
  remedy(withApp(program.command('restart').description('replace all pods by new ones of the same release, one after the other')))
    .option('--pod <name>', 'evict this pod alone, as its disruption budgets allow')
    .action((app: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/remedy.js')).restart(app, flags, await world()), flags.json === true),
    );
  remedy(withApp(program.command('scale').description('run so many pods from here on; refused where an autoscaler decides that')))
    .argument('[replicas]', 'how many pods')
    .action((app: string | undefined, replicas: string | undefined, flags: Flags) =>
      run(async (world) => (await import('./commands/remedy.js')).scale(app, replicas, flags, await world()), flags.json === true),
    );
}
