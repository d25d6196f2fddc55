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
}
