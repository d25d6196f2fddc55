import type { Clock } from '@shepherd/core';
import { toMs, withDeadline } from '@shepherd/core';
import type { PrometheusOptions } from '../options.js';
import { listOf, type Matrix, matrixOf, parseBody, shorten, type Vector, vectorOf } from './answer.js';
import { ApiError } from './api-error.js';
import { Breaker } from './breaker.js';
import { credentialsOf, withoutSecrets } from './credentials.js';
import { type Call, maxBytes, type Send, type Sent, send } from './driver.js';
import { sendInMemory } from './memory.js';
import { alertRulesOf, type Rule } from './rules.js';
import { Wires } from './wire.js';

/** What a call needs of its context. */
export interface Caller {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** `serverMs`: what the server's clock said, to the second. */
export type Answer = Vector & { readonly serverMs: number | undefined };

/** The steps of a range, milliseconds since 1970. */
export interface Steps {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

type Parse<T> = (body: ReturnType<typeof parseBody>) => T;
interface Parsed<T> {
  readonly read: T;
  readonly serverMs: number | undefined;
}

const tries = 3;
const firstWaitMs = 500;

/** The query API of one Prometheus: a time limit for each request, few retries, a rest after many failures. */
export class PrometheusApi {
  readonly #options: PrometheusOptions;
  readonly #wires: Wires;
  readonly #timeoutMs: number;
  readonly #random: () => number;
  readonly #breaker = new Breaker();

  constructor(options: PrometheusOptions, random: () => number = Math.random) {
    this.#options = options;
    this.#wires = new Wires(options);
    this.#timeoutMs = toMs(options.timeout ?? '10s');
    this.#random = random;
  }

  /** @throws ApiError; the signal's reason; ShepherdError ERR_INVALID_OPTIONS where a secret is missing */
  async instant(query: string, atMs: number, caller: Caller): Promise<Answer> {
    const { read, serverMs } = await this.#ask({ kind: 'instant', query, atMs }, caller, vectorOf);
    return { ...read, serverMs };
  }

