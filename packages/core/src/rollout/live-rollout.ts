import type { Interruption, StoredCommand } from '../engine/commands.js';
import type { Driver } from '../engine/driver.js';
import { stateOf } from '../engine/state.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import type { RolloutEvent } from '../events/event.js';
import { EventHub } from '../events/event-hub.js';
import type { Plan } from '../plan/plan.js';
import type { PortContext } from '../ports/context.js';
import type { Actor } from '../words/app.js';
import { toMs } from '../words/duration.js';
import type { Outcome } from './outcome.js';
import type { Command, Listen, Rollout, RolloutState } from './rollout.js';

export interface RolloutOptions {
  readonly id: string;
  readonly actor: Actor;
  /** Stores a command for whoever drives; resolves when stored. */
  readonly post: (command: StoredCommand) => Promise<void>;
  readonly readState: () => Promise<RolloutState>;
  /** Drives it from here on, to obey `command` or to go on; false: it has ended. Undefined for one that this process runs from its start. */
  readonly takeOver?: ((command: StoredCommand | undefined) => Promise<boolean>) | undefined;
}

/** The handle of a rollout: events, outcome and commands, whoever drives it. */
export class LiveRollout implements Rollout {
  readonly id: string;
  readonly started: Promise<Plan>;
  readonly outcome: Promise<Outcome>;
  readonly hub = new EventHub();
  driver: Driver | undefined;
  readonly #options: RolloutOptions;
  readonly #pending: StoredCommand[] = [];
  #leave: Interruption | undefined;
  /** The plan is known: `started` resolves. */
  start: (plan: Plan) => void = () => undefined;

  constructor(options: RolloutOptions, run: (rollout: LiveRollout, started: (plan: Plan) => void) => Promise<Outcome>) {
    this.id = options.id;
    this.#options = options;
    let resolve: (plan: Plan) => void = () => undefined;
    let reject: (error: unknown) => void = () => undefined;
    this.started = new Promise<Plan>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    // Who does not look at `started` gets the same from `outcome`.
    this.started.catch(() => undefined);
    this.outcome = run(this, resolve).then((outcome) => {
      if (outcome.kind === 'failed-untouched') reject(new ShepherdError(outcome.error.code, outcome.error.message, outcome.error));
      this.hub.end();
      return outcome;
    });
  }

  /** From here on this process drives; what was asked meanwhile is delivered. */
  attach(driver: Driver): void {
    this.driver = driver;
    if (this.#leave !== undefined) driver.interrupt(this.#leave);
    for (const command of this.#pending.splice(0)) driver.command(command);
  }

  events(options?: { readonly after?: number | undefined; readonly signal?: AbortSignal | undefined }): AsyncIterable<RolloutEvent> {
    return this.hub.events(options);
  }

  [Symbol.asyncIterator](): AsyncIterator<RolloutEvent> {
    return this.hub.events()[Symbol.asyncIterator]();
  }

  readonly on: Listen<{ readonly after?: number | undefined }> = (type, listener, options) => this.hub.on(type, listener, options);

  async state(): Promise<RolloutState> {
    if (this.driver === undefined) return this.#options.readState();
    const { record } = this.driver.keeper;
    return { ...stateOf(record, record.driver), here: true };
  }

  abort(command?: Command): Promise<void> {
    return this.#send({ kind: 'abort', ...this.#asked(command) });
  }

  pause({ timeout, onTimeout, ...command }: Parameters<Rollout['pause']>[0]): Promise<void> {
    return this.#send({ kind: 'pause', ...this.#asked(command), timeoutMs: toMs(timeout), onTimeout });
  }

  resume(command?: Command): Promise<void> {
    return this.#send({ kind: 'resume', ...this.#asked(command) });
  }

  promote(command?: Command): Promise<void> {
    return this.#send({ kind: 'promote', ...this.#asked(command) });
  }

  approve(command?: Command): Promise<void> {
    return this.#send({ kind: 'approve', ...this.#asked(command) });
  }

  reject(command?: Command): Promise<void> {
    return this.#send({ kind: 'reject', ...this.#asked(command) });
  }

  /** This process stops driving, now or as soon as it would begin to. */
  leave(interruption: Interruption): void {
    this.#leave = interruption;
    this.driver?.interrupt(interruption);
  }

  /** For whoever reads along; not stored. */
  say({ app, clock }: PortContext, message: string): void {
    const event = { type: 'step-progress', index: 0, message, rolloutId: this.id, app, sequence: this.hub.last, transient: true } as const;
    this.hub.publish({ ...event, at: clock.now().toISOString() });
  }

  /** Drives it from here on if nobody does. False: it has ended, or this process runs it from its start. @throws ShepherdError ERR_LOCK_HELD, ERR_NOT_REGISTERED */
  async takeOver(command?: Omit<StoredCommand & { readonly kind: 'abort' }, 'rolloutId' | 'id'>): Promise<boolean> {
    const asked = command === undefined ? undefined : { ...command, rolloutId: this.id, id: crypto.randomUUID() };
    return (await this.#options.takeOver?.(asked)) ?? false;
  }

  #asked({ by = this.#options.actor, reason }: Command = {}): { rolloutId: string; id: string; by: Actor; reason?: string } {
    return { rolloutId: this.id, id: crypto.randomUUID(), by, ...(reason === undefined ? {} : { reason }) };
  }

  async #send(command: StoredCommand): Promise<void> {
    if (this.driver !== undefined) this.driver.command(command);
    else await this.#options.post(command);
  }

  /** For a rollout of this process that does not drive yet: kept until it does. */
  keep(command: StoredCommand): void {
    this.#pending.push(command);
  }
}
