import { type App, type HistoryRequest, type Issue, invalidOptions, type MetricsReading, parseDuration } from '@shepherd/core';
import { ApiError, isRefused } from './api/api-error.js';
import type { Caller, PrometheusApi, Steps } from './api/prometheus-api.js';
import type { PrometheusOptions } from './options.js';
import { renderMatchers } from './promql/matcher.js';
import { readTracks, unavailable } from './reading/tracks.js';
import { tellsApart } from './vocabularies/detect.js';
import { podNames } from './vocabularies/opentelemetry.js';
import { type Selection, SelectionError } from './vocabularies/selection.js';
import type { Vocabulary } from './vocabularies/vocabulary.js';

/** Prometheus refuses to answer more steps at once. */
const mostSteps = 11_000;

/** @throws ShepherdError ERR_INVALID_OPTIONS */
export function stepsOf({ from, to, every }: Pick<HistoryRequest, 'from' | 'to' | 'every'>): Steps {
  const issues: Issue[] = [];
  const [fromMs, toMs, stepMs] = [Date.parse(from), Date.parse(to), parseDuration(every) ?? 0];
  if (Number.isNaN(fromMs)) issues.push({ path: 'from', got: JSON.stringify(from), expected: 'an ISO 8601 time' });
  if (Number.isNaN(toMs)) issues.push({ path: 'to', got: JSON.stringify(to), expected: 'an ISO 8601 time' });
  if (toMs < fromMs) issues.push({ path: 'to', got: to, expected: `a time after ${from}` });
  if (stepMs < 1_000) issues.push({ path: 'every', got: JSON.stringify(every), expected: 'a second or more' });
  if (issues.length > 0) throw invalidOptions(issues);
  return { fromMs, toMs, stepMs };
}

export interface HistoryParts {
  readonly api: PrometheusApi;
  readonly vocabulary: Vocabulary;
  readonly selections: readonly Selection[];
  readonly bounds: readonly number[];
  readonly options: PrometheusOptions;
  readonly caller: Caller;
}

/**
 * A reading for each step, each as an instant query at that time would have given it: a range query evaluates the same expression once a step. As many
 * steps a request as Prometheus allows, and fewer once an answer was too large. @throws ApiError, SelectionError
 */
export async function* historyOf(
  { api, vocabulary, selections, bounds, options, caller }: HistoryParts,
  { fromMs, toMs, stepMs }: Steps,
): AsyncGenerator<MetricsReading> {
  if (!tellsApart(vocabulary, selections)) throw new SelectionError(`${vocabulary.name} has the same series for both tracks`);
  for (const selection of selections) await vocabulary.check?.(selection);
  const ask = (chunk: Steps) =>
    Promise.all(
      selections.map(async (selection) => ({ selection, matrix: await api.range(vocabulary.query(selection, { latency: bounds.length > 0 }), chunk, caller) })),
    );
  let most = mostSteps;
  for (let startMs = fromMs; startMs <= toMs; ) {
    const endMs = Math.min(toMs, startMs + (most - 1) * stepMs);
    let tracks: Awaited<ReturnType<typeof ask>>;
    try {
      tracks = await ask({ fromMs: startMs, toMs: endMs, stepMs });
    } catch (error) {
      if (!(error instanceof ApiError) || error.failure !== 'too-large' || startMs === endMs) throw error;
      most = Math.ceil((endMs - startMs) / stepMs / 2);
      continue;
    }
    for (let atMs = startMs; atMs <= endMs; atMs += stepMs) {
      const vectors = tracks.map(({ selection, matrix }) => ({ selection, vector: { rows: matrix.steps.get(atMs) ?? [], warnings: matrix.warnings } }));
      yield readStep(vectors, vocabulary, { at: new Date(atMs).toISOString(), bounds }, options);
    }
    startMs += most * stepMs;
  }
}

function readStep(...[vectors, vocabulary, request, options]: Parameters<typeof readTracks>): MetricsReading {
  try {
    return readTracks(vectors, vocabulary, request, options);
  } catch (error) {
    return unavailable(error);
  }
}

/** Names of the app's pods with series of any kind, by the labels that the vocabularies know them by. @throws ApiError */
export async function podsOf(
  {
    api,
    app,
    options,
    candidates,
    caller,
  }: {
    readonly api: PrometheusApi;
    readonly app: App;
    readonly options: PrometheusOptions;
    readonly candidates: readonly Vocabulary[];
    readonly caller: Caller;
  },
  span: Omit<Steps, 'stepMs'>,
): Promise<readonly string[]> {
  const { namespace: ownNamespace, pod: ownPod } = options.labels ?? {};
  const known = [{ namespace: 'namespace', pod: 'pod' }, ...(candidates.some(({ name }) => name === 'opentelemetry') ? podNames : [])];
  const found = new Set<string>();
  for (const theirs of known) {
    const [namespace, pod] = [ownNamespace ?? theirs.namespace, ownPod ?? theirs.pod];
    const match = `{${renderMatchers([{ label: namespace, op: '=', value: app.namespace }, { label: pod, op: 'starts', value: app.name }, ...(options.where ?? [])])}}`;
    const names = await api.values(pod, match, span, caller).catch((error: unknown) => {
      if (pod.includes('.') && isRefused(error)) return [];
      throw error;
    });
    for (const name of names) found.add(name);
    if (found.size > 0) break;
  }
  return [...found].toSorted();
}
