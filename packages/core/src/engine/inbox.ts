import type { StoredCommand } from './commands.js';

type Answer = Extract<StoredCommand, { kind: 'approve' | 'reject' | 'resume' }>;

/** Commands for the rollout that this process drives, from here and from the mailbox. */
export class Inbox {
  #pause: Extract<StoredCommand, { kind: 'pause' }> | undefined;
  #skip = new AbortController();
  #answers = new Set<(command: Answer) => boolean>();
  /** Answers that came before this process has come to the wait that its record holds. */
  #early: Answer[] = [];
  readonly #onAbort: (command: Extract<StoredCommand, { kind: 'abort' }>) => void;
  readonly #isWaiting: () => boolean;

  /** `isWaiting`: the rollout's record waits for people. */
  constructor(onAbort: (command: Extract<StoredCommand, { kind: 'abort' }>) => void, isWaiting: () => boolean = () => false) {
    this.#onAbort = onAbort;
    this.#isWaiting = isWaiting;
  }

  deliver(command: StoredCommand): void {
    switch (command.kind) {
      case 'abort':
        return this.#onAbort(command);
      case 'pause':
        this.#pause = command;
        return;
      case 'promote':
        this.#skip.abort();
        // A pause is waiting that is left, too (RR BUG-4); an approval is not, it is a decision.
        return this.deliver({ ...command, kind: 'resume' });
      default:
        if (command.kind === 'resume') this.#pause = undefined;
        if (this.#answers.size === 0 && this.#isWaiting()) this.#early.push(command);
        for (const answer of this.#answers) if (answer(command)) this.#answers.delete(answer);
    }
  }

  /** What a driver before this one was told and did not come to do. */
  deliverAgain(command: StoredCommand): void {
    // What it resumed is resumed or asked for by itself; a pause that came later stays one.
    if (command.kind === 'promote') this.#skip.abort();
    else this.deliver(command);
  }

  /** The pause that was asked for, once. */
  takePause(): Extract<StoredCommand, { kind: 'pause' }> | undefined {
    const pause = this.#pause;
    this.#pause = undefined;
    return pause;
  }

  /** Aborts when somebody asked to skip the waiting that is left. */
  get skip(): AbortSignal {
    return this.#skip.signal;
  }

  /** The next command of these kinds, or undefined when the signal aborts. */
  next(kinds: readonly Answer['kind'][], signal: AbortSignal): Promise<Answer | undefined> {
    const early = this.#early.splice(0).find(({ kind }) => kinds.includes(kind));
    if (early !== undefined) return Promise.resolve(early);
    return new Promise((resolve) => {
      const answer = (command: Answer): boolean => {
        if (!kinds.includes(command.kind)) return false;
        resolve(command);
        return true;
      };
      this.#answers.add(answer);
      const gone = (): void => {
        this.#answers.delete(answer);
        resolve(undefined);
      };
      if (signal.aborted) gone();
      else signal.addEventListener('abort', gone, { once: true });
    });
  }
}
