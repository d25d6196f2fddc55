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
  load(context: PortContext): Promise<Saved | undefined>;
  /** `ifVersion` undefined: only if there is none yet. @throws ShepherdError ERR_CONFLICT if another version is stored */
  save(context: WriteContext, record: unknown, ifVersion: string | undefined): Promise<Saved>;
  /** The record now, and again after each change; ends quietly when the signal aborts. */
  watch(context: PortContext): AsyncIterable<Saved>;
  /** Apps that have a record. */
  list(namespaces: readonly string[] | undefined, signal: AbortSignal): AsyncIterable<Omit<App, 'cluster'>>;
  post(context: PortContext, command: unknown): Promise<void>;
  /** Empties the mailbox, oldest first. */
  take(context: WriteContext): Promise<readonly unknown[]>;
}
