import type { App } from '../words/app.js';
import type { PortContext, WriteContext } from './context.js';

/** A stored record and the version that a later `save` must name. */
export interface Saved {
  readonly record: unknown;
  readonly version: string;
}

/**
 * The durable record of an app's rollouts. `save` (compare-and-set) is the driver's alone; `post` is a mailbox for everybody else, so that one writer stays
 * one writer.
 */
export interface Journal {
  /** Bytes that a record may have as JSON; the engine makes room before it grows beyond. @default 262144 */
  readonly maxBytes?: number | undefined;
  /** What is stored, a copy; undefined: no rollout of this app yet. */
  load(context: PortContext): Promise<Saved | undefined>;
  /** `ifVersion` undefined: only if there is none yet. @throws ShepherdError ERR_CONFLICT if another version is stored */
  save(context: WriteContext, record: unknown, ifVersion: string | undefined): Promise<Saved>;
  /**
   * Called once by each new holder of the lock, before it reads: from here on no `save` and no `take` of an earlier holder lands, also where there is no
   * record or mailbox yet. What is stored stays as it is. @throws ShepherdError ERR_LOCK_LOST if a later holder was here
   */
  fence?(context: WriteContext): Promise<void>;
  /** The record now, and again after each change; ends quietly when the signal aborts. */
  watch(context: PortContext): AsyncIterable<Saved>;
  /** Apps that have a record. */
  list(namespaces: readonly string[] | undefined, signal: AbortSignal): AsyncIterable<Omit<App, 'cluster'>>;
  /** Puts a command into the mailbox, whoever asks. Resolves when stored. */
  post(context: PortContext, command: unknown): Promise<void>;
  /**
   * What is in the mailbox, oldest first, without what was given to this holder (by its fence) before: that is removed now. So a holder takes again when its record
   * holds what it was given, and where it dies before, the next holder is given the same.
   */
  take(context: WriteContext): Promise<readonly unknown[]>;
}
