/** How to send requests. */
export interface LoadOptions {
  /** Origin of the app: `http://10.96.0.12:80`. */
  readonly url: string;
  /** Requests a second. Request i is due at start + i / rate and is sent then, whether or not earlier ones were answered. */
  readonly rate: number;
  /** False: a new TCP connection for each request, with `Connection: close`. True: kept connections, used in turn. @default false */
  readonly keepAlive?: boolean | undefined;
  /** Kept connections. The default lets each one carry several requests a second. @default rate / 5, at least 1 */
  readonly connections?: number | undefined;
  /** A request without a 2xx answer this long after it was due has failed, in ms. @default 5000 */
  readonly timeoutMs?: number | undefined;
  /** An answer that comes later than this after it was due is slow, in ms. @default 500 */
  readonly slowMs?: number | undefined;
  /** @default '/' */
  readonly path?: string | undefined;
}

/** `status-NNN` is an answer that is not 2xx; `cut`: the connection ended within an answer; `reset` also covers an end without any answer. */
export type FailureKind = 'refused' | 'reset' | 'cut' | 'timeout' | 'unreachable' | `status-${number}` | `error-${string}`;

/** One request. Times are ms since 1970, comparable with other processes of this machine. */
export interface Answer {
  readonly due: number;
  /** When the TCP handshake ended, if this request opened its connection; undefined on a kept one, or where none was made. */
  readonly connected: number | undefined;
  /** When the answer was complete, or the failure known. */
  readonly done: number;
  /** 0: no answer. */
  readonly status: number;
  /** Of the JSON answer, if it says so. */
  readonly version: string | undefined;
  readonly pod: string | undefined;
  /** Undefined: answered 2xx in time. */
  readonly failure: FailureKind | undefined;
}

/** What became of the requests. Latencies count from when a request was due, so a client or server that stalls is seen. */
export interface LoadReport {
  readonly requests: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  /** Answered with 2xx, but later than `slowMs`. */
  readonly slow: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Good answers by version. */
  readonly byVersion: Readonly<Record<string, number>>;
  /** TCP connections that were opened. */
  readonly connections: number;
  /** The longest that this client itself was late to send, in ms: more than a few tens, and it is the client that is measured. */
  readonly clientLateMs: number;
  /** In the order in which they were due. */
  readonly answers: readonly Answer[];
}

/** Ends of options that make no sense. */
export function checkLoadOptions({ url, rate, connections, timeoutMs }: LoadOptions): void {
  if (new URL(url).protocol !== 'http:') throw new RangeError(`load speaks http alone [url=${url}]`);
  for (const [name, value] of Object.entries({ rate, connections, timeoutMs })) {
    if (value !== undefined && !(Number.isFinite(value) && value > 0)) throw new RangeError(`a load's ${name} must be above 0 [${name}=${value}]`);
  }
}
