import type { Duration } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';

/** One request to pods or to a Service. */
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

/** Sends a request to each pod of a track that is ready or was, through the platform's proxy (a reply a pod), or to the Service (one reply). */
export type Http = (to: TrackName | 'service', path: string, init?: HttpInit) => Promise<readonly HttpReply[]>;

/** A request as plain data. */
export interface PlainRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
}

/** JSON that needs not be written out to be read in again. */
export interface JsonBody {
  readonly kind: 'json';
  /** Nobody changes it any more. */
  readonly value: unknown;
  /** The same as it is written. */
  text(): string;
}

/** Its answer: the whole body, or a stream where there is no end to wait for. */
export interface PlainAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | JsonBody | ReadableStream<Uint8Array>;
}

/** How bytes reach an API server: HTTP, or the sandbox called in memory. */
export interface Transport {
  (request: Request): Promise<Response>;
  /**
   * The same for who needs no objects of `fetch`, which cost more than the rest of a call in memory. What wraps a transport and leaves this out is asked in
   * the other way. @default none
   */
  readonly plain?: ((request: PlainRequest) => Promise<PlainAnswer>) | undefined;
}
