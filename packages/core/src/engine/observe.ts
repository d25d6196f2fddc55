import type { Target } from '../plan/situation.js';
import type { PortContext } from '../ports/context.js';
import type { Platform } from '../ports/platform.js';

/** One app as it stands now, in one look. */
export async function observe(platform: Platform<never>, { look = {}, ...asked }: PortContext, touched: boolean): Promise<Target> {
  const context = { ...asked, look };
  const [tracks, router, autoscaler] = await Promise.all([
    platform.tracks.inspect(context),
    platform.router.describe(context),
    platform.autoscaler?.read(context),
  ]);
  const weight = await platform.router.get(context);
  const autoscaled = autoscaler === undefined ? {} : { autoscaled: { ...autoscaler, holdable: true } };
  return { app: context.app, ...tracks, ...autoscaled, weight, touched, router };
}
