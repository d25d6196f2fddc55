import type { Duration } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';

/** A command for one pod. */
export interface ExecCommand {
  /** Program and arguments, as they are: no shell reads them. */
  readonly command: readonly string[];
  /** @default the container that answers requests */
  readonly container?: string | undefined;
  /** For the way there and the command. What runs in the pod when it is over may run on. @default '10s' */
  readonly timeout?: Duration | undefined;
}

/** What became of a command. `stdout`, `stderr`: their beginning, without what looks like a credential; `cut`: there was more. JSON. */
export type ExecReply = { readonly pod: string; readonly container: string; readonly stdout: string; readonly stderr: string; readonly cut: boolean } & (
  | { readonly kind: 'ended'; readonly exitCode: number }
  /** Nothing ran: no such program, no such container, a container that is not running. */
  | { readonly kind: 'not-started'; readonly reason: string }
  /** The pod went away before the command was through. */
  | { readonly kind: 'pod-gone'; readonly reason: string }
  | { readonly kind: 'timed-out'; readonly afterMs: number }
  /** The connection ended without a word about how the command did. */
  | { readonly kind: 'broken'; readonly reason: string }
);

/**
 * Runs a command in one ready pod of a track and waits for its end; undefined: the track has no pod that is ready. Never tried again by itself: a command may
 * have done something. @throws ShepherdError ERR_FORBIDDEN, ERR_UNREACHABLE
 */
export type Exec = (track: TrackName, command: ExecCommand) => Promise<ExecReply | undefined>;
