import type { Issue } from '@shepherd/core';
import { exitCodeOf } from '@shepherd/core';
import { loadSettings } from '../config/load-config.js';
import { appName } from '../flags/app-name.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import { follow, sayOutcome } from '../follow.js';
import { isLive } from '../io.js';
import { makeView } from '../render/view.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

export interface CommandFlags extends AppFlags {
  readonly reason?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Tells a running rollout, whoever drives it; where nobody does, this process does, and shows it until its end. */
export async function commandRollout(command: 'resume' | 'abort', argument: string | undefined, flags: CommandFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io.cwd);
  const issues: Issue[] = [];
  const what = appName(argument, flags, settings, issues);
  refuse(issues);
  const json = flags.json === true;
  return withShepherd(connectionOf(flags, settings), world, async ({ shepherd, interrupt }) => {
    const rollout = await shepherd.get(what);
    await rollout[command](flags.reason === undefined ? {} : { reason: flags.reason });
    const view = makeView(world.io, world.clock, { json, planShown: false });
    interrupt.meaning((signal) => {
      view.note(`${signal}: leaving it to whoever resumes it; once more leaves at once. Go on: shepherd resume ${rollout.id}`);
      void shepherd.close();
    });
    const outcome = await follow(rollout, world, { view, interrupt, ask: false });
    const exitCode = exitCodeOf(outcome);
    sayOutcome(outcome, world.io, { json, exitCode, said: !json && !isLive(world.io) && outcome.final });
    return exitCode;
  });
}
