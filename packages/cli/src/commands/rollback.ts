import { loadSettings } from '../config/load-config.js';
import type { RollbackFlags } from '../flags/flags.js';
import { rollbackInput } from '../flags/rollback-input.js';
import { planText } from '../render/plan-text.js';
import type { World } from '../world.js';
import { revisionText } from './history.js';
import { circumstances, inContext, runRollout } from './run-rollout.js';
import { withShepherd } from './with-shepherd.js';

/** Goes to an older revision, and shows it until its end. `--list` prints the revisions instead. */
export async function rollback(argument: string | undefined, flags: RollbackFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const { connection, request, ask, production, onInterrupt, flushTimeout } = rollbackInput(
    argument,
    flags,
    settings,
    await circumstances(flags, settings, world),
  );
  const { stdout } = world.io;
  return withShepherd(
    connection,
    world,
    async (session) => {
      const { shepherd, interrupt } = session;
      const app = String(request.app);
      if (flags.list) {
        stdout.write(`${await revisionText(shepherd, app, flags.json === true)}\n`);
        return 0;
      }
      if (flags.dryRun) {
        const planned = await shepherd.plan(request, { signal: interrupt.abortSignal });
        world.report.plan(planned);
        stdout.write(`${flags.json ? JSON.stringify(planned) : planText(planned, stdout.columns)}\n`);
        return 0;
      }
      return runRollout(
        {
          app,
          title: request.to === undefined ? 'the revision before' : `revision ${request.to}`,
          ask,
          production,
          expect: undefined,
          onInterrupt,
          json: flags.json === true,
          question: `Roll ${app} back${ask ? await inContext(connection, world) : ''}?`,
          plan: (by, signal) => by.plan(request, { signal }),
          start: (by, options) => by.rollback(request, options),
        },
        session,
        world,
      );
    },
    { flushTimeout },
  );
}
