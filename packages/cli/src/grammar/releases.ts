import type { Command } from 'commander';
import { acts, type Run, seconds, withApp, withExamples, withPlan, withRun } from './ways.js';

/** A release and the way back. */
export function addReleases(program: Command, run: Run): void {
  acts(
    withExamples(
      withPlan(program.command('plan').description('show what a deploy would do; writes nothing')),
      'plan web --image registry/web:1.3.0',
      'plan shop/web --image registry/web:1.3.0 --strategy canary --prometheus http://localhost:9090 --json',
    ),
    run,
    async () => (await import('../commands/plan.js')).plan,
  );
  acts(
    withExamples(
      withPlan(
        program
          .command('preflight')
          .description('what stands in the way of a deploy with the same flags: rights, room, secrets, lint; writes nothing; 5 where it would be refused'),
      )
        .option('--sarif <file>', 'also as SARIF 2.1.0 for code scanning, to a file or - for stdout')
        .option('--strict', 'warnings count as errors')
        .option('--helm-repos', 'also list the repositories of helm on this machine, and refresh them'),
      'preflight web --image registry/web:1.3.0',
      'preflight web --chart ./chart -f prod.yaml --sarif shepherd.sarif',
    ),
    run,
    async () => (await import('../commands/preflight.js')).preflight,
  );
  acts(
    withExamples(
      withRun(withPlan(program.command('deploy').description('release an image, or a change of the environment')))
        .option('--auto', 'the same as --yes: no question between stages either')
        .option('--dry-run', 'show the plan and write nothing')
        .option('--expect <hash>', 'run the plan of this hash or nothing, and ask nothing'),
      'deploy web --image registry/web:1.3.0',
      'deploy web --image registry/web:1.3.0 --strategy canary --stages "5,25,100" --interval 3m --prometheus http://localhost:9090 --auto',
      'deploy web --chart ./chart -f values-prod.yaml --set image.tag=1.3.0 --yes -o ndjson',
    ),
    run,
    async () => (await import('../commands/deploy.js')).deploy,
  );
  acts(
    withExamples(
      withRun(withApp(program.command('rollback').description('go back to an older revision')))
        .option('--to <hash>', 'revision (default: the newest good one before this)')
        .option('--list', 'show the revisions and change nothing')
        .option('--force', 'ask nothing, in production either; a rollback passes no gate and no window anyway, but needs the lock')
        .option('--dry-run', 'show the plan and write nothing')
        .option('--timeout <time>', `of all attempts together ${seconds} (default: 3600)`)
        .option('--reason <text>', 'why; kept in the journal')
        .option('--revision <number>', "revision by the cluster's or helm's number, as --list shows it"),
      'rollback web --list',
      'rollback web --reason "error spike"',
      'rollback production/web --confirm web --reason "error spike"',
      'rollback web --revision 5 --force --reason "Complete service outage - emergency rollback"',
    ),
    run,
    async () => (await import('../commands/rollback.js')).rollback,
  );
  acts(
    withExamples(
      withApp(program.command('history').description('the revisions of an app: when, who, verified or not, images, chart, config; the newest first')).option(
        '--log <file>',
        'also keep a line of the last rollout in a file, once: when, what, where, how, by whom, and how it ended',
      ),
      'history web',
      'history web --log deployment.log',
      'history web --json',
    ),
    run,
    async () => (await import('../commands/history.js')).history,
  );
}
