import type { Caller, PrometheusApi } from '../api/prometheus-api.js';
import type { PrometheusOptions } from '../options.js';
import { part, partLabel, union } from '../promql/expression.js';
import { http } from './http.js';
import { ingressNginx } from './ingress-nginx.js';
import { istio } from './istio.js';
import { opentelemetry } from './opentelemetry.js';
import { own } from './own.js';
import { type Selection, SelectionError } from './selection.js';
import type { Vocabulary } from './vocabulary.js';

/** Those that the options leave open, the callers' view first (AN 1.5). ingress-nginx last: it sees a canary only where the Ingress splits the traffic. */
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
      return opentelemetry;
    case undefined:
      return [...istio, http, ...opentelemetry, ingressNginx];
  }
}

/** Whether the tracks have queries of their own; without, both would be given the same counters. */
export function tellsApart(vocabulary: Vocabulary, selections: readonly Selection[]): boolean {
  const queries = selections.map((selection) => vocabulary.query(selection, { latency: false }));
  return new Set(queries).size === queries.length;
}

/** The first vocabulary that knows requests of the app; undefined where none does. @throws ApiError */
export async function detect(
  api: PrometheusApi,
  candidates: readonly Vocabulary[],
  selections: readonly [Selection, ...Selection[]],
  atMs: number,
  caller: Caller,
): Promise<Vocabulary | undefined> {
  if (candidates.length === 1) return candidates[0];
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
  const { rows } = await api.instant(union(fit.map(({ presence }, index) => part(String(index), `count(${presence})`))), atMs, caller);
  const found = rows.map(({ labels }) => Number(labels[partLabel])).toSorted((a, b) => a - b)[0];
  return found === undefined ? undefined : fit[found]?.vocabulary;
}
