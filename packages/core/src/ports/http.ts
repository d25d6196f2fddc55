import type { Duration } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';

export interface HttpInit {
  /** @default 'GET' */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** @default '5s' */
  readonly timeout?: Duration | undefined;
}

/** What one pod answered. A pod that gave no answer has `status` 0 and the reason in `text`. */
export interface HttpReply {
  readonly pod: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly ms: number;
}

/** Sends a request to each pod of a track, through the platform's proxy (a reply a pod), or to the Service (one reply). */
export type Http = (to: TrackName | 'service', path: string, init?: HttpInit) => Promise<readonly HttpReply[]>;

/** How bytes reach an API server: HTTP, or the sandbox called in memory. */
export type Transport = (request: Request) => Promise<Response>;
