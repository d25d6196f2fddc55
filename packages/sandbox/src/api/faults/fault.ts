import type { Duration } from '@shepherd/core';

/** Which requests a fault meets; without parts, all. A request must fit every part that is given. */
export interface FaultMatch {
  /** Verb of the API (`patch`, `list`, `watch`) or of HTTP (`GET`). */
  readonly verb?: string | undefined;
  /** Tested against path and query. */
  readonly path?: RegExp | undefined;
  /** Name of the user who asks. */
  readonly user?: string | undefined;
  /** Tested against `User-Agent`: tells clients of one user apart (`/^helm/`). */
  readonly agent?: RegExp | undefined;
  /** Lets so many of these requests through first. @default 0 */
  readonly after?: number | undefined;
  /** Share of these requests that it meets, 0 to 1, by the sandbox's seed. @default 1 */
  readonly chance?: number | undefined;
  /** How often it meets one. @default always, until it is taken back */
  readonly times?: number | undefined;
  /** Ends by itself after this long on the sandbox's clock. @default when it is taken back */
  readonly lasts?: Duration | undefined;
}

/** A refusal instead of the work. */
export interface RefusalFault {
  readonly status: number;
  /** `Retry-After`. @default 1 for 429, none for others */
  readonly retryAfterSeconds?: number | undefined;
  /** A proxy's page of HTML instead of a Status. @default false */
  readonly html?: boolean | undefined;
}

/** The work is done at once, its answer comes so much later. */
export interface SlowFault {
  readonly delayMs: number;
}

/**
 * Reads show the cluster as it was so long ago, like a server whose cache lags; a watch hears of each change so much later. Writes are not touched: they meet
 * the newest version. Ends for watches that run, too: they catch up at once.
 */
export interface LagFault {
  readonly lagMs: number;
}

/**
 * What becomes of a watch: `half-open` stays open without another byte; `reset` breaks; `end` ends in good order; `error` says an ERROR event and ends;
 * `garbage` says half an event and ends. Watches that run already are met, too.
 */
export interface WatchFault {
  readonly watch: 'half-open' | 'reset' | 'end' | 'error' | 'garbage';
  /** Of an ERROR event. @default 410 */
  readonly status?: number | undefined;
  /** After so many changes, which are still told. @default 0 */
  readonly afterEvents?: number | undefined;
}

/**
 * What goes wrong. `hang`: no answer, until the client gives up. `reset`: the connection breaks before anything was done. `drop-answer`: the work is done, then
 * the connection breaks.
 */
export type Fault = 'hang' | 'reset' | 'drop-answer' | RefusalFault | SlowFault | LagFault | WatchFault;

export const isWatchFault = (fault: Fault): fault is WatchFault => typeof fault === 'object' && 'watch' in fault;
export const isLag = (fault: Fault): fault is LagFault => typeof fault === 'object' && 'lagMs' in fault;
