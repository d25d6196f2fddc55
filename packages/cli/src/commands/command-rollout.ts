import { type Actor, type CommandName, exitCodeOf, type Issue, type Rollout } from '@shepherd/core';
import { loadSettings } from '../config/load-config.js';
import { appName } from '../flags/app-name.js';
import { connectionOf, readOnInterrupt, refuse } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import { readDuration } from '../flags/seconds.js';
import { follow, sayOutcome } from '../follow.js';
import { signalCode } from '../interrupt.js';
import type { StopSignal } from '../io.js';
import { schemaVersion } from '../ledger.js';
import { makeView, type View } from '../render/view.js';
import type { World } from '../world.js';
import { type Session, withShepherd } from './with-shepherd.js';

export interface CommandFlags extends AppFlags {
  readonly reason?: string | undefined;
  readonly by?: string | undefined;
  readonly json?: boolean | undefined;
  readonly follow?: boolean | undefined;
  readonly onInterrupt?: string | undefined;
  /** Of a pause. */
  readonly timeout?: string | undefined;
  readonly onTimeout?: string | undefined;
}

interface CommandInput {
  readonly command: CommandName;
  readonly by: Actor | undefined;
  readonly reason: string | undefined;
  readonly json: boolean;
  /** Show the rollout to its end, also where another process drives it. */
  readonly follows: boolean;
  readonly onInterrupt: 'pause' | 'rollback';
  send(rollout: Rollout): Promise<void>;
}

/**
 * Tells a rollout something, whoever drives it. Where another process does, this one waits until that has obeyed; where nobody does, or it dies before, this
 * one drives and shows it to its end.
 */
export async function commandRollout(command: CommandName, argument: string | undefined, flags: CommandFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const issues: Issue[] = [];
  const what = appName(argument, flags, settings, issues);
  const input = readCommand(command, flags, world.output.attended, issues);
  refuse(issues);
  return withShepherd(connectionOf(flags, settings), world, async (session) => {
    const rollout = await session.shepherd.get(what);
    const { sequence } = await rollout.state();
    await input.send(rollout);
    if (!input.follows && !(await drivenHere(rollout))) {
      const obeyed = await untilObeyed(rollout, input, sequence, session, world);
      if (obeyed !== undefined) return obeyed;
    }
    return showToTheEnd(rollout, input, session, world);
  });
}

function readCommand(command: CommandName, flags: CommandFlags, attended: boolean, issues: Issue[]): CommandInput {
  const timeout = readDuration('--timeout', flags.timeout ?? 3_600, issues) ?? '1h';
  const { onTimeout = 'rollback', reason } = flags;
  if (onTimeout !== 'continue' && onTimeout !== 'rollback')
    issues.push({ path: '--on-timeout', got: JSON.stringify(onTimeout), expected: 'continue or rollback' });
  const by: Actor | undefined = flags.by === undefined ? undefined : { name: flags.by, kind: 'human' };
  if (flags.by?.trim() === '') issues.push({ path: '--by', got: '""', expected: 'a name' });
  const asked = { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
  return {
    command,
    by,
    reason,
    json: flags.json === true,
    follows: flags.follow === true || command === 'resume' || command === 'abort',
    onInterrupt: readOnInterrupt(flags, attended, issues),
    send: (rollout) => (command === 'pause' ? rollout.pause({ ...asked, timeout, onTimeout: onTimeout as 'rollback' }) : rollout[command](asked)),
  };
}

const drivenHere = async (rollout: Rollout): Promise<boolean> => (await rollout.state()).here === true;

/** The exit code once the driver has obeyed, or the rollout has ended; undefined: this process drives by now. */
async function untilObeyed(
  rollout: Rollout,
  { command, json }: CommandInput,
  after: number,
  { shepherd, interrupt }: Session,
  { io, output }: World,
): Promise<number | undefined> {
  const gone = new AbortController();
  interrupt.meaning((signal) => {
    interrupt.abort(signal);
    gone.abort();
    void shepherd.close();
  });
  const { driver = 'nobody' } = await rollout.state();
  if (!json && !output.quiet) io.stderr.write(`stored for ${driver}\n`);
  for await (const event of rollout.events({ after, signal: gone.signal })) {
    if (await drivenHere(rollout)) return undefined;
    if (event.type !== 'command' || event.command !== command) continue;
    io.stdout.write(
      json
        ? `${JSON.stringify({ schemaVersion, ...event })}\n`
        : `${command} of ${rollout.id} is obeyed by ${driver}; follow it: shepherd watch ${rollout.id}\n`,
    );
    return 0;
  }
  if (interrupt.signal !== undefined) return signalCode(interrupt.signal);
  return undefined;
}

async function showToTheEnd(rollout: Rollout, input: CommandInput, { shepherd, interrupt, deliver, leaveInTime }: Session, world: World): Promise<number> {
  const { json, onInterrupt } = input;
  const { output } = world;
  const view = makeView(world, { planShown: false });
  const here = await drivenHere(rollout);
  view.hint(here ? hintOf(onInterrupt) : 'Ctrl-C stops watching, nothing else');
  const gone = new AbortController();
  interrupt.meaning((signal) => {
    leaveInTime();
    void (async () => {
      if (await drivenHere(rollout)) return stopDriving(signal, onInterrupt, rollout, view, () => shepherd.close({ hold: { reason: signal } }));
      gone.abort();
      interrupt.abort(signal);
      await shepherd.close();
    })();
  });
  const followed = await follow(rollout, world, { view, interrupt, ask: output.canAsk && !json, signal: gone.signal });
  const { outcome } = followed;
  if (gone.signal.aborted && interrupt.signal !== undefined) return signalCode(interrupt.signal);
  const exitCode = exitCodeOf(outcome);
  const said = view.saysEnd === true && outcome.final;
  // As in a run: a person reads the outcome at once, the result of a program's run has what nobody was told.
  if (!json) sayOutcome(followed, world, { exitCode, said });
  const undelivered = await deliver();
  world.report.outcome(outcome, undelivered);
  if (json) sayOutcome(followed, world, { exitCode, said, undelivered });
  return exitCode;
}

export const hintOf = (onInterrupt: 'pause' | 'rollback'): string => (onInterrupt === 'pause' ? 'Ctrl-C leaves it where it is' : 'Ctrl-C takes it back');

/** What the first signal means to a rollout that this process drives. */
async function stopDriving(signal: StopSignal, onInterrupt: 'pause' | 'rollback', rollout: Rollout, view: View, hold: () => Promise<unknown>): Promise<void> {
  view.hint('once more: Ctrl-C leaves at once');
  if (onInterrupt === 'rollback') {
    view.note(`${signal}: taking it back; once more leaves at once`);
    return rollout.abort({ reason: signal });
  }
  view.note(`${signal}: leaving it where it stands; once more leaves at once`);
  await hold();
}