  /** A vector for each step, both ends included. Nobody may ask for more than 11,000. @throws as `instant` */
  async range(query: string, { fromMs, toMs, stepMs }: Steps, caller: Caller): Promise<Matrix> {
    return (await this.#ask({ kind: 'range', query, fromMs, toMs, stepMs }, caller, matrixOf)).read;
  }

  /** Values of a label on the series that `match` and had samples within the time. @throws as `instant` */
  async values(label: string, match: string, { fromMs, toMs }: Omit<Steps, 'stepMs'>, caller: Caller): Promise<readonly string[]> {
    return (await this.#ask({ kind: 'values', label, match, fromMs, toMs }, caller, listOf)).read;
  }

  /** Rules that alert, of all groups. @throws as `instant` */
  async alertRules(caller: Caller): Promise<readonly Rule[]> {
    return (await this.#ask({ kind: 'rules' }, caller, alertRulesOf)).read;
  }

  async #ask<T>(call: Call, caller: Caller, parse: Parse<T>): Promise<Parsed<T>> {
    const { clock, signal } = caller;
    const startMs = clock.monotonicMs();
    for (let count = 1; ; count += 1) {
      try {
        return await this.#breaker.run(clock, () => this.#once(call, caller, parse));
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ApiError) || !error.retryable || count === tries) throw error;
        // Full jitter, so that many who lost the same server do not come back at once.
        const waitMs = Math.max(error.afterMs, firstWaitMs * 2 ** (count - 1) * this.#random());
        if (clock.monotonicMs() - startMs + waitMs >= this.#timeoutMs) throw error;
        await clock.sleep(waitMs, signal);
      }
    }
  }

  close(): void {
    this.#wires.close();
  }

  async #once<T>(call: Call, { clock, signal }: Caller, parse: Parse<T>): Promise<Parsed<T>> {
    const [{ headers, secrets }, sendBy] = await Promise.all([credentialsOf(this.#options), this.#sender()]);
    const ms = this.#timeoutMs;
    const late = (): ApiError => new ApiError('timeout', `gave no answer within ${ms / 1_000} s`);
    const url = this.#options.url.replace(/\/+$/, '');
    try {
      const sent = await withDeadline({ clock, signals: [signal], ms, onTimeout: late }, (inner) => sendBy({ url, call, headers, signal: inner }));
      const serverMs = Date.parse(sent.headers['date'] ?? '');
      return { read: readAnswer(sent, url, parse, clock.now().getTime()), serverMs: Number.isNaN(serverMs) ? undefined : serverMs };
    } catch (error) {
      signal.throwIfAborted();
      const seen = error instanceof ApiError ? error : connectionError(error);
      const { failure, status, afterMs: later } = seen;
      throw new ApiError(failure, withoutSecrets(seen.message, secrets), { status, afterMs: later });
    }
  }

  async #sender(): Promise<(request: Send) => Promise<Sent>> {
    const { transport } = this.#options;
    if (transport !== undefined) return (request) => sendInMemory(request, transport);
    const wire = await this.#wires.get();
    return (request) => send(request, wire);
  }
}

/** @throws ApiError for anything but what `parse` reads, with a status of success */
function readAnswer<T>({ status, headers, text }: Sent, url: string, parse: Parse<T>, nowMs: number): T {
  if (status >= 300 && status < 400) throw new ApiError('redirect', `answered ${status}, redirecting to ${placeOf(headers['location'], url)}`, { status });
  if (status >= 200 && status < 300) return parse(parseBody(status, text));
  const said = saidIn(status, text);
  if (status === 401 || status === 403 || status === 407) throw new ApiError('unauthorised', `answered ${status}${said}`, { status });
  if (status === 404 || status === 405) throw new ApiError('not-found', `answered ${status}${said}`, { status });
  if (status === 429 || (status >= 500 && status !== 501))
    throw new ApiError('overloaded', `answered ${status}${said}`, { status, afterMs: afterMs(headers['retry-after'], nowMs) });
  throw new ApiError(status === 400 || status === 422 ? 'refused-query' : 'not-prometheus', `answered ${status}${said}`, { status });
}

/** `Retry-After`: seconds, or a date (RFC 9110). */
function afterMs(header: string | undefined, nowMs: number): number {
  if (header === undefined) return 0;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs);
}

/** What Prometheus, or a gateway in plain words, says of a failure. */
function saidIn(status: number, text: string): string {
  try {
    parseBody(status, text);
    return '';
  } catch (error) {
    if (error instanceof ApiError && error.failure !== 'not-prometheus') return `: ${error.message.replace('answered an error: ', '')}`;
    return text.trim() === '' || text.trimStart().startsWith('<') ? ` with ${text.trim() === '' ? 'nothing' : 'HTML'}` : `: ${shorten(text)}`;
  }
}

/** Where a redirect leads, as a base path, without a query that may hold a token. */
function placeOf(location: string | undefined, url: string): string {
  if (location === undefined || !URL.canParse(location, `${url}/`)) return 'nowhere';
  const { origin, pathname } = new URL(location, `${url}/`);
  return `${origin}${pathname.replace(/\/api\/v1\/(?:query|query_range|label\/\w+\/values|rules)\/?$/, '')}`;
}

const tlsCode = /CERT|^ERR_TLS|^ERR_SSL|SELF_SIGNED|UNABLE_TO_|EPROTO/;

/** The error of a request without an answer. Its driver rejects with a plain object. */
function connectionError(thrown: unknown): ApiError {
  const { code, error, message } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as Readonly<Record<string, unknown>>;
  const [name, text] = [typeof code === 'string' ? code : '', String(error ?? message ?? 'no reason')];
  if (text.includes('maxContentLength')) return new ApiError('too-large', `answered more than ${maxBytes / 1024 / 1024} MiB`);
  const said = `cannot be reached: ${shorten(text)}${name === '' || text.includes(name) ? '' : ` [${name}]`}`;
  return new ApiError(tlsCode.test(name) ? 'tls' : 'network', said);
}
