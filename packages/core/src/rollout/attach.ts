import type { StoredCommand } from '../engine/commands.js';
import { readAppRecord } from '../engine/read-record.js';
import { defaultLeaseMs, type Engine } from '../engine/start.js';
import { stateOf } from '../engine/state.js';
import { errorInfo, ShepherdError } from '../errors/shepherd-error.js';
import type { Plan } from '../plan/plan.js';
import type { PortContext } from '../ports/context.js';
import type { Actor } from '../words/app.js';
import { followRecord } from './follow.js';
import { LiveRollout } from './live-rollout.js';
import type { Outcome } from './outcome.js';
import type { RolloutState } from './rollout.js';
import { driveRecord, type Job, rolloutNotFound } from './run.js';
import { takeLock } from './take-over.js';

interface Attached {
  readonly engine: Engine;
  readonly context: PortContext;
  readonly id: string;
  readonly actor: Actor;
  /** Aborts when the Shepherd is closed. */
  readonly closing: AbortSignal;
}

/** The handle of a rollout that this process does not drive, or not yet: it follows the journal, and drives from the first command that nobody else obeys. */
export function attach(input: Attached): LiveRollout {
  return new Attachment(input).rollout;
}

class Attachment {
  readonly rollout: LiveRollout;
  readonly #engine: Engine;
  readonly #context: PortContext & { readonly rolloutId: string };
  readonly #id: string;
  readonly #actor: Actor;
  readonly #ended = new AbortController();
  /** The run of this process, from when it drives. */
  #run: Promise<Outcome> | undefined;
  #drives: (run: Promise<Outcome>) => void = () => undefined;
  /** Commands that nobody has obeyed yet. */
  readonly #open = new Map<string, StoredCommand>();
  #standsBy = false;

  constructor({ engine, context, id, actor, closing }: Attached) {
    this.#engine = engine;
    this.#id = id;
    this.#actor = actor;
    this.#context = { ...context, rolloutId: id, signal: closing };
    this.rollout = new LiveRollout(
      { id, actor, post: (command) => this.#post(command), readState: () => this.#readState(), takeOver: (command) => this.#takeOver(command) },
      (self, started) => this.#follow(self, started),
    );
    this.rollout.hub.on('command', (event) => void this.#open.delete(event.id));
  }

  /** By the journal, until it has an outcome or this process drives. */
  async #follow(self: LiveRollout, started: LiveRollout['start']): Promise<Outcome> {
    self.start = started;
    const stop = new AbortController();
    const driving = new Promise<Promise<Outcome>>((resolve) => {
      this.#drives = (run) => resolve(Promise.resolve(run));
    });
    const signal = AbortSignal.any([this.#context.signal, stop.signal]);
    const followed = followRecord(this.#engine, { ...this.#context, signal }, this.#id, self).catch((error: unknown) => {
      if (!signal.aborted) self.say(this.#context, `it cannot be followed any more: ${errorInfo(error).message}`);
      return undefined;
    });
    const first = await Promise.race([followed, driving]);
    stop.abort();
    await followed;
    // The journal says it a moment before the driver is done: whoever sees the outcome finds the lock free.
    const outcome = (this.#run === undefined ? first : await this.#run) ?? detached(this.#id, this.#context);
    this.#ended.abort();
    return outcome;
  }

  async #readState(): Promise<RolloutState> {
    const { platform } = this.#engine;
    const [holder, saved] = await Promise.all([platform.lock.read(this.#context), platform.journal.load(this.#context)]);
    const record = readAppRecord(saved, this.#context.app);
    if (record?.current.id === this.#id) return stateOf(record.current, holder?.heldBy);
    const past = record?.past.find((each) => each.id === this.#id);
    if (past === undefined) throw rolloutNotFound(this.#id);
    return { id: this.#id, targets: past.outcome.targets, weight: 0, driver: undefined, sequence: 0, now: { kind: 'ended', outcome: past.outcome } };
  }

  /** To whoever drives; where nobody does, or whoever did dies before it obeys, this process does. */
  async #post(command: StoredCommand): Promise<void> {
    const state = await this.#readState();
    refuseUseless(command, state);
    if (state.driver === undefined) {
      try {
        if (await this.#takeOver(command)) return;
        refuseUseless(command, await this.#readState());
      } catch (error) {
        // Somebody was faster: to the mailbox then.
        if (!ShepherdError.is(error, 'ERR_LOCK_HELD')) throw error;
      }
    }
    await this.#engine.platform.journal.post(this.#context, command);
    if (command.id !== undefined) this.#open.set(command.id, command);
    void this.#standBy();
  }

  async #standBy(): Promise<void> {
    if (this.#standsBy) return;
    this.#standsBy = true;
    const { lock } = this.#engine.platform;
    const signal = AbortSignal.any([this.#context.signal, this.#ended.signal]);
    while (this.#open.size > 0 && this.#run === undefined && !signal.aborted) {
      await this.#context.clock.sleep((lock.leaseMs ?? defaultLeaseMs) / 15, signal).catch(() => undefined);
      const [command] = this.#open.values();
      if (signal.aborted || command === undefined) continue;
      try {
        if ((await lock.read(this.#context)) === undefined) await this.#takeOver(command);
      } catch (error) {
        if (ShepherdError.is(error, 'ERR_LOCK_HELD') || (ShepherdError.is(error) && error.retryable)) continue;
        this.rollout.say(this.#context, `${command.kind} is not obeyed: ${errorInfo(error).message}`);
        if (command.id !== undefined) this.#open.delete(command.id);
      }
    }
    this.#standsBy = false;
  }

  /** Drives from here on. False: it has ended. @throws ShepherdError ERR_LOCK_HELD, ERR_NOT_REGISTERED */
  async #takeOver(command: StoredCommand | undefined): Promise<boolean> {
    const { rollout } = this;
    const taken = await takeLock(this.#engine, this.#context, command);
    if (taken === undefined) return false;
    const job: Job = {
      id: this.#id,
      by: this.#actor,
      options: {},
      clock: this.#context.clock,
      locate: async () => ({ engine: this.#engine, context: this.#context }),
      prepare: () => Promise.reject(rolloutNotFound(this.#id)),
    };
    if (command !== undefined) rollout.keep(command);
    await new Promise<void>((resolve, reject) => {
      const started = (plan: Plan): void => {
        this.#run = run;
        rollout.start(plan);
        this.#drives(run);
        resolve();
      };
      const run = driveRecord(job, this.#engine, taken.record, taken.hold, rollout, started, taken.events);
      run.catch(reject);
    });
    return true;
  }
}

/** A command that nothing comes of is an error of whoever gives it, not a silence. @throws ShepherdError ERR_COMMAND_REFUSED */
function refuseUseless({ kind, rolloutId }: StoredCommand, { now }: RolloutState): void {
  const answers = kind === 'approve' || kind === 'reject';
  const reason =
    now.kind === 'ended'
      ? `it has ended: ${now.outcome.kind}`
      : answers && !(now.kind === 'waiting' && now.on === 'approval')
        ? 'it does not wait for approval'
        : undefined;
  if (reason === undefined) return;
  throw new ShepherdError('ERR_COMMAND_REFUSED', `${kind} of ${rolloutId} is refused: ${reason}`, {
    facts: { id: rolloutId, command: kind, reason },
    remedy: 'see where it stands: shepherd status APP',
  });
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
