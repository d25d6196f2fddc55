import type { Io, StopSignal } from './io.js';

const codes: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

export const signalCode = (signal: StopSignal): number => codes[signal];

/**
 * The way out of a running command: the first signal asks for it, the second leaves at once. What the first one means changes as the command goes on.
 */
export class Interrupt {
  /** The first signal that came. */
  signal: StopSignal | undefined;
  readonly #controller = new AbortController();
  readonly #io: Io;
  readonly #undo: () => void;
  #onFirst: ((signal: StopSignal) => void) | undefined;

  constructor(io: Io) {
    this.#io = io;
    this.#undo = io.onSignal((signal) => this.hear(signal));
  }

  /** Aborts at the first signal, unless `meaning` says something else; its reason is the signal's name. */
  get abortSignal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What the first signal does from now on, instead of aborting at once. */
  meaning(onFirst: ((signal: StopSignal) => void) | undefined): void {
    this.#onFirst = onFirst;
  }

  abort(signal: StopSignal): void {
    this.#controller.abort(signal);
  }

  hear(signal: StopSignal): void {
    if (this.signal !== undefined) return this.#io.exit(codes[signal]);
    this.signal = signal;
    if (this.#onFirst === undefined) this.abort(signal);
    else this.#onFirst(signal);
  }

  close(): void {
    this.#undo();
  }
}

/** Does work that a signal may end. @returns its exit code; the signal's, where the work was given up for it */
export async function withInterrupt(io: Io, work: (interrupt: Interrupt) => Promise<number>): Promise<number> {
  const interrupt = new Interrupt(io);
  try {
    return await work(interrupt);
  } catch (error) {
    if (interrupt.signal !== undefined && interrupt.abortSignal.aborted) return signalCode(interrupt.signal);
    throw error;
  } finally {
    interrupt.close();
  }
}
