import type { CommandName } from '@shepherd/core';
import type { Command } from 'commander';
import type { CommandFlags } from '../commands/command-rollout.js';
import type { World } from '../world.js';
import { acts, type Run, seconds, withApp, withConnection, withExamples } from './ways.js';

const toRollouts: readonly (readonly [CommandName, string, readonly string[]])[] = [
  ['resume', 'go on with a rollout that nobody drives, or that is paused', ['resume web']],
  ['abort', 'take a running rollout back', ['abort web --reason "customers complain"']],
  ['pause', 'hold a running rollout before its next step', ['pause web --timeout 30m --on-timeout rollback']],
  ['promote', 'skip the waiting that is left, not the checks', ['promote web']],
  ['approve', 'let a rollout go on that waits for approval', ['approve web --by ann --follow']],
  ['reject', 'take a rollout back that waits for approval', ['reject web --reason "the graph looks wrong"']],
];

/** What runs: to look at, to tell something from any process, and to drive where nobody does. */
export function addRollouts(program: Command, run: Run): void {
  acts(
    withExamples(
      withApp(program.command('status').description('where an app and its last rollout stand')).option(
        '--events',
        'what the cluster noted about the app since the rollout began, the newest last',
      ),
      'status web',
      'status shop/web --events',
    ),
    run,
    async () => (await import('../commands/status.js')).status,
  );
  acts(
    withExamples(
      withApp(program.command('watch').description('follow a rollout (by app or id) until it ends; without one, the pods until Ctrl-C'))
        .option('--pods', 'the pods of all tracks, and each change of them')
        .option(
          '--for <time>',
          `watch over it for so long, as after a release, and as long as a clock of an incident runs ${seconds}: who is to be called is called`,
        )
        .option('--auto', 'with --for: go back by itself where degradation is no better after 15 minutes'),
      'watch web',
      'watch web --pods',
      'watch web --for 30m --auto',
    ),
    run,
    async () => (await import('../commands/watch.js')).watch,
  );
  for (const [name, text, examples] of toRollouts) {
    const command = withApp(program.command(name).description(`${text} (by app or id)`))
      .option('--reason <text>', 'why; kept in the journal')
      .option('--by <name>', 'who asks (default: user@host, or the CI run)')
      .option(
        '--on-interrupt <what>',
        'where this process has to drive, at Ctrl-C or SIGTERM: pause or rollback (default: pause at a terminal, else rollback)',
      );
    if (name === 'pause') {
      command.option('--timeout <time>', `how long at most ${seconds} (default: 3600)`);
      command.option('--on-timeout <what>', 'then: continue or rollback (default: rollback)');
    }
    if (name !== 'resume' && name !== 'abort') command.option('--follow', 'show it to its end, also where another process drives it');
    acts(withExamples(command, ...examples), run, async () => {
      const { commandRollout } = await import('../commands/command-rollout.js');
      return (app: string | undefined, flags: CommandFlags, world: World) => commandRollout(name, app, flags, world);
    });
  }
  acts(
    withExamples(
      withConnection(program.command('recover').description('drive every rollout that nobody drives; several of them make a runner that does not die'))
        .option('-A, --all-namespaces', 'look in all namespaces')
        .option('--follow', 'for good, not once'),
      'recover -n shop',
      'recover --all-namespaces --follow',
    ),
    run,
    async () => {
      const { recover } = await import('../commands/recover.js');
      return (flags: Parameters<typeof recover>[0], world: World) => recover(flags, world);
    },
  );
  acts(
    withExamples(
      withConnection(
        program
          .command('watchdog')
          .argument('[run]', 'run: be the watchdog, as its pod does')
          .description('put a pod into a namespace that takes back rollouts whose driver died while the new version had traffic'),
      )
        .option('--image <image>', 'image that runs node and has /app/shepherd.mjs (see docs/guides/crash-and-resume.md)')
        .option('--print', 'print the objects as YAML and write nothing'),
      'watchdog -n shop --image registry/shepherd:1.0.0 --print',
    ),
    run,
    async () => (await import('../commands/watchdog.js')).watchdog,
  );
}
