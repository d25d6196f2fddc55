import { ApiError } from './api-error.js';
import { type NativeHistogram, parseHistogram } from './native-histogram.js';
import { parseValue } from './value.js';

/** One series of an instant vector. */
export interface Row {
  readonly labels: Readonly<Record<string, string>>;
  /** NaN for a native histogram. */
  readonly value: number;
  readonly histogram?: NativeHistogram | undefined;
}

/** What a range query answers: the rows of each step that has some, by its time in milliseconds. */
export interface Matrix {
  readonly steps: ReadonlyMap<number, readonly Row[]>;
  readonly warnings: readonly string[];
}

export interface Vector {
  readonly rows: readonly Row[];
  /** Anything here means that the answer may lack something (`infos` are harmless). */
  readonly warnings: readonly string[];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

export const shorten = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
};

const nonsense = (what: string): ApiError => new ApiError('not-prometheus', what);

/** The body of an answer as the API's `data` part. @throws ApiError */
export function parseBody(status: number, text: string): { readonly data: unknown; readonly warnings: readonly string[] } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw nonsense(`answered ${looksLikeHtml(text) ? 'HTML' : text.trim() === '' ? 'nothing' : 'no JSON'} [status=${status}]`);
  }
  if (!isRecord(body)) throw nonsense(`answered JSON that is no answer of Prometheus [status=${status}]`);
  if (body['status'] === 'error') throw errorOf(status, body);
  if (body['status'] !== 'success') throw nonsense(`answered JSON that is no answer of Prometheus [status=${status}]`);
  const { warnings } = body;
  return { data: body['data'], warnings: Array.isArray(warnings) ? warnings.map((each) => shorten(String(each))) : [] };
}

function errorOf(status: number, body: Record<string, unknown>): ApiError {
  const [type, reason] = [shorten(String(body['errorType'] ?? '')), shorten(String(body['error'] ?? 'no reason'))];
  const failure = ['timeout', 'canceled', 'unavailable', 'internal', 'too_many_requests'].includes(type) ? 'overloaded' : 'refused-query';
  return new ApiError(failure, `answered an error: ${reason}${type === '' ? '' : ` [${type}]`}`, { status });
}

const looksLikeHtml = (text: string): boolean => /^\s*(?:<!doctype html|<html|<\?xml|<head|<body|<)/i.test(text);

/** @throws ApiError for anything but an instant vector */
export function vectorOf({ data, warnings }: ReturnType<typeof parseBody>): Vector {
  if (!isRecord(data) || data['resultType'] !== 'vector' || !Array.isArray(data['result'])) throw nonsense('answered something else than an instant vector');
  return { rows: data['result'].map(rowOf), warnings };
}

/** @throws ApiError for anything but a matrix */
export function matrixOf({ data, warnings }: ReturnType<typeof parseBody>): Matrix {
  if (!isRecord(data) || data['resultType'] !== 'matrix' || !Array.isArray(data['result'])) throw nonsense('answered something else than a matrix');
  const steps = new Map<number, Row[]>();
  for (const series of data['result']) {
    const labels = labelsOf(series);
    const { values = [], histograms = [] } = series;
    if (!Array.isArray(values) || !Array.isArray(histograms)) throw nonsense('answered a series without samples');
    const samples = [...values.map((value) => ({ pair: value, of: 'value' })), ...histograms.map((histogram) => ({ pair: histogram, of: 'histogram' }))];
    for (const { pair, of } of samples) {
      const atMs = Array.isArray(pair) ? Math.round(Number(pair[0]) * 1_000) : Number.NaN;
      if (!Number.isFinite(atMs)) throw nonsense('answered a sample without a time');
      const rows = steps.get(atMs) ?? [];
      if (rows.length === 0) steps.set(atMs, rows);
      rows.push(readRow(labels, { [of]: pair }));
    }
  }
  return { steps, warnings };
}

/** @throws ApiError for anything but a list of texts */
export function listOf({ data }: ReturnType<typeof parseBody>): readonly string[] {
  if (!Array.isArray(data) || data.some((each) => typeof each !== 'string')) throw nonsense('answered something else than a list of names');
  return data as readonly string[];
}

const rowOf = (row: unknown): Row => readRow(labelsOf(row), row as Record<string, unknown>);

function labelsOf(row: unknown): Readonly<Record<string, string>> {
  if (!isRecord(row) || !isRecord(row['metric'])) throw nonsense('answered a series without labels');
  const labels = row['metric'] as Record<string, string>;
  for (const value of Object.values(labels)) if (typeof value !== 'string') throw nonsense('answered a label that is no text');
  return labels;
}

function readRow(labels: Row['labels'], { value, histogram }: Readonly<Record<string, unknown>>): Row {
  if (Array.isArray(histogram)) return { labels, value: Number.NaN, histogram: parseHistogram(histogram[1]) ?? never('a histogram that cannot be read') };
  const number = Array.isArray(value) ? parseValue(value[1]) : undefined;
  return { labels, value: number ?? never(`a value that is no number: ${shorten(JSON.stringify(value) ?? 'nothing')}`) };
}

function never(what: string): never {
  throw nonsense(`answered ${what}`);
}
