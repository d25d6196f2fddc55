import { isRollback, type RolloutRecord } from '../engine/record.js';
import { errorInfo } from '../errors/shepherd-error.js';
import type { RolloutEvent } from '../events/event.js';
import type { Clock } from '../ports/clock.js';
import type { ChangeNote } from '../ports/context.js';
import type { ObservedRollout, Observer } from '../ports/observer.js';
import { formatCause } from '../rollout/format-cause.js';
import type { Outcome } from '../rollout/outcome.js';

/** What went wrong in an observer, for whoever listens. */
type Trouble = (observer: string, message: string) => void;

/** Of this process. */
interface Here {
  readonly clock: Clock;
  readonly lockWaitMs: number;
}

/** The observers of one rollout. Whatever they do, no call of this throws, waits or says anything that the rollout would depend on. */
export class Watchers {
  readonly #observers: readonly Observer[];
  readonly #here: Here;
  readonly #trouble: Trouble;

  constructor(observers: readonly Observer[], here: Here, trouble: Trouble) {
    this.#observers = observers;
    this.#here = here;
    this.#trouble = trouble;
  }

  tell(event: RolloutEvent, record: RolloutRecord): void {
    this.#each(record, (observer, rollout) => observer.observe(event, rollout, { clock: this.#here.clock }));
  }

  left(outcome: Outcome, record: RolloutRecord): void {
    if (!outcome.final) this.#each(record, (observer, rollout) => observer.left?.(outcome, rollout, { clock: this.#here.clock }));
  }

  /** For child processes of the step that runs; undefined: no observer has any. */
  childEnv(rolloutId: string): Readonly<Record<string, string>> | undefined {
    const found = this.#observers.map((observer) => {
      try {
        return observer.childEnv?.(rolloutId);
      } catch (error) {
        this.#report(observer, error);
        return undefined;
      }
    });
    return found.every((each) => each === undefined) ? undefined : Object.assign({}, ...found);
  }

  #each(record: RolloutRecord, call: (observer: Observer, rollout: ObservedRollout) => void | Promise<void>): void {
    if (this.#observers.length === 0) return;
    const rollout = { ...noteOf(record), ...observed(record), lockWaitMs: this.#here.lockWaitMs };
    for (const observer of this.#observers) {
      try {
        Promise.resolve(call(observer, rollout)).catch((error: unknown) => this.#report(observer, error));
      } catch (error) {
        this.#report(observer, error);
      }
    }
  }

  #report({ name }: Observer, error: unknown): void {
    this.#trouble(`observer ${name}`, errorInfo(error).message);
  }
}

const observed = ({ id, apps, request: { metadata = {} }, startedAt, events }: RolloutRecord) => ({ id, app: apps[0], metadata, startedAt, events });

/** The same for what is written: on its way back it goes from the new version to the one before. Pure. */
export const changeOf = (record: RolloutRecord): ChangeNote => {
  const note = noteOf(record);
  const { phase, cause } = record;
  if (phase !== 'back' || note.from === undefined) return note;
  return { ...note, strategy: 'rollback', from: note.to, to: note.from, reason: cause === undefined ? note.reason : formatCause(cause) };
};

/** What a rollout is, in few words. Pure. */
export const noteOf = (record: RolloutRecord): ChangeNote => {
  const { by, from, to, request } = record;
  const { remedy, strategy, reason } = request;
  return { strategy: remedy?.kind ?? (isRollback(record) ? 'rollback' : (strategy?.kind ?? 'rolling')), by, from, to, reason };
};
