import type { Command } from 'commander';
import { acts, collect, type Run, withApp, withExamples } from './ways.js';

/** What serves: is it well, and how fast is it. */
export function addServing(program: Command, run: Run): void {
  acts(
    withExamples(
      withApp(
        program
          .command('verify')
          .description('is the version that serves as it should be: pods, endpoints, health, and what is asked for; writes nothing; 1 where not'),
      )
        .option('--check <path>', 'path that every pod must answer with 200, may be repeated', collect)
        .option('--guide', "the guide's verifications: pods, health, API, metrics, replicas")
        .option('--metrics [path]', 'every pod serves metrics (default: /metrics)')
        .option('--logs', 'also the lines of trouble in the last 100 log lines of each pod; for you to read, they decide nothing')
        .option('--url <url>', 'also one request from here, with the time of each part: DNS, connect, TLS, first byte, total'),
      'verify web',
      'verify web --guide --url https://shop.example.com/api/health',
    ),
    run,
    async () => (await import('../commands/verify.js')).verifyApp,
  );
  acts(
    withExamples(
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
        .option('-y, --yes', 'production may be loaded'),
      'baseline web',
      'baseline web --url https://shop.example.com/api/health --requests 1000 --concurrency 10',
    ),
    run,
    async () => (await import('../commands/baseline.js')).baselineOf,
  );
}
