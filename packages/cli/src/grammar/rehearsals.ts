import type { Command } from 'commander';
import { acts, type Run, seconds, thresholds, withConfig, withExamples, withStrategy } from './ways.js';

/** A release that does not happen: judged from the past, played in virtual time, or on a cluster inside this process. */
export function addRehearsals(program: Command, run: Run): void {
  acts(
    withExamples(
      withConfig(
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
          .option(...thresholds.inconclusive),
      ),
      'backtest shop/web --prometheus http://localhost:9090 --range 2h',
      'backtest --file yesterday.ndjson --sensitivity high',
    ),
    run,
    async () => (await import('../commands/backtest.js')).backtest,
  );
  acts(
    withExamples(
      withConfig(
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
          .option('--seed <number>', 'of all that chance decides (default: 1)'),
      ),
      'simulate --strategy canary --new-error-rate 2%',
      'simulate --strategy blue-green --new-health 503',
    ),
    run,
    async () => (await import('../commands/simulate.js')).simulate,
  );
  acts(
    withExamples(program.command('demo').description('good and bad releases with every strategy, under load, on a cluster inside this process'), 'demo'),
    run,
    async () => (await import('../commands/demo.js')).demo,
  );
  acts(
    withExamples(
      program
        .command('sandbox')
        .description('a cluster inside this process, for kubectl, helm and shepherd; Ctrl-C ends it')
        .option('--app [name]', 'install the sample app (default name: web)')
        .option('--replicas <number>', 'pods of the sample app (default: 3)')
        .option('--kubeconfig <file>', 'where to write its kubeconfig; must not exist (default: a temporary file)'),
      'sandbox --app web --kubeconfig ./sandbox.yaml',
    ),
    run,
    async () => (await import('../commands/sandbox.js')).sandbox,
  );
}
