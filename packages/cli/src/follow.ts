import { formatOutcome, type Outcome, type Rollout, type Target, type Undelivered } from '@shepherd/core';
import { listenToKeys } from './ask.js';
import { isData } from './format.js';
import type { Interrupt } from './interrupt.js';
import { Ledger } from './ledger.js';
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

/** How a rollout ended, and what it said on its way. */
export interface Followed {
  readonly outcome: Outcome;
  readonly ledger: Ledger;
}

/** Shows a rollout until it ends, or this process leaves it. */
export async function follow(rollout: Rollout, { io, clock, report }: World, { view, interrupt, ask, target, signal }: FollowOptions): Promise<Followed> {
  const ledger = new Ledger();
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
      ledger.take(event);
      report.event(event);
      view.event(event);
      if (event.type === 'approval-request' && ask) {
        keys ??= listenToKeys(io, (answer) => {
          if (answer === 'interrupted') return interrupt.hear('SIGINT');
          forgetKeys();
          void (answer === 'yes' ? rollout.approve() : rollout.reject()).catch((error: unknown) => view.note(String(error)));
        });
      } else if (!event.transient) forgetKeys();
    }
    return { outcome: await rollout.outcome, ledger };
  } finally {
    forgetKeys();
    stop.abort();
    await Promise.all(background);
    view.close();
  }
}

/** The outcome for people (`said`: a line has said it already), or the last line for programs. */
export function sayOutcome(
  { outcome, ledger }: Followed,
  { io: { stdout, stderr }, output: { format }, clock }: World,
  { exitCode, said, undelivered }: { exitCode: number; said: boolean; undelivered?: readonly Undelivered[] | undefined },
): void {
  if (isData(format)) stdout.write(`${JSON.stringify(ledger.result(outcome, { exitCode, at: clock.now().toISOString(), undelivered }))}\n`);
  else if (outcome.kind === 'failed-untouched')
    stderr.write(`${outcome.error.code}: ${outcome.error.message}\n  fix: ${outcome.error.remedy}\n  more: ${outcome.error.docs}\n`);
  else if (!said) stdout.write(`${formatOutcome(outcome)}\n`);
}
