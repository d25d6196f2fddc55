import { type Answer, json } from '../api/server/answer.js';
import type { Incoming } from '../api/server/incoming.js';
import { formatNumber, parseNumber } from './number.js';
import { evaluate, range, select } from './promql/evaluate.js';
import { parse } from './promql/parse.js';
import { type Expression, ParseError, UnsupportedError } from './promql/syntax.js';
import { durationMs } from './promql/tokens.js';
import type { Labels, SeriesStore } from './series-store.js';

/** A failure as the API of Prometheus tells it. */
class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly errorType: 'bad_data' | 'execution' | 'not_found',
    message: string,
  ) {
    super(message);
  }
}

const mostSteps = 11_000;

const plain = (status: number, body: string): Answer => ({ status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body });
const pair = (atMs: number, value: number): readonly [number, string] => [atMs / 1_000, formatNumber(value)];

/** `/api/v1` over the series of a store, at the clock's time. */
export class PrometheusApi {
  constructor(
    private readonly store: SeriesStore,
    private readonly nowMs: () => number,
  ) {}

  async handle(request: Incoming): Promise<Answer> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/-/healthy' || pathname === '/-/ready')
      return plain(200, `Prometheus Server is ${pathname.slice(3) === 'ready' ? 'Ready' : 'Healthy'}.\n`);
    const answer = this.#route(pathname);
    if (answer === undefined) return plain(404, '404 page not found\n');
    if (request.method !== 'GET' && request.method !== 'POST') return plain(405, 'Method Not Allowed\n');
    const form = new URLSearchParams(searchParams);
    if (request.method === 'POST') for (const [name, value] of new URLSearchParams(await request.text())) form.append(name, value);
    try {
      return json({ status: 'success', data: answer(form) });
    } catch (error) {
      const failure = failureOf(error);
      return json({ status: 'error', errorType: failure.errorType, error: failure.message }, failure.status);
    }
  }

  #route(path: string): ((form: URLSearchParams) => unknown) | undefined {
    const label = /^\/api\/v1\/label\/([^/]+)\/values$/.exec(path)?.[1];
    if (label !== undefined)
      return (form) =>
        [...new Set(this.#series(form, false).map((labels) => labels[decodeURIComponent(label)] ?? ''))].filter((value) => value !== '').toSorted();
    switch (path) {
      case '/api/v1/query':
        return (form) => this.#query(form);
      case '/api/v1/query_range':
        return (form) => this.#queryRange(form);
      case '/api/v1/series':
        return (form) => this.#series(form, true);
      case '/api/v1/labels':
        return (form) => [...new Set(this.#series(form, false).flatMap((labels) => Object.keys(labels)))].toSorted();
      default:
        return undefined;
    }
  }

  #query(form: URLSearchParams): unknown {
    const expression = parsed(form.get('query') ?? '');
    const atMs = timeOf(form, 'time') ?? this.nowMs();
    if (expression.kind === 'selector' && expression.rangeMs !== undefined) {
      const result = range(expression, this.store, atMs).map(({ labels, samples }) => ({
        metric: labels,
        values: samples.map((sample) => pair(sample.atMs, sample.value)),
      }));
      return { resultType: 'matrix', result };
    }
    const vector = evaluate(expression, this.store, atMs);
    return { resultType: 'vector', result: vector.map(({ labels, value }) => ({ metric: labels, value: pair(atMs, value) })) };
  }

  #queryRange(form: URLSearchParams): unknown {
    const expression = parsed(form.get('query') ?? '');
    const [startMs, endMs] = [needed(form, 'start'), needed(form, 'end')];
    const stepMs = stepOf(form);
    if (endMs < startMs) throw new ApiFailure(400, 'bad_data', 'invalid parameter "end": end timestamp must not be before start time');
    if ((endMs - startMs) / stepMs > mostSteps)
      throw new ApiFailure(400, 'bad_data', 'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)');
    const rows = new Map<string, { readonly metric: Labels; readonly values: (readonly [number, string])[] }>();
    for (let atMs = startMs; atMs <= endMs; atMs += stepMs) {
      for (const { labels, value } of evaluate(expression, this.store, atMs)) {
        const key = JSON.stringify(Object.entries(labels).toSorted());
        const row = rows.get(key) ?? { metric: labels, values: [] };
        rows.set(key, row);
        row.values.push(pair(atMs, value));
      }
    }
    return { resultType: 'matrix', result: [...rows.values()] };
  }

  /** Label sets that a `match[]` names and that have samples in the time asked for. */
  #series(form: URLSearchParams, strict: boolean): readonly Labels[] {
    const asked = [...form.getAll('match[]'), ...form.getAll('match[][]')];
    if (asked.length === 0 && strict) throw new ApiFailure(400, 'bad_data', 'no match[] parameter provided');
    const [fromMs, toMs] = [timeOf(form, 'start') ?? 0, timeOf(form, 'end') ?? this.nowMs()];
    const selectors = asked.map((text) => parsed(text));
    const found =
      selectors.length === 0 ? [...this.store.of(undefined)] : selectors.flatMap((one) => (one.kind === 'selector' ? select(this.store, one.matchers) : []));
    return [...new Set(found)].filter((series) => series.between(fromMs - 1, toMs).length > 0).map(({ labels }) => labels);
  }
}

function parsed(query: string): Expression {
  try {
    return parse(query);
  } catch (error) {
    if (error instanceof ParseError) throw new ApiFailure(400, 'bad_data', `invalid parameter "query": ${error.message}`);
    throw error;
  }
}

function failureOf(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  if (error instanceof UnsupportedError) return new ApiFailure(422, 'execution', `the Prometheus of the sandbox does not know ${error.message}`);
  throw error;
}

/** Seconds since 1970 or RFC 3339, as milliseconds. */
function timeOf(form: URLSearchParams, name: string): number | undefined {
  const text = form.get(name);
  if (text === null || text === '') return undefined;
  const seconds = parseNumber(text);
  const ms = seconds === undefined ? Date.parse(text) : Math.round(seconds * 1_000);
  if (!Number.isFinite(ms))
    throw new ApiFailure(400, 'bad_data', `invalid parameter ${JSON.stringify(name)}: cannot parse ${JSON.stringify(text)} to a valid timestamp`);
  return ms;
}

function needed(form: URLSearchParams, name: string): number {
  const ms = timeOf(form, name);
  if (ms === undefined) throw new ApiFailure(400, 'bad_data', `invalid parameter ${JSON.stringify(name)}: cannot parse "" to a valid timestamp`);
  return ms;
}

function stepOf(form: URLSearchParams): number {
  const text = form.get('step') ?? '';
  const seconds = parseNumber(text);
  const ms = seconds === undefined ? (/^(?:\d+(?:ms|[smhdwy]))+$/.test(text) ? durationMs(text) : Number.NaN) : seconds * 1_000;
  if (!(ms > 0)) throw new ApiFailure(400, 'bad_data', 'zero or negative query resolution step widths are not accepted. Try a positive integer');
  return ms;
}
