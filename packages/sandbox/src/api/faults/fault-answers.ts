import { type Answer, failure, html } from '../server/answer.js';
import type { Incoming } from '../server/incoming.js';
import { StatusError } from '../status-error.js';
import type { RefusalFault } from './fault.js';

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

/** Thrown where the client shall see its connection break, as `fetch` tells it. */
export class BrokenConnectionError extends TypeError {
  constructor() {
    super('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });
  }
}

/** The refusal of a fault; 429 asks the client to wait a second. */
export const statusOf = (code: number, retryAfterSeconds = code === 429 ? 1 : undefined): StatusError =>
  new StatusError(
    code,
    REASONS[code] ?? 'InternalError',
    `fault injected by the sandbox: ${code}`,
    retryAfterSeconds === undefined ? undefined : { retryAfterSeconds },
  );

export function refuse({ status, retryAfterSeconds, html: asPage }: RefusalFault): Answer {
  if (asPage !== true) return failure(statusOf(status, retryAfterSeconds));
  const page = `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center><hr><center>sandbox</center></body></html>\n`;
  return html(page, status, retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) });
}

/** An abort reaches a request only as long as somebody holds it. */
const hanging = new Set<Incoming>();

/** Never answers; rejects as soon as the caller gives up. */
export const hang = (request: Incoming): Promise<never> =>
  new Promise((_, reject) => {
    const { signal } = request;
    if (signal.aborted) return reject(signal.reason);
    hanging.add(request);
    const end = (): void => {
      hanging.delete(request);
      reject(signal.reason);
    };
    signal.addEventListener('abort', end, { once: true });
  });
