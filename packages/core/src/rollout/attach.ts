import type { StoredCommand } from '../engine/commands.js';
import { readAppRecord } from '../engine/read-record.js';
import { acquireLock, type Engine } from '../engine/start.js';
import { stateOf } from '../engine/state.js';
import type { Plan } from '../plan/plan.js';
import type { PortContext } from '../ports/context.js';
import type { Actor } from '../words/app.js';
import { followRecord } from './follow.js';
import { LiveRollout } from './live-rollout.js';
import type { Outcome } from './outcome.js';
import type { RolloutState } from './rollout.js';
import { driveRecord, type Job, loadRecord, rolloutNotFound } from './run.js';

interface Attached {
  readonly engine: Engine;
  readonly context: PortContext;
  readonly id: string;
  readonly actor: Actor;
  /** Aborts when the Shepherd is closed. */
  readonly closing: AbortSignal;
}

/** The moment at which a followed rollout becomes one that this process drives. */
class TakeOver {
  started: (plan: Plan) => void = () => undefined;
  run: (outcome: Promise<Outcome>) => void = () => undefined;
  /** This process drives. */
  driving = false;
  readonly plan = new Promise<Plan>((resolve) => {
    this.started = resolve;
  });
  readonly outcome = new Promise<Outcome>((resolve, reject) => {
    this.run = (outcome) => {
      this.driving = true;
      outcome.then(resolve, reject);
    };
  });
}

/** The handle of a rollout that this process does not drive, or not yet: it follows the journal, and drives from the first command that finds nobody else. */
export function attach(input: Attached): LiveRollout {
  const { engine, id, actor, closing } = input;
  const context: PortContext = { ...input.context, rolloutId: id, signal: closing };
  const takeover = new TakeOver();
  const rollout: LiveRollout = new LiveRollout(
    {
      id,
      actor,
      post: async (command) => {
        if ((await engine.platform.lock.read(context)) !== undefined) return engine.platform.journal.post(context, command);
        await takeOver(input, context, rollout, takeover, command);
      },
      readState: () => readState(engine, context, id),
    },
    async (self, started) => {
      void takeover.plan.then(started);
      const stop = new AbortController();
      const followed = followRecord(engine, { ...context, signal: AbortSignal.any([closing, stop.signal]) }, id, self);
      const first = await Promise.race([followed, takeover.outcome]);
      stop.abort();
      await followed.catch(() => undefined);
      // The journal says it a moment before the driver is done: whoever sees the outcome finds the lock free.
      return (takeover.driving ? await takeover.outcome : first) ?? detached(id, context);
    },
  );
  return rollout;
}

async function readState({ platform }: Engine, context: PortContext, id: string): Promise<RolloutState> {
  const [holder, saved] = await Promise.all([platform.lock.read(context), platform.journal.load(context)]);
  const record = readAppRecord(saved, context.app);
  if (record?.current.id === id) return stateOf(record.current, holder?.heldBy);
  const past = record?.past.find((each) => each.id === id);
  if (past === undefined) throw rolloutNotFound(id);
  return { id, targets: past.outcome.targets, weight: 0, driver: undefined, sequence: 0, now: { kind: 'ended', outcome: past.outcome } };
}

async function takeOver(
  { engine, id, actor }: Attached,
  context: PortContext,
  rollout: LiveRollout,
  takeover: TakeOver,
  command: StoredCommand,
): Promise<void> {
  const record = await loadRecord(engine, context, id);
  if (record.phase === 'ended') return;
  const lease = await acquireLock(engine, { ...context, rolloutId: id }, 'refuse', async () => undefined);
  const saved = await engine.platform.journal.load(context);
  const stored = readAppRecord(saved, context.app);
  // Under the lock: what was read before it may be old.
  const current = stored?.current.id === id ? stored.current : record;
  const resumed = command.kind === 'resume' && current.waiting?.on === 'pause';
  const job: Job = {
    id,
    by: actor,
    options: {},
    clock: context.clock,
    locate: async () => ({ engine, context }),
    prepare: () => Promise.reject(rolloutNotFound(id)),
  };
  rollout.keep(command);
  takeover.run(
    driveRecord(job, engine, resumed ? { ...current, waiting: undefined } : current, { lease, past: stored?.past ?? [], saved }, rollout, takeover.started),
  );
  await takeover.plan;
}

const detached = (id: string, { app, clock }: PortContext): Outcome => ({
  rolloutId: id,
  targets: [app],
  from: undefined,
  to: undefined,
  startedAt: clock.now().toISOString(),
  ms: 0,
  kind: 'detached',
  final: false,
});
