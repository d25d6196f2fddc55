import { finalState } from '../final-state.js';
import type { Ended } from '../judge.js';
import { requestOf, type Scenario } from '../scenario.js';
import { type Kill, Runner, type SeenCall } from './runner.js';
import { World } from './world.js';

/** All that a scenario left, played with these kills. */
export interface Played extends Ended {
  /** Of each process in turn, the last one was not killed. */
  readonly calls: readonly (readonly SeenCall[])[];
  /** Moments with too few pods for their traffic. */
  readonly outages: readonly string[];
  /** Of each takeover: from when the dead runner's lock may be taken, and the next one is there, to its first write to the journal or the app. */
  readonly resumedMs: readonly number[];
}

const patienceMs = 20 * 60_000;

/** The clock jumps when nobody works, and does not see that a module is being loaded: what is loaded at first use is loaded before anything is timed. */
const loaded = (
  (once?: Promise<unknown>) => (): Promise<unknown> =>
    (once ??= load())
)();

async function load(): Promise<void> {
  await using world = await World.create();
  await using runner = new Runner({ world, name: 'loader', kill: undefined });
  await runner.shepherd.status('web');
}

/** Plays a release on a fresh cluster, kills its runners one after another, and lets the last one bring it to its end. */
export async function play(scenario: Scenario, kills: readonly Kill[]): Promise<Played> {
  await loaded();
  await using world = await World.create();
  const runners: Runner[] = [];
  const resumedMs: number[] = [];
  for (const kill of [...kills, undefined]) {
    const name = `runner-${runners.length + 1}`;
    const runner = new Runner({ world, name, kill });
    runners.push(runner);
    const mayTakeMs = Math.max(world.lockedUntilMs, world.elapsedMs);
    const ended = await Promise.race([runner.killed, run(runner, scenario), world.clock.sleep(patienceMs)]);
    resumedMs.push(...firstWriteMs(runner).map((ms) => ms - mayTakeMs));
    if (ended === undefined) throw new Error(`${name} did not end within ${patienceMs / 60_000} min`);
    if (ended === 'ended') break;
  }
  await Promise.all(runners.map((runner) => runner[Symbol.asyncDispose]()));
  const { outcome, events } = await readBack(world);
  // Pods on their way out are gone after their grace.
  await world.clock.sleep(60_000);
  return {
    calls: runners.map(({ calls }) => calls),
    published: runners.map((runner) => runner.events),
    events,
    outcome,
    state: finalState(world),
    started: world.started,
    outages: world.outages,
    resumedMs: resumedMs.filter((ms) => !Number.isNaN(ms)),
  };
}

/** What whoever runs the release does: deploy; after a crash, go on with what was left, or deploy again where nothing had begun. */
async function run(runner: Runner, scenario: Scenario): Promise<'ended'> {
  const { shepherd } = runner;
  const { rollout: left } = await shepherd.status('web');
  if (left?.now.kind === 'ended') return 'ended';
  if (left === undefined) {
    const rollout = shepherd.deploy(requestOf(scenario), { ifRunning: 'wait' });
    runner.listenTo(rollout);
    await rollout.outcome;
  } else {
    for await (const rollout of shepherd.recover({ follow: true })) {
      runner.listenTo(rollout);
      await rollout.outcome;
      break;
    }
  }
  await runner.heard();
  return 'ended';
}

async function readBack(world: World): Promise<Pick<Played, 'outcome' | 'events'>> {
  await using reader = new Runner({ world, name: 'reader', kill: undefined });
  const rollout = await reader.shepherd.get('web').catch(() => undefined);
  if (rollout === undefined) return { outcome: undefined, events: [] };
  reader.listenTo(rollout);
  const outcome = await Promise.race([rollout.outcome, world.clock.sleep(patienceMs)]);
  if (outcome !== undefined) await reader.heard();
  return { outcome: outcome ?? undefined, events: reader.events };
}

const firstWriteMs = ({ calls }: Runner): readonly number[] =>
  calls
    .filter(({ kind, text }) => kind === 'write' && !text.includes('/leases'))
    .map(({ atMs }) => atMs)
    .slice(0, 1);
