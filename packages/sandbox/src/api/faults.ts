import { StatusError } from './status-error.js';

/** Which requests a fault meets; without parts, all. */
export interface FaultMatch {
  /** Verb of the API (`patch`, `list`, `watch`) or of HTTP (`GET`). */
  readonly verb?: string | undefined;
  /** Tested against path and query. */
  readonly path?: RegExp | undefined;
  /** How often. @default always, until it is taken back */
  readonly times?: number | undefined;
}

/** A refusal with this status instead of the work; no answer at all; the work without its answer. */
export type Fault = { readonly status: number } | 'hang' | 'drop-answer';

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** Thrown where the client shall see its connection break. */
export class DroppedAnswerError extends TypeError {
  constructor() {
    super('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });
  }
}

/** The refusal of a fault; 429 asks the client to wait a second. */
export const statusOf = (code: number): StatusError =>
  new StatusError(code, REASONS[code] ?? 'InternalError', `fault injected by the sandbox: ${code}`, code === 429 ? { retryAfterSeconds: 1 } : undefined);

/** Faults in the order in which they were set: the first that matches is used. */
export class Faults {
  readonly #set: { match: FaultMatch; fault: Fault; left: number }[] = [];

  /** @returns takes it back */
  add(match: FaultMatch, fault: Fault): () => void {
    const entry = { match, fault, left: match.times ?? Number.POSITIVE_INFINITY };
    this.#set.push(entry);
    return () => {
      entry.left = 0;
    };
  }

  /** The fault of this request, used up once; undefined where none is meant. */
  take(verb: string, method: string, path: string): Fault | undefined {
    const entry = this.#set.find(({ match, left }) => left > 0 && meets(match, verb, method, path));
    if (!entry) return undefined;
    entry.left -= 1;
    return entry.fault;
  }
}

function meets(match: FaultMatch, verb: string, method: string, path: string): boolean {
  const wanted = match.verb?.toLowerCase();
  if (wanted !== undefined && wanted !== verb && wanted !== method.toLowerCase()) return false;
  if (!match.path) return true;
  // A regular expression with the g flag remembers where it stopped.
  match.path.lastIndex = 0;
  return match.path.test(path);
}

/** Never answers; rejects as soon as the caller gives up. */
export const hang = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
