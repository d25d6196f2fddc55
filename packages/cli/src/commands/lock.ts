import type { Issue } from '@shepherd/core';
import { askConsent } from '../ask.js';
import { loadSettings } from '../config/load-config.js';
import { appName, isRolloutId } from '../flags/app-name.js';
import { readConsent } from '../flags/consent.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import { signalCode } from '../interrupt.js';
import { type LockState, lockLines, releaseLines } from '../render/lock-lines.js';
import type { World } from '../world.js';
import { circumstances } from './run-rollout.js';
import { type Session, withShepherd } from './with-shepherd.js';

export interface LockFlags extends AppFlags {
  readonly json?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly confirm?: string | undefined;
}

/** Who holds the lock of an app, and what its rollout does. Writes nothing. */
export async function lockStatus(argument: string | undefined, flags: LockFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const issues: Issue[] = [];
  const what = appName(argument, flags, settings, issues);
  refuse(issues);
  return withShepherd(connectionOf(flags, settings), world, async (session) => {
    const found = await look(session, what);
    world.io.stdout.write(flags.json ? `${JSON.stringify({ app: what, holder: null, ...found })}\n` : `${lockLines(what, found).join('\n')}\n`);
    return 0;
  });
}

/** Takes the lock from a process that does not give it back. Only with the exact id of the rollout that it is held for (RR LK-5). */
export async function lockRelease(id: string, flags: LockFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const issues: Issue[] = [];
  if (!isRolloutId(id)) issues.push({ path: 'id', got: JSON.stringify(id), expected: 'the id of the rollout that holds it: shepherd lock status APP' });
  const connection = connectionOf(flags, settings);
  const { ask: asks, production } = readConsent(flags, { app: id, connection, settings }, false, await circumstances(flags, settings, world), issues);
  refuse(issues);
  const { stdout, stderr } = world.io;
  return withShepherd(connection, world, async (session) => {
    const found = await look(session, id);
    const mine = found.holder?.rolloutId === id;
    if (mine && !flags.json && (asks || !world.output.quiet)) stderr.write(`${releaseLines(found).join('\n')}\n`);
    if (mine && asks) {
      const answer = await askConsent(`Take the lock from ${found.holder?.heldBy}?`, id, production, world);
      if (answer === 'interrupted') return signalCode('SIGINT');
      if (answer === 'no') {
        stderr.write('nothing was changed\n');
        return 5;
      }
    }
    const released = await session.shepherd.breakLock(id);
    if (flags.json) stdout.write(`${JSON.stringify({ released, id, holder: found.holder ?? null })}\n`);
    else stdout.write(released ? `released; go on with it: shepherd resume ${id}, or take it back: shepherd abort ${id}\n` : 'nobody held it\n');
    return 0;
  });
}

async function look({ shepherd }: Session, what: string): Promise<LockState> {
  const holder = await shepherd.lock(what);
  const of = holder?.rolloutId ?? what;
  // Before its first write a rollout holds the lock and has no journal.
  const rollout = await shepherd.get(of).then(
    (each) => each.state(),
    () => undefined,
  );
  return { ...(holder === undefined ? {} : { holder }), ...(rollout === undefined ? {} : { rollout }) };
}
