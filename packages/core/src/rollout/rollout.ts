import type { RolloutEvent, RolloutEventType } from '../events/event.js';
import type { Plan } from '../plan/plan.js';
import type { Actor, App } from '../words/app.js';
import type { Duration } from '../words/duration.js';
import type { Outcome } from './outcome.js';

/** Where a rollout stands; JSON, the same in every process. `weight`: the candidate's realised percent of requests; `sequence`: of the last stored event. */
export interface RolloutState {
  readonly id: string;
  readonly targets: readonly App[];
  readonly weight: number;
  /** Undefined: nobody drives. */
  readonly driver: string | undefined;
  /** This process drives. */
  readonly here?: true | undefined;
  readonly sequence: number;
  /** By when somebody must drive it if nobody does any more, else it is taken back; undefined where it may stand (RR CR-4). ISO 8601 UTC. */
  readonly unwatchedDeadline?: string | undefined;
  readonly now:
    | { readonly kind: 'progressing' | 'rolling-back'; readonly step: number; readonly of: number }
    | {
        readonly kind: 'waiting';
        readonly on: 'gate' | 'approval' | 'pause';
        readonly reason: string;
        readonly until: string;
        /** It waits for a process that has this in its `extensions`. */
        readonly missing?: { readonly extension: 'step' | 'check' | 'gate'; readonly use: string } | undefined;
      }
    | { readonly kind: 'ended'; readonly outcome: Outcome };
}

/** Who asks for something, and why. @default by: the Shepherd's actor */
export interface Command {
  readonly by?: Actor | undefined;
  readonly reason?: string | undefined;
}

/** Listens to one type of event. A throw in the listener becomes `listener-error`. @returns its undo */
export type Listen<O> = <T extends RolloutEventType>(
  type: T,
  listener: (event: RolloutEvent<T>) => void | Promise<void>,
  options?: O & { readonly signal?: AbortSignal | undefined },
) => () => void;

/**
 * One rollout, driven here or elsewhere: the same handle. A command resolves when stored; whoever drives obeys it and says so by a `command` event; if nobody
 * does, this process drives, also where the driver died before it obeyed. Of a rollout that another process drives or drove, commands reject with
 * ERR_ROLLOUT_NOT_FOUND, with ERR_COMMAND_REFUSED where there is nothing to obey (it has ended; nothing waits for approval), and with ERR_NOT_REGISTERED where
 * going on needs something that only another process has.
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
