import { loadSettings } from '../config/load-config.js';
import { planInput } from '../flags/deploy-input.js';
import type { PlanFlags } from '../flags/flags.js';
import { planText } from '../render/plan-text.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

/** Prints what a deploy with the same flags would do. Writes nothing. */
export async function plan(argument: string | undefined, flags: PlanFlags, world: World): Promise<number> {
  const { connection, request } = planInput(argument, flags, await loadSettings(flags, world.io.cwd));
  return withShepherd(connection, world, async ({ shepherd, interrupt }) => {
    const planned = await shepherd.plan(request, { signal: interrupt.abortSignal });
    world.io.stdout.write(`${flags.json ? JSON.stringify(planned) : planText(planned, world.io.stdout.columns)}\n`);
    return 0;
  });
}
