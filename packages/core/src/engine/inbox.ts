import type { StoredCommand } from './commands.js';

type Answer = Extract<StoredCommand, { kind: 'approve' | 'reject' | 'resume' }>;

/** Commands for the rollout that this process drives, from here and from the mailbox. */
export class Inbox {
  #pause: Extract<StoredCommand, { kind: 'pause' }> | undefined;
  #skip = new AbortController();
  #answers = new Set<(command: Answer) => boolean>();
  readonly #onAbort: (command: StoredCommand) => void;

  constructor(onAbort: (command: StoredCommand) => void) {
    this.#onAbort = onAbort;
  }

  deliver(command: StoredCommand): void {
    switch (command.kind) {
      case 'abort':
        return this.#onAbort(command);
      case 'pause':
        this.#pause = command;
        return;
      case 'promote':
        return this.#skip.abort();
      default:
        if (command.kind === 'resume') this.#pause = undefined;
        for (const answer of this.#answers) if (answer(command)) this.#answers.delete(answer);
    }
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
