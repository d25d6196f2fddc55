import { type WindowState, windowState } from '@shepherd/core/gates';
import { loadSettings } from '../config/load-config.js';
import type { LoadedSettings } from '../config/settings.js';
import { planInput } from '../flags/deploy-input.js';
import type { PlanFlags } from '../flags/flags.js';
import { adviceLines } from '../render/advice-lines.js';
import { planText } from '../render/plan-text.js';
import { suggestStrategy } from '../suggest.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

/** Prints what a deploy with the same flags would do, and what fits the change. Writes nothing. */
export async function plan(argument: string | undefined, flags: PlanFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const { connection, request } = planInput(argument, flags, settings);
  const { stdout } = world.io;
  return withShepherd(connection, world, async ({ shepherd, interrupt }) => {
    const planned = await shepherd.plan(request, { signal: interrupt.abortSignal });
    world.report.plan(planned);
    const { images } = planned;
    const from = images === undefined ? [] : ((await shepherd.status(request.app as string)).target.stable?.revision.images ?? []);
    const suggestion = images === undefined ? undefined : suggestStrategy({ from, to: images, risk: settings.risk });
    const windows = windowsNow(settings, planned.targets[0], world.clock.now());
    const said = { ...(suggestion === undefined ? {} : { suggestion }), ...(windows === undefined ? {} : { windows }) };
    const advice = adviceLines(planned, flags.strategy ?? settings.strategy ?? 'rolling', suggestion, windows, world.clock.now());
    stdout.write(flags.json ? `${JSON.stringify({ ...planned, ...said })}\n` : `${[planText(planned, stdout.columns), ...advice].join('\n')}\n`);
    return 0;
  });
}

function windowsNow({ windows, environment }: LoadedSettings, app: Parameters<typeof windowState>[2]['app'], now: Date): WindowState | undefined {
  return windows === undefined ? undefined : windowState(windows, now, { app, environment });
}
