import { isRefused } from '../api/api-error.js';
import type { Caller, PrometheusApi } from '../api/prometheus-api.js';
import type { PrometheusOptions } from '../options.js';
import { part, partLabel, union } from '../promql/expression.js';
import { http } from './http.js';
import { ingressNginx } from './ingress-nginx.js';
import { istio } from './istio.js';
import { dottedOpentelemetry, opentelemetry } from './opentelemetry.js';
import { own } from './own.js';
import { type Selection, SelectionError } from './selection.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * Those that the options leave open, the callers' view first (AN 1.5). ingress-nginx late: it sees a canary only where the Ingress splits the traffic. Dotted
 * names last: an older server refuses the whole query that has one.
 */
export function candidatesOf({ queries, vocabulary }: Pick<PrometheusOptions, 'queries' | 'vocabulary'>): readonly Vocabulary[] {
  if (queries !== undefined) return [own(queries)];
  switch (vocabulary) {
    case 'http':
      return [http];
    case 'istio':
      return istio;
    case 'ingress-nginx':
      return [ingressNginx];
    case 'opentelemetry':
      return [...opentelemetry, ...dottedOpentelemetry];
    case undefined:
      return [...istio, http, ...opentelemetry, ingressNginx, ...dottedOpentelemetry];
  }
}

/** Whether the tracks have queries of their own; without, both would be given the same counters. */
export function tellsApart(vocabulary: Vocabulary, selections: readonly Selection[]): boolean {
  const queries = selections.map((selection) => vocabulary.query(selection, { latency: false }));
  return new Set(queries).size === queries.length;
}

/**
 * The first vocabulary that knows requests of the app; undefined where none does. Plain names in one request, and then dotted ones in another.
 * @throws ApiError
 */
export async function detect(
  api: PrometheusApi,
  candidates: readonly Vocabulary[],
  selections: readonly [Selection, ...Selection[]],
  atMs: number,
  caller: Caller,
): Promise<Vocabulary | undefined> {
  if (candidates.length === 1) return candidates[0];
  const spellings = [candidates.filter(({ dotted }) => dotted !== true), candidates.filter(({ dotted }) => dotted === true)];
  for (const among of spellings) {
    const found = among.length === 0 ? undefined : await detectAmong(api, among, selections, atMs, caller);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function detectAmong(
  api: PrometheusApi,
  candidates: readonly Vocabulary[],
  selections: readonly [Selection, ...Selection[]],
  atMs: number,
  caller: Caller,
): Promise<Vocabulary | undefined> {
  const fit = candidates.flatMap((vocabulary) => {
    try {
      return tellsApart(vocabulary, selections) ? [{ vocabulary, presence: vocabulary.presence(selections[0]) }] : [];
    } catch (error) {
      if (error instanceof SelectionError) return [];
      throw error;
    }
  });
  // None tells the tracks apart; whoever uses it says so.
  if (fit.length === 0) return candidates[0];
  const query = union(fit.map(({ presence }, index) => part(String(index), `count(${presence})`)));
  const vector = await api.instant(query, atMs, caller).catch((error: unknown) => {
    if (candidates[0]?.dotted === true && isRefused(error)) return undefined;
    throw error;
  });
  const found = vector?.rows.map(({ labels }) => Number(labels[partLabel])).toSorted((a, b) => a - b)[0];
  return found === undefined ? undefined : fit[found]?.vocabulary;
}
