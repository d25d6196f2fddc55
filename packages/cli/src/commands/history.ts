import { appendFile, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Issue, invalidOptions, type Shepherd } from '@shepherd/core';
import { factsOf } from '../checklist/rollout-facts.js';
import { loadSettings } from '../config/load-config.js';
import { appName } from '../flags/app-name.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import type { CliRelease } from '../release.js';
import { logLine } from '../render/log-line.js';
import { revisionLines } from '../render/revision-lines.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

export interface HistoryFlags extends AppFlags {
  readonly json?: boolean | undefined;
  /** A file that gets a line of the last deployment. */
  readonly log?: string | undefined;
}

/** Prints the revisions of an app, newest first; with `--log` keeps a line of its last rollout in a file, once. Writes nothing else. */
export async function history(argument: string | undefined, flags: HistoryFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const issues: Issue[] = [];
  const app = appName(argument, flags, settings, issues);
  refuse(issues);
  return withShepherd(connectionOf(flags, settings), world, async ({ shepherd }) => {
    if (flags.log !== undefined) await logLast(shepherd, app, resolve(world.io.cwd, flags.log), world);
    world.io.stdout.write(`${await revisionText(shepherd, app, flags.json === true)}\n`);
    return 0;
  });
}

/** The line of the guide's `deployment.log`. What runs still has none; what has one gets no second. */
async function logLast(shepherd: Shepherd<CliRelease>, app: string, file: string, { io, output }: World): Promise<void> {
  const { rollout } = await shepherd.status(app);
  const facts = rollout?.now.kind === 'ended' ? await factsOf(await shepherd.get(rollout.id)) : undefined;
  const line = facts === undefined ? undefined : logLine(facts);
  const say = (text: string): void => void (output.quiet || io.stderr.write(`${text}\n`));
  if (facts === undefined || line === undefined) return say(rollout === undefined ? 'no rollout to log' : `${rollout.id} has not ended: nothing is logged yet`);
  try {
    const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? '' : Promise.reject(error)));
    if (known.includes(facts.id)) return say(`${facts.id} is in ${file} already`);
    await appendFile(file, `${known === '' || known.endsWith('\n') ? '' : '\n'}${line}\n`);
  } catch (error) {
    throw invalidOptions([{ path: '--log', got: `${file} (${(error as NodeJS.ErrnoException).code})`, expected: 'a file that can be written' }]);
  }
}

/** The revisions as a table, or as one line of JSON. */
export async function revisionText(shepherd: Shepherd<CliRelease>, app: string, json: boolean): Promise<string> {
  const [revisions, { target }] = await Promise.all([shepherd.history(app), shepherd.status(app)]);
  const serving = target.stable?.revision.hash;
  return json ? JSON.stringify({ app, serving, revisions }) : revisionLines(revisions, serving).join('\n');
}
