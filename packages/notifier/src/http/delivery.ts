import type { Clock, Delivery } from '@shepherd/core';
import { Forbidden, type Reply } from './exchange.js';

const again = new Set([408, 425, 429]);

const longestQuote = 100;

/** What somebody else answered in a channel's place, a proxy or a page to log in at: one line of it; what is secret in it core takes out. */
const quoted = (body: string): string => {
  const text = body.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return text === '' ? '' : `: ${[...text].length > longestQuote ? `${[...text].slice(0, longestQuote - 1).join('')}…` : text}`;
};

/**
 * What an answer means for the notice (EC 1.1.2): 2xx is sent where it is how this channel says yes (`taken`, EC 2), else a failed attempt; of the rest only what
 * may pass is tried again, and 410 ends the channel.
 */
export function deliveryOf({ status, headers, body }: Reply, clock: Clock, said = '', taken = true): Delivery {
  const why = `answered ${status}${said === '' ? '' : ` ${said}`}`;
  if (status >= 200 && status < 300)
    return taken ? { kind: 'sent' } : { kind: 'retry', why: `answered ${status}, which is not how it says yes${quoted(body)}` };
  if (again.has(status) || status >= 500) return retry(why, afterMs(headers['retry-after'], clock));
  if (status >= 300 && status < 400) return { kind: 'refused', why: `${why}: redirects are not followed` };
  return { kind: 'refused', why, ...(status === 410 ? { gone: true } : {}) };
}

export const retry = (why: string, ms: number | undefined): Delivery =>
  ms === undefined ? { kind: 'retry', why } : { kind: 'retry', why, after: `${Math.ceil(ms)}ms` };

/** Seconds, or a date (RFC 9110). */
export function afterMs(header: string | undefined, clock: Clock): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - clock.now().getTime());
}

/** Work that sends: an address that is not allowed is a refusal, no answer is worth another attempt; who was told to stop, stops. */
export async function sending(signal: AbortSignal, work: () => Promise<Delivery>): Promise<Delivery> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Forbidden) return { kind: 'refused', why: error.message };
    return { kind: 'retry', why: reasonOf(error) };
  }
}

/** The system's code, or the name: a message may hold the address. */
function reasonOf(error: unknown): string {
  const { code, errors } = error as NodeJS.ErrnoException & { readonly errors?: readonly NodeJS.ErrnoException[] };
  const known = code ?? errors?.[0]?.code;
  if (known === 'ERR_INVALID_OPTIONS') return (error as Error).message;
  return known === undefined ? 'no answer' : `no answer: ${known}`;
}
