import type { RolloutEvent, RolloutEventType } from '../events/event.js';
import type { Plan } from '../plan/plan.js';
import type { Actor, App } from '../words/app.js';
import type { Duration } from '../words/duration.js';
import type { Outcome } from './outcome.js';

export interface RolloutState {
  readonly id: string;
  readonly targets: readonly App[];
  readonly weight: number;
  /** Undefined: nobody drives. */
  readonly driver: string | undefined;
  readonly sequence: number;
  readonly now:
    | { readonly kind: 'progressing' | 'rolling-back'; readonly step: number; readonly of: number }
    | { readonly kind: 'waiting'; readonly on: 'gate' | 'approval' | 'pause'; readonly reason: string; readonly until: string }
    | { readonly kind: 'ended'; readonly outcome: Outcome };
}

/** Who asks for something, and why. @default by: the Shepherd's actor */
export interface Command {
  readonly by?: Actor | undefined;
  readonly reason?: string | undefined;
}

export type Listen<O> = <T extends RolloutEventType>(
  type: T,
  listener: (event: RolloutEvent<T>) => void | Promise<void>,
  options?: O & { readonly signal?: AbortSignal | undefined },
) => () => void;

/**
 * One rollout, driven here or elsewhere: the same handle. A command resolves when stored; whoever drives obeys it; if nobody does, this process drives.
 */
export interface Rollout extends AsyncIterable<RolloutEvent> {
  /** `eu_shop_web_01JD…`: address and rollout, all that `shepherd.get` needs in any process; fits a URL, file name, label. Known at once. */
  readonly id: string;
  /** Lock and journal are written: another process can find it. Rejects with the error of `failed-untouched` (never as an unhandled rejection). */
  readonly started: Promise<Plan>;
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Replays from the journal behind `after` (0), then follows until `outcome` is there. A slow reader misses transient events only. */
  events(options?: { readonly after?: number | undefined; readonly signal?: AbortSignal | undefined }): AsyncIterable<RolloutEvent>;
  /** The same for one type. A throw in it becomes `listener-error`. Returns its undo. */
  readonly on: Listen<{ readonly after?: number | undefined }>;
  state(): Promise<RolloutState>;
  /** Take it back. */
  abort(command?: Command): Promise<void>;
  pause(command: Command & { readonly timeout: Duration; readonly onTimeout: 'continue' | 'rollback' }): Promise<void>;
  /** Go on, after a pause or a crash. */
  resume(command?: Command): Promise<void>;
  /** Skip the waiting that is left, not the checks. */
  promote(command?: Command): Promise<void>;
  approve(command?: Command): Promise<void>;
  reject(command?: Command): Promise<void>;
}
