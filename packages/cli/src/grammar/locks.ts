import type { Command } from 'commander';
import { acts, type Run, withApp, withConnection, withConsent, withExamples } from './ways.js';

/** Who may write. */
export function addLocks(program: Command, run: Run): void {
  const lock = program.command('lock').description('who may write to an app: one process at a time');
  acts(
    withExamples(
      withApp(lock.command('status').description('who holds the lock of an app (or of a rollout id), since when, and what it does')),
      'lock status web',
    ),
    run,
    async () => (await import('../commands/lock.js')).lockStatus,
  );
  acts(
    withExamples(
      withConsent(
        withConnection(
          lock.command('release').description('take the lock from a process that is gone; it stops where it is').argument('<id>', 'exact id of its rollout'),
        ),
      ),
      'lock release prod_shop_web_01KDVDNA00S8BNQNW8 --yes',
    ),
    run,
    async () => (await import('../commands/lock.js')).lockRelease,
  );
}
