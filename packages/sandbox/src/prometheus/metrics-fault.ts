import { type Answer, isStream, writtenOf } from '../api/server/answer.js';
import type { Incoming } from '../api/server/incoming.js';

/**
 * What is wrong with the sandbox's Prometheus. `down`: connections break. `slow`: each answer takes so long. `status`: a refusal, such as 401 or 503. `html`: a login page
 * with status 200. `empty`: it knows no series. `stale`: it scrapes nothing any more, and answers from what it has. `skew`: its clock, and so its scrapes, run
 * ahead by so many ms, behind where negative. `warn`: answers that say they may lack something.
 */
export type MetricsFault =
  | { readonly kind: 'down' | 'html' | 'empty' | 'stale' | 'warn' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'skew'; readonly ms: number };

interface Behind {
  readonly nowMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly handle: (request: Incoming) => Promise<Answer>;
}

const loginPage = '<!DOCTYPE html><html><body>Sign in</body></html>';
const dateOf = (ms: number): { readonly date: string } => ({ date: new Date(ms).toUTCString() });

function changed(answer: Answer, change: (body: Record<string, unknown>) => object, headers: Record<string, string>): Answer {
  const body = isStream(answer.body) ? {} : (JSON.parse(writtenOf(answer.body)) as Record<string, unknown>);
  return { ...answer, headers: { ...answer.headers, ...headers }, body: JSON.stringify(change(body)) };
}

const emptied = (body: Record<string, unknown>): object => {
  const { data } = body;
  return { ...body, data: Array.isArray(data) ? [] : { ...(data as object), result: [] } };
};

/** A server of Prometheus with faults in front of it. */
export class FaultyFront {
  readonly #behind: Behind;
  #fault: MetricsFault | undefined;

  constructor(behind: Behind) {
    this.#behind = behind;
  }

  /** The one at a time; the one before is taken back. */
  set(fault: MetricsFault): () => void {
    this.#fault = fault;
    return () => {
      if (this.#fault === fault) this.#fault = undefined;
    };
  }

  /** Nothing is scraped meanwhile. */
  get stands(): boolean {
    return this.#fault?.kind === 'stale' || this.#fault?.kind === 'down';
  }

  get skewMs(): number {
    return this.#fault?.kind === 'skew' ? this.#fault.ms : 0;
  }

  /** Rejects where the connection breaks. */
  async handle(request: Incoming): Promise<Answer> {
    const { nowMs, sleep, handle } = this.#behind;
    const fault = this.#fault;
    const date = dateOf(nowMs() + this.skewMs);
    switch (fault?.kind) {
      case 'down':
        throw new TypeError('fetch failed', { cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }) });
      case 'status':
        return { status: fault.status, headers: { ...date, 'content-type': 'text/plain; charset=utf-8' }, body: `${fault.status}\n` };
      case 'html':
        return { status: 200, headers: { ...date, 'content-type': 'text/html' }, body: loginPage };
      case 'slow':
        await sleep(fault.delayMs, request.signal);
        return handle(request);
      case 'empty':
        return changed(await handle(request), emptied, date);
      case 'warn':
        return changed(await handle(request), (body) => ({ ...body, warnings: ['a store does not answer'] }), date);
      default: {
        const answer = await handle(request);
        return { ...answer, headers: { ...answer.headers, ...date } };
      }
    }
  }
}
