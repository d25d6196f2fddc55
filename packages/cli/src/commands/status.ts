import type { Issue } from '@shepherd/core';
import { readNotes } from '@shepherd/core/diagnosis';
import { loadSettings } from '../config/load-config.js';
import { appName } from '../flags/app-name.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import { noteLines } from '../render/note-lines.js';
import { statusLines } from '../render/status-lines.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

/** Prints where an app and its last rollout stand. Writes nothing. */
export async function status(
  argument: string | undefined,
  flags: AppFlags & { readonly json?: boolean | undefined; readonly events?: boolean | undefined },
  world: World,
): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const issues: Issue[] = [];
  const app = appName(argument, flags, settings, issues);
  refuse(issues);
  return withShepherd(connectionOf(flags, settings), world, async ({ shepherd }) => {
    const [found, events] = await Promise.all([shepherd.status(app), flags.events === true ? readNotes(shepherd, app) : undefined]);
    const lines = [...statusLines(found), ...(events === undefined ? [] : noteLines(events))];
    world.io.stdout.write(flags.json ? `${JSON.stringify({ ...found, ...(events === undefined ? {} : { events }) })}\n` : `${lines.join('\n')}\n`);
    return 0;
  });
}
