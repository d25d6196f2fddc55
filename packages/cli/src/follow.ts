import { formatOutcome, type Outcome, type Rollout, type Target, type Undelivered } from '@shepherd/core';
import { listenToKeys } from './ask.js';
import type { Interrupt } from './interrupt.js';
import type { View } from './render/view.js';
import type { World } from './world.js';

const podsEveryMs = 2_000;

export interface FollowOptions {
  readonly view: View;
  readonly interrupt: Interrupt;
  /** A person answers what the rollout asks. */
  readonly ask: boolean;
  /** Reads the pods; for views that show them. */
  readonly target?: (() => Promise<Target>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Shows a rollout until it ends, or this process leaves it. */
export async function follow(rollout: Rollout, { io, clock }: World, { view, interrupt, ask, target, signal }: FollowOptions): Promise<Outcome> {
  const stop = new AbortController();
  const every = async (ms: number, work: () => void | Promise<void>): Promise<void> => {
    const asleep = (): Promise<boolean> =>
      clock.sleep(ms, stop.signal).then(
        () => true,
        () => false,
      );
    while (await asleep()) await work();
  };
  const readPods = async (): Promise<void> => {
    // Only what is shown is lost with it.
    const now = await target?.().catch(() => undefined);
    if (now !== undefined) view.target?.(now);
  };
  const background = [
    ...(view.everyMs === undefined ? [] : [every(view.everyMs, () => view.tick())]),
    ...(view.target === undefined || target === undefined ? [] : [every(podsEveryMs, readPods)]),
  ];
  let keys: (() => void) | undefined;
  const forgetKeys = (): void => {
    keys?.();
    keys = undefined;
  };
  try {
    for await (const event of rollout.events(signal === undefined ? {} : { signal })) {
      view.event(event);
      if (event.type === 'approval-request' && ask) {
        keys ??= listenToKeys(io, (answer) => {
          if (answer === 'interrupted') return interrupt.hear('SIGINT');
          forgetKeys();
          void (answer === 'yes' ? rollout.approve() : rollout.reject()).catch((error: unknown) => view.note(String(error)));
        });
      } else if (!event.transient) forgetKeys();
    }
    return await rollout.outcome;
  } finally {
    forgetKeys();
    stop.abort();
    await Promise.all(background);
    view.close();
  }
}

/** The outcome for people (on a terminal, where no line has said it yet), or as the last line of JSON. */
export function sayOutcome(
  outcome: Outcome,
  { stdout, stderr }: World['io'],
  { json, exitCode, said, undelivered }: { json: boolean; exitCode: number; said: boolean; undelivered?: readonly Undelivered[] | undefined },
): void {
  if (json) stdout.write(`${JSON.stringify({ ...outcome, type: 'result', exitCode, ...(undelivered === undefined ? {} : { undelivered }) })}\n`);
  else if (outcome.kind === 'failed-untouched')
    stderr.write(`${outcome.error.code}: ${outcome.error.message}\n  fix: ${outcome.error.remedy}\n  more: ${outcome.error.docs}\n`);
  else if (!said) stdout.write(`${formatOutcome(outcome)}\n`);
}
