import type { Issue, Shepherd } from '@shepherd/core';
import { loadSettings } from '../config/load-config.js';
import { appName } from '../flags/app-name.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import type { CliRelease } from '../release.js';
import { revisionLines } from '../render/revision-lines.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

/** Prints the revisions of an app, newest first. Writes nothing. */
export async function history(argument: string | undefined, flags: AppFlags & { readonly json?: boolean | undefined }, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const issues: Issue[] = [];
  const app = appName(argument, flags, settings, issues);
  refuse(issues);
  return withShepherd(connectionOf(flags, settings), world, async ({ shepherd }) => {
    world.io.stdout.write(`${await revisionText(shepherd, app, flags.json === true)}\n`);
    return 0;
  });
}

/** The revisions as a table, or as one line of JSON. */
export async function revisionText(shepherd: Shepherd<CliRelease>, app: string, json: boolean): Promise<string> {
  const [revisions, { target }] = await Promise.all([shepherd.history(app), shepherd.status(app)]);
  const serving = target.stable?.revision.hash;
  return json ? JSON.stringify({ app, serving, revisions }) : revisionLines(revisions, serving).join('\n');
}
