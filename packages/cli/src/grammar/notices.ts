import type { Command } from 'commander';
import type { World } from '../world.js';
import { acts, type Run, seconds, withApp, withConfig, withConnection, withExamples } from './ways.js';

const verbs = [
  [
    'open',
    'tell people that something is wrong; data corruption and security are escalated at once, and a rollout that runs is held',
    'incident open web --kind outage --reason "CRITICAL: web outage detected. Emergency rollback initiated."',
  ],
  ['cause', 'record the cause: nobody is called for not knowing it (by app or id)', 'incident cause web --cause "the database is full"'],
  ['resolve', 'it is over: the alert is closed (by app or id)', 'incident resolve web --reason "disk was grown"'],
  ['list', 'what is open, and what was', 'incident list web'],
] as const;

/** Who is told: incidents, and the channels of notices. */
export function addNotices(program: Command, run: Run): void {
  const incident = program.command('incident').description('what is wrong with an app, and who is called: opened once, escalated by its clocks, resolved');
  for (const [verb, text, example] of verbs) {
    const command = withApp(incident.command(verb).description(text));
    if (verb !== 'list') command.option('--kind <kind>', 'outage, degradation, data-corruption, security or cluster');
    if (verb === 'open') command.option('--since <time>', 'when it began, as ISO 8601 (default: now)');
    if (verb === 'cause') command.requiredOption('--cause <text>', 'what it is');
    if (verb === 'open' || verb === 'resolve') command.option('--reason <text>', verb === 'open' ? 'what is wrong, for those who are told' : 'what helped');
    acts(withExamples(command, example), run, async () => {
      const { incident: act } = await import('../commands/incident.js');
      return (app: string | undefined, flags: Parameters<typeof act>[2], world: World) => act(verb, app, flags, world);
    });
  }
  const notify = program.command('notify').description('who is told what happens: the channels of the config');
  acts(
    withExamples(
      withConnection(notify.command('flush').description('send what nobody got yet, under the same ids: 0 nothing is left · 1 something is'))
        .option('-A, --all-namespaces', 'look in all namespaces')
        .option('--timeout <time>', `for all of it ${seconds} (default: 120)`),
      'notify flush -n shop',
      'notify flush --all-namespaces --json',
    ),
    run,
    async () => (await import('../commands/notify.js')).notifyFlush,
  );
  acts(
    withExamples(
      withConfig(
        notify
          .command('test')
          .argument('[channels...]', 'names in the config (default: all)')
          .description('send one harmless notice to each channel, and say what it answered: 0 all took it · 1 one did not')
          .option('--alert', 'as an incident that is opened and resolved: PagerDuty calls whoever is on call'),
      ),
      'notify test',
      'notify test on-call --alert',
    ),
    run,
    async () => (await import('../commands/notify.js')).notifyTest,
  );
}
