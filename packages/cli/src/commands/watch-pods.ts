import { exitCodeOf, formatApp, type PodState, type Rollout } from '@shepherd/core';
import { watchPods as podsOf } from '@shepherd/core/diagnosis';
import { type Followed, sayOutcome } from '../follow.js';
import { signalCode } from '../interrupt.js';
import { Ledger, schemaVersion } from '../ledger.js';
import { podLine, podTable } from '../render/pod-lines.js';
import type { World } from '../world.js';
import type { Session } from './with-shepherd.js';

/** Says the pods of all tracks, then each change of them, until the rollout ends; without one until Ctrl-C. */
export async function watchPods(app: string, rollout: Rollout | undefined, json: boolean, { shepherd, interrupt }: Session, world: World): Promise<number> {
  const { io, clock } = world;
  const over = new AbortController();
  const signal = AbortSignal.any([interrupt.abortSignal, over.signal]);
  const end = rollout === undefined ? undefined : recorded(rollout).finally(() => over.abort());
  const say = (text: string): void => void io.stdout.write(`${text}\n`);
  const time = (): string => clock.now().toISOString().slice(11, 19);
  let first = true;
  for await (const changes of podsOf(shepherd, app, { signal })) {
    if (json) for (const change of changes) say(JSON.stringify({ schemaVersion, type: 'pod', at: clock.now().toISOString(), ...change }));
    else if (first)
      podTable(
        changes.flatMap((change): PodState[] => (change.kind === 'went' ? [] : [change.pod])),
        clock.now().getTime(),
      ).forEach(say);
    else changes.forEach((change) => say(`${time()} ${podLine(change)}`));
    first = false;
  }
  if (end === undefined || interrupt.abortSignal.aborted) return signalCode(interrupt.signal ?? 'SIGINT');
  const followed = await end;
  const exitCode = exitCodeOf(followed.outcome);
  sayOutcome(followed, world, { exitCode, said: false });
  return exitCode;
}

async function recorded(rollout: Rollout): Promise<Followed> {
  const ledger = new Ledger();
  for await (const event of rollout.events()) ledger.take(event);
  return { outcome: await rollout.outcome, ledger };
}

/** The app of a rollout, as a command takes it. */
export async function appOf(rollout: Rollout): Promise<string> {
  const { targets } = await rollout.state();
  const [app] = targets;
  return app === undefined ? rollout.id : formatApp(app);
}
