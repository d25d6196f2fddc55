import type { Target } from '../plan/situation.js';
import type { PortContext } from '../ports/context.js';
import type { Platform } from '../ports/platform.js';

/** One app as it stands now. */
export async function observe(platform: Platform<never>, context: PortContext, touched: boolean): Promise<Target> {
  const [tracks, router] = await Promise.all([platform.tracks.inspect(context), platform.router.describe(context)]);
  const weight = tracks.candidate === undefined ? 0 : await platform.router.get(context);
  return { app: context.app, ...tracks, weight, touched, router };
}
