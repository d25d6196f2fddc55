import type { Issue } from '@shepherd/core';
import { loadSettings } from '../config/load-config.js';
import { appName } from '../flags/app-name.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import { statusLines } from '../render/status-lines.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

/** Prints where an app and its last rollout stand. Writes nothing. */
export async function status(argument: string | undefined, flags: AppFlags & { readonly json?: boolean | undefined }, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io.cwd);
  const issues: Issue[] = [];
  const app = appName(argument, flags, settings, issues);
  refuse(issues);
  return withShepherd(connectionOf(flags, settings), world, async ({ shepherd }) => {
    const found = await shepherd.status(app);
    world.io.stdout.write(flags.json ? `${JSON.stringify(found)}\n` : `${statusLines(found).join('\n')}\n`);
    return 0;
  });
}
