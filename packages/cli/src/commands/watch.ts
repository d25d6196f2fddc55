import { exitCodeOf, type Issue, type Shepherd, ShepherdError } from '@shepherd/core';
import { loadSettings } from '../config/load-config.js';
import { appName, isRolloutId } from '../flags/app-name.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import { readDuration } from '../flags/seconds.js';
import { follow, sayOutcome } from '../follow.js';
import { signalCode } from '../interrupt.js';
import type { CliRelease } from '../release.js';
import { makeView } from '../render/view.js';
import type { World } from '../world.js';
import { watchOver } from './watch-over.js';
import { appOf, watchPods } from './watch-pods.js';
import { type Session, withShepherd } from './with-shepherd.js';

export interface WatchFlags extends AppFlags {
  /** The pods as they change, beside or instead of the rollout's events. */
  readonly pods?: boolean | undefined;
  /** Watch over the app for so long, as after a release. */
  readonly for?: string | undefined;
  readonly auto?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Follows a rollout until it ends; its pods with `--pods`. Of an app without a rollout, says the pods until Ctrl-C. */
export async function watch(argument: string | undefined, flags: WatchFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const issues: Issue[] = [];
  const what = appName(argument, flags, settings, issues);
  const forTime = readDuration('--for', flags.for, issues);
  if (flags.auto === true && flags.for === undefined) issues.push({ path: '--auto', got: 'it alone', expected: '--for as well: how long to watch' });
  if (flags.for !== undefined && flags.pods === true) issues.push({ path: '--pods', got: 'it with --for', expected: 'one of the two' });
  refuse(issues);
  const json = flags.json === true;
  return withShepherd(connectionOf(flags, settings), world, async (session) => {
    if (forTime !== undefined) return watchOver(what, { forTime, auto: flags.auto === true, json }, session, world);
    const rolloutId = await idOf(what, session.shepherd);
    if (rolloutId === undefined) return watchPods(what, undefined, json, session, world);
    if (flags.pods !== true) return watchRollout(rolloutId, session, world);
    const rollout = await session.shepherd.get(rolloutId);
    return watchPods(await appOf(rollout), rollout, json, session, world);
  });
}

/** The rollout that is meant: the one named, or the one that runs. */
async function idOf(what: string, shepherd: Shepherd<CliRelease>): Promise<string | undefined> {
  if (isRolloutId(what)) return what;
  try {
    const rollout = await shepherd.get(what);
    return (await rollout.state()).now.kind === 'ended' ? undefined : rollout.id;
  } catch (error) {
    if (ShepherdError.is(error, 'ERR_ROLLOUT_NOT_FOUND')) return undefined;
    throw error;
  }
}

async function watchRollout(id: string, { shepherd, interrupt }: Session, world: World): Promise<number> {
  const rollout = await shepherd.get(id);
  const view = makeView(world, { planShown: false });
  view.hint('Ctrl-C stops watching, nothing else');
  const gone = new AbortController();
  interrupt.meaning((signal) => {
    gone.abort();
    void shepherd.close();
    interrupt.abort(signal);
  });
  const followed = await follow(rollout, world, { view, interrupt, ask: false, signal: gone.signal });
  if (interrupt.signal !== undefined) return signalCode(interrupt.signal);
  const exitCode = exitCodeOf(followed.outcome);
  sayOutcome(followed, world, { exitCode, said: view.saysEnd === true });
  return exitCode;
}
