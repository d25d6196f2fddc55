import type { AppRequest, AppSettings } from './pods/behaviour.js';

/** What a request is answered with, after `delayMs`. */
export interface AppAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly delayMs: number;
}

const emptyCart = `${JSON.stringify({ items: [] })}\n`;
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * The guide's app: `/` says who answers, `/api/health` how it is, `/api/cart` what is in the cart, `/metrics` what it has served. Its behaviour comes from the image and the environment.
 */
export class SampleApp {
  readonly #settings: AppSettings;
  readonly #random: () => number;
  readonly #byCode = new Map<number, number>();
  readonly #byBound = bounds.map(() => 0);
  readonly #greeting: string;
  readonly #startedAt: Date;
  #seconds = 0;
  #count = 0;

  constructor(settings: AppSettings, random: () => number, startedAt: Date) {
    this.#startedAt = startedAt;
    this.#settings = settings;
    this.#random = random;
    this.#greeting = `${JSON.stringify({ version: settings.version, pod: settings.pod })}\n`;
  }

  /** The answer to a request to a process of this age. */
  answer(request: AppRequest, ageMs: number, now: Date): AppAnswer {
    const path = pathOf(request.path);
    const own = this.#settings.handle?.(request);
    if (own !== undefined)
      return this.#served({ status: own.status, contentType: 'text/plain', body: own.body ?? '', delayMs: this.#settings.latencyMs }, path);
    if (path === '/api/health') return this.#health(ageMs, now);
    if (path === '/metrics') return { status: 200, contentType: 'text/plain; version=0.0.4', body: this.metrics(), delayMs: 0 };
    const body = path === '/api/cart' ? emptyCart : this.#greeting;
    const status = this.#settings.errorRate > 0 && this.#random() < this.#settings.errorRate ? 500 : 200;
    return this.#served({ status, contentType: 'application/json', body, delayMs: this.#settings.latencyMs }, path);
  }

  /** When the answer to this path will change by itself, as the age of the process; `undefined` where that cannot be told. */
  steadyUntilMs(path: string, ageMs: number): number | undefined {
    const { handle, errorRate, readyAfterMs, sickAfterMs, flapping } = this.#settings;
    if (handle !== undefined) return undefined;
    const plain = pathOf(path);
    if (plain === '/metrics') return Number.POSITIVE_INFINITY;
    if (plain !== '/api/health') return errorRate > 0 && errorRate < 1 ? undefined : Number.POSITIVE_INFINITY;
    const turns = flapping === undefined ? [] : nextTurns(flapping, ageMs);
    return Math.min(...[readyAfterMs, sickAfterMs, ...turns].filter((at) => at > ageMs), Number.POSITIVE_INFINITY);
  }

  metrics(): string {
    const lines = [
      '# TYPE process_start_time_seconds gauge',
      `process_start_time_seconds ${this.#startedAt.getTime() / 1_000}`,
      '# TYPE http_requests_total counter',
    ];
    for (const [code, count] of this.#byCode) lines.push(`http_requests_total{method="GET",code="${code}",status="${code}"} ${count}`);
    lines.push('# TYPE http_request_duration_seconds histogram');
    for (const [index, bound] of bounds.entries()) lines.push(`http_request_duration_seconds_bucket{le="${bound}"} ${this.#byBound[index]}`);
    lines.push(`http_request_duration_seconds_bucket{le="+Inf"} ${this.#count}`);
    lines.push(`http_request_duration_seconds_sum ${this.#seconds}`, `http_request_duration_seconds_count ${this.#count}`);
    return `${lines.join('\n')}\n`;
  }

  #health(ageMs: number, now: Date): AppAnswer {
    const { health, database, readyAfterMs, sickAfterMs, flapping, version } = this.#settings;
    const ill = flapping !== undefined && ageMs % flapping.everyMs >= flapping.everyMs - flapping.forMs;
    const sick = ill || ageMs < readyAfterMs || (sickAfterMs > 0 && ageMs >= sickAfterMs) || database !== 'connected';
    const status = sick ? 503 : health;
    const said = { status: status >= 200 && status < 300 ? 'healthy' : 'unhealthy', version, database, timestamp: `${now.toISOString().slice(0, 19)}Z` };
    return { status, contentType: 'application/json', body: `${JSON.stringify(said)}\n`, delayMs: 0 };
  }

  /** Counted as it begins: the delay is known. */
  #served(answer: AppAnswer, path: string): AppAnswer {
    if (path === '/api/health' || path === '/metrics') return answer;
    const seconds = answer.delayMs / 1_000;
    this.#byCode.set(answer.status, (this.#byCode.get(answer.status) ?? 0) + 1);
    for (const [index, bound] of bounds.entries()) if (seconds <= bound) this.#byBound[index] = (this.#byBound[index] ?? 0) + 1;
    this.#seconds += seconds;
    this.#count += 1;
    return answer;
  }
}

/** When health that flaps turns bad next, and good. */
function nextTurns({ everyMs, forMs }: { readonly everyMs: number; readonly forMs: number }, ageMs: number): readonly number[] {
  const round = Math.floor(ageMs / everyMs) * everyMs;
  return [round + everyMs - forMs, round + everyMs];
}

const pathOf = (path: string): string => {
  const query = path.indexOf('?');
  return query === -1 ? path : path.slice(0, query);
};
