import { exitCodeOf, type Outcome, type Plan, type Rollout, type RunOptions, type Shepherd } from '@shepherd/core';
import { askConsent } from '../ask.js';
import type { LoadedSettings } from '../config/settings.js';
import type { Connection } from '../connect.js';
import type { Circumstances } from '../flags/consent.js';
import { connectionOf } from '../flags/deploy-input.js';
import type { AppFlags } from '../flags/flags.js';
import { follow, sayOutcome } from '../follow.js';
import { type Interrupt, signalCode } from '../interrupt.js';
import type { StopSignal } from '../io.js';
import type { CliRelease } from '../release.js';
import { planText } from '../render/plan-text.js';
import { makeView, type View } from '../render/view.js';
import type { World } from '../world.js';
import { hintOf } from './command-rollout.js';
import type { Session } from './with-shepherd.js';

export interface RunInput {
  readonly app: string;
  /** What goes out, for the head of the display. */
  readonly title: string | undefined;
  readonly ask: boolean;
  /** What is asked for is the name of the app, as this is production: by which name of it. @default y or n */
  readonly production?: string | undefined;
  /** Where it pauses, or waits for an approval, somebody elsewhere is expected to answer: this process stays. @default where it asks */
  readonly waits?: boolean | undefined;
  readonly question: string;
  readonly expect: string | undefined;
  readonly json: boolean;
  readonly onInterrupt: 'pause' | 'rollback';
  plan(shepherd: Shepherd<CliRelease>, signal: AbortSignal): Promise<Plan>;
  start(shepherd: Shepherd<CliRelease>, options: RunOptions): Rollout;
}

/** Shows the plan and asks, where somebody is to be asked; then runs it and shows it until its end. @returns the exit code */
export async function runRollout(input: RunInput, session: Session, world: World): Promise<number> {
  const { shepherd, interrupt } = session;
  const { io } = world;
  let expect = input.expect;
  let planShown = false;
  if (input.ask) {
    const plan = await input.plan(shepherd, interrupt.abortSignal);
    (input.json ? io.stderr : io.stdout).write(`${planText(plan, io.stdout.columns)}\n\n`);
    planShown = true;
    expect ??= plan.hash;
    if (plan.changes) {
      const answer = await askConsent(input.question, input.app, input.production, world);
      if (answer === 'interrupted') return signalCode('SIGINT');
      if (answer === 'no') {
        io.stderr.write('nothing was changed\n');
        return 5;
      }
    }
  }
  const live = world.output.format === 'tty' && !world.output.quiet;
  if (live && !planShown) await input.plan(shepherd, interrupt.abortSignal).then((plan) => io.stdout.write(`${planText(plan, io.stdout.columns)}\n\n`));
  else if (live) io.stdout.write('\n');
  const rollout = input.start(shepherd, {
    signal: interrupt.abortSignal,
    whenPaused: (input.waits ?? input.ask) ? 'wait' : 'leave',
    ...(expect === undefined ? {} : { expect }),
  });
  const view = makeView(world, { title: input.title, planShown });
  view.hint(hintOf(input.onInterrupt));
  interrupt.meaning((signal) => stop(signal, input, session, view));
  const target = async () => (await shepherd.status(input.app)).target;
  const followed = await follow(rollout, world, { view, interrupt, ask: input.ask, target });
  const { outcome } = followed;
  const exitCode = codeOf(outcome, interrupt);
  const said = view.saysEnd === true && outcome.final && !unchanged(outcome);
  // The result of a program's run has what nobody was told; a person reads the outcome at once.
  if (!input.json) sayOutcome(followed, world, { exitCode, said });
  const undelivered = await session.deliver();
  world.report.outcome(outcome, undelivered);
  if (input.json) sayOutcome(followed, world, { exitCode, said, undelivered });
  return exitCode;
}

/** Of a command that may be severe: whether somebody can be asked, and the context, whose name may be that of production. A kubeconfig that cannot be read is said later. */
export const circumstances = async (flags: AppFlags, settings: LoadedSettings, { output, nameContext }: World): Promise<Circumstances> => ({
  attended: output.attended,
  canAsk: output.canAsk,
  context: await nameContext(connectionOf(flags, settings)).catch(() => undefined),
});

/** Which cluster is written to, for the question: the current context may have been chosen for something else. */
export async function inContext(connection: Connection, { nameContext }: World): Promise<string> {
  const name = await nameContext(connection);
  return name === undefined ? '' : ` in context ${name}`;
}

const unchanged = (outcome: Outcome): boolean => outcome.kind === 'succeeded' && !outcome.changed;

/** What the first signal means while a rollout runs. Where this process is soon killed, what is not back by then is left to whoever resumes it (RR CR-5). */
function stop(signal: StopSignal, { onInterrupt }: RunInput, { shepherd, interrupt, leaveInTime }: Session, view: View): void {
  leaveInTime();
  if (onInterrupt === 'rollback') {
    view.note(`${signal}: taking it back; once more leaves at once`);
    view.hint('once more: Ctrl-C leaves at once');
    return interrupt.abort(signal);
  }
  view.note(`${signal}: leaving it where it stands; once more leaves at once`);
  view.hint('once more: Ctrl-C leaves at once');
  void shepherd.close({ hold: { reason: signal } });
}

const codeOf = (outcome: Outcome, { signal }: Interrupt): number =>
  signal !== undefined && outcome.kind === 'failed-untouched' && outcome.error.code === 'ERR_ABORTED' ? signalCode(signal) : exitCodeOf(outcome);
