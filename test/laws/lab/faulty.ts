import type { Transport } from '@shepherd/core';

/** What happens to a call: an answer of the server, none, one that got lost after the work, an old one; or all open watches end, or tell nothing any more. */
export type Trouble = 409 | 410 | 429 | 500 | 503 | 504 | 'hang' | 'reset' | 'lost' | 'stale' | 'cut-watches' | 'mute-watches';

/** From this call on, for so many calls. */
export interface Burst {
  readonly trouble: Trouble;
  readonly atCall: number;
  readonly calls: number;
}

const reasons: Readonly<Record<number, string>> = {
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function refusal(code: number): Response {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: reasons[code], message: `injected: ${code}`, code };
  const headers = { 'content-type': 'application/json', ...(code === 429 ? { 'retry-after': '1' } : {}) };
  return new Response(JSON.stringify(body), { status: code, headers });
}

const reset = (): TypeError => new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });

/** Without an answer until the caller gives up. */
const hang = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** The network between one process and the API server; a conflict meets only writes, an expired version only lists and watches, an old answer only reads. */
export class FaultyNetwork {
  readonly #transport: Transport;
  readonly #bursts: readonly Burst[];
  readonly #answers = new Map<string, string>();
  /** Open watches. */
  readonly #watches = new Set<{ muted: boolean; cut(error: unknown): void }>();
  #calls = 0;

  constructor(transport: Transport, bursts: readonly Burst[]) {
    this.#transport = transport;
    this.#bursts = bursts;
  }

  readonly send: Transport = async (request) => {
    this.#calls += 1;
    const trouble = this.#bursts.find(({ atCall, calls }) => this.#calls >= atCall && this.#calls < atCall + calls)?.trouble;
    const isWatch = /[?&]watch=(true|1)/.test(request.url);
    const isRead = request.method === 'GET';
    switch (trouble) {
      case 409:
        return isRead ? this.#answer(request, isWatch) : refusal(409);
      case 410:
        return isRead && request.url.includes('resourceVersion=') ? refusal(410) : this.#answer(request, isWatch);
      case 429:
      case 500:
      case 503:
      case 504:
        return refusal(trouble);
      case 'hang':
        return hang(request.signal);
      case 'reset':
        throw reset();
      case 'lost':
        await (await this.#transport(request)).body?.cancel();
        throw reset();
      case 'stale': {
        const old = isRead && !isWatch ? this.#answers.get(request.url) : undefined;
        return old === undefined ? this.#answer(request, isWatch) : new Response(old, { headers: { 'content-type': 'application/json' } });
      }
      case 'cut-watches':
        for (const watch of this.#watches) watch.cut(reset());
        return this.#answer(request, isWatch);
      case 'mute-watches':
        for (const watch of this.#watches) watch.muted = true;
        return this.#answer(request, isWatch);
      case undefined:
        return this.#answer(request, isWatch);
    }
  };

  async #answer(request: Request, isWatch: boolean): Promise<Response> {
    const response = await this.#transport(request);
    if (isWatch && response.body !== null) return this.#breakable(response);
    if (request.method !== 'GET' || !response.ok || !response.headers.get('content-type')?.includes('json')) return response;
    const text = await response.text();
    this.#answers.set(request.url, text);
    return new Response(text, { status: response.status, headers: response.headers });
  }

  #breakable(response: Response): Response {
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const watches = this.#watches;
    const watch = { muted: false, cut: (_reason: unknown): void => undefined };
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        watch.cut = (error) => {
          watches.delete(watch);
          controller.error(error);
          void reader.cancel().catch(() => undefined);
        };
        watches.add(watch);
      },
      async pull(controller) {
        let { done, value } = await reader.read();
        while (!done && watch.muted) ({ done, value } = await reader.read());
        if (!watches.has(watch)) return;
        if (done) {
          watches.delete(watch);
          controller.close();
        } else if (value !== undefined) controller.enqueue(value);
      },
      cancel: async (reason) => {
        watches.delete(watch);
        await reader.cancel(reason);
      },
    });
    return new Response(body, { status: response.status, headers: response.headers });
  }
}
