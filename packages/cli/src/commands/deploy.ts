import { loadSettings } from '../config/load-config.js';
import { deployInput } from '../flags/deploy-input.js';
import type { DeployFlags } from '../flags/flags.js';
import { canAsk } from '../io.js';
import type { World } from '../world.js';
import { plan } from './plan.js';
import { inContext, runRollout } from './run-rollout.js';
import { withShepherd } from './with-shepherd.js';

/** Releases, and shows it until its end. `--dry-run` prints the plan instead. */
export async function deploy(argument: string | undefined, flags: DeployFlags, world: World): Promise<number> {
  const { connection, request, ask, expect, onInterrupt, flushTimeout } = deployInput(
    argument,
    flags,
    await loadSettings(flags, world.io.cwd),
    canAsk(world.io),
  );
  if (flags.dryRun) return plan(argument, flags, world);
  const app = String(request.app);
  const title = flags.image ?? flags.env?.map((pair) => pair.split('=')[0]).join(', ');
  return withShepherd(
    connection,
    world,
    async (session) =>
      runRollout(
        {
          app,
          title,
          ask,
          expect,
          onInterrupt,
          json: flags.json === true,
          question: `Release ${title} to ${app}${ask ? await inContext(connection, world) : ''}?`,
          plan: (shepherd, signal) => shepherd.plan(request, { signal }),
          start: (shepherd, options) => shepherd.deploy(request, options),
        },
        session,
        world,
      ),
    { flushTimeout },
  );
}
