import type { Command } from 'commander';
import { acts, collect, type Run, withApp, withConsent, withExamples } from './ways.js';

/** What is typed when an app is not well. */
export function addEmergency(program: Command, run: Run): void {
  acts(
    withExamples(
      withApp(program.command('diagnose').description('say why an app is not well, by what, and what to do next; changes nothing'))
        .argument('[trouble]', 'what to show beside the causes: outage, partial, slow, database or registry')
        .option('--dependency <NAME=HOST:PORT/PATH>', 'what the app needs, may be repeated; PATH: of the app, answers 2xx if it could log in there', collect)
        .option('--allow-private', 'with registry: ask registries whose address is not of the internet, too'),
      'diagnose web',
      'diagnose web registry',
      'diagnose web database --dependency mongodb=mongodb-0.mongodb-headless.mongodb.svc.cluster.local:27017/api/health',
    ),
    run,
    async () => (await import('../commands/diagnose.js')).diagnoseApp,
  );
  acts(
    withExamples(
      remedy(withApp(program.command('restart').description('replace all pods by new ones of the same release, one after the other'))).option(
        '--pod <name>',
        'evict this pod alone, as its disruption budgets allow',
      ),
      'restart web --reason "leaks memory"',
      'restart web --pod web-7d4b9c-x2x1z --yes',
    ),
    run,
    async () => (await import('../commands/remedy.js')).restart,
  );
  acts(
    withExamples(
      remedy(withApp(program.command('scale').description('run so many pods from here on; refused where an autoscaler decides that'))).argument(
        '[replicas]',
        'how many pods',
      ),
      'scale web 5',
      'scale production/web 5 --confirm web --reason "queue grows"',
    ),
    run,
    async () => (await import('../commands/remedy.js')).scale,
  );
}

const remedy = (command: Command): Command =>
  withConsent(command)
    .option('--reason <text>', 'why; kept in the journal')
    .option('--timeout <time>', 'of the whole; then it is taken back (seconds, or 3m) (default: 3600)')
    .option('--dry-run', 'show the plan and write nothing')
    .option('--on-interrupt <what>', 'at Ctrl-C or SIGTERM: pause, which leaves it where it stands, or rollback (default: pause at a terminal, else rollback)');
