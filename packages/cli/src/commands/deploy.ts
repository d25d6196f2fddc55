import { basename } from 'node:path';
import { loadSettings } from '../config/load-config.js';
import { deployInput } from '../flags/deploy-input.js';
import type { DeployFlags } from '../flags/flags.js';
import { refuseFreeze } from '../flags/gates.js';
import type { CliRelease } from '../release.js';
import type { World } from '../world.js';
import { plan } from './plan.js';
import { rollback } from './rollback.js';
import { inContext, runRollout } from './run-rollout.js';
import { withShepherd } from './with-shepherd.js';

/** Releases, and shows it until its end. `--dry-run` prints the plan instead. */
export async function deploy(argument: string | undefined, flags: DeployFlags, world: World): Promise<number> {
  // The guide's other way to say it; the strategy is that of what is gone back from.
  if (flags.rollback === true && releasesNothing(flags)) return rollback(argument, flags, world);
  const { connection, request, ask, expect, onInterrupt, flushTimeout } = deployInput(argument, flags, await loadSettings(flags, world.io), world.output);
  if (flags.dryRun) return plan(argument, flags, world);
  refuseFreeze(flags, world.io.env);
  const app = String(request.app);
  const title = flags.image ?? flags.env?.map((pair) => pair.split('=')[0]).join(', ') ?? chartTitle(request.release);
  return withShepherd(
    connection,
    world,
    async (session) =>
      runRollout(
        {
          app,
          title,
          ask,
          waits: ask || flags.approval !== undefined,
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

/** `chart shepherd (values-prod.yaml)`. */
function chartTitle(release: CliRelease): string | undefined {
  if (!('chart' in release)) return undefined;
  const files = (release.values ?? []).filter((each) => typeof each === 'string').map((file) => basename(file));
  return `chart ${basename(release.chart)}${files.length === 0 ? '' : ` (${files.join(', ')})`}`;
}

const releasesNothing = ({ image, env, chart, values, set, revision }: DeployFlags): boolean =>
  [image, env, chart, values, set, revision].every((each) => each === undefined);
