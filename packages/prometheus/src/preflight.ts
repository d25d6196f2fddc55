import { type Finding, type PortContext, ShepherdError, type TrackSelector } from '@shepherd/core';
import { ApiError, fixOf } from './api/api-error.js';
import type { PrometheusApi } from './api/prometheus-api.js';
import { skewOf, skewText } from './api/skew.js';
import type { PrometheusOptions } from './options.js';
import { part, partLabel, selector, union } from './promql/expression.js';
import { differences, oneReplica } from './reading/parts.js';
import { readTrack } from './reading/reading.js';
import { Unreadable } from './reading/unreadable.js';
import { podMatchers, type Selection, SelectionError } from './vocabularies/selection.js';
import type { Labels, Vocabulary } from './vocabularies/vocabulary.js';

export interface Preflight {
  readonly api: PrometheusApi;
  readonly options: PrometheusOptions;
  readonly candidates: readonly Vocabulary[];
  readonly context: PortContext;
  /** Its pods; undefined: all that are called like the app. */
  readonly stable: TrackSelector | undefined;
  /** The first of the candidates that knows requests of the app. */
  readonly detect: (selection: Selection, atMs: number) => Promise<Vocabulary | undefined>;
}

/** What would make each poll fail, or count wrongly, found before the first write. Asks twice or three times. */
export async function preflight(flight: Preflight): Promise<readonly Finding[]> {
  const { options, context } = flight;
  const finding = makerOf(options);
  try {
    return await look(flight, finding);
  } catch (error) {
    context.signal.throwIfAborted();
    const found = findingOf(error, finding);
    if (found === undefined) throw error;
    return [found];
  }
}

const makerOf = ({ url }: Pick<PrometheusOptions, 'url'>): Make => {
  const { host } = new URL(url);
  return (id, level, message, fix) => ({ id: `prometheus-${id}`, level, message, fix, object: host });
};

function findingOf(error: unknown, finding: Make): Finding | undefined {
  if (error instanceof ApiError) return finding(error.failure, 'error', `${finding('', 'error', '', '').object} ${error.message}`, fixOf(error));
  if (error instanceof SelectionError) return finding('query', 'error', error.message, 'correct queries, or choose another vocabulary');
  if (ShepherdError.is(error, 'ERR_INVALID_OPTIONS')) return finding('options', 'error', error.message, error.remedy);
  return undefined;
}

/** What a call outside a rollout rejects with where Prometheus gave nothing: ERR_PREFLIGHT with what to do; anything else as it is. */
export function asError(error: unknown, options: PrometheusOptions): unknown {
  if (ShepherdError.is(error)) return error;
  const finding = makerOf(options);
  const found =
    error instanceof Unreadable
      ? finding(error.reason, 'error', error.message, error.fix ?? 'check that the app was scraped then, or name its vocabulary or queries')
      : findingOf(error, finding);
  if (found === undefined) return error;
  return new ShepherdError('ERR_PREFLIGHT', `${found.message}; ${found.fix}`, { facts: { findings: [found] }, remedy: found.fix });
}

type Make = (id: string, level: Finding['level'], message: string, fix: string) => Finding;

async function look({ api, options, candidates, context, stable, detect }: Preflight, finding: Make): Promise<readonly Finding[]> {
  const { app, clock } = context;
  const selection: Selection = {
    app,
    track: 'stable',
    revision: stable?.revision,
    pods: stable === undefined || stable.pods.length === 0 ? undefined : stable.pods,
    options,
  };
  for (const vocabulary of candidates) await vocabulary.check?.(selection);
  const atMs = clock.now().getTime();
  const pods = podMatchers(selection);
  const scraped = await api.instant(union([part('up', selector('up', pods)), part('started', selector('process_start_time_seconds', pods))]), atMs, context);
  const findings: Finding[] = [];
  const skewMs = skewOf(scraped.serverMs, clock);
  if (skewMs !== undefined) findings.push(finding('clock', 'error', skewText(skewMs), 'set the clock of this machine (NTP)'));
  findings.push(
    ...twice(
      scraped.rows.map(({ labels }) => labels),
      finding,
    ),
  );
  const vocabulary = await detect(selection, atMs);
  const known = vocabulary === undefined ? [] : (await api.instant(part('known', `count(${vocabulary.presence(selection)})`), atMs, context)).rows;
  if (vocabulary === undefined || known.length === 0) {
    const named = [...new Set(candidates.map(({ name }) => name))].join(', ');
    const what = `${app.namespace}/${app.name} has no requests under ${candidates.length === 1 ? 'the name of' : 'any name of'} ${named}`;
    if (scraped.rows.length > 0)
      findings.push(finding('no-requests', 'warning', `its pods are scraped, but ${what}`, 'send it traffic; if it has some, name its vocabulary or queries'));
    else
      findings.push(
        finding(
          'no-series',
          stable === undefined ? 'warning' : 'error',
          `${what}, and its pods are not known`,
          'check that the pods are scraped, and set labels.namespace and labels.pod to what the scrape configuration calls them',
        ),
      );
    return findings;
  }
  return [...findings, ...(await firstReading(api, vocabulary, selection, atMs, context, finding))];
}

/** A poll as the rollout will make it. */
async function firstReading(
  api: PrometheusApi,
  vocabulary: Vocabulary,
  selection: Selection,
  atMs: number,
  context: PortContext,
  finding: Make,
): Promise<readonly Finding[]> {
  try {
    const vector = await api.instant(vocabulary.query(selection, { latency: false }), atMs, context);
    readTrack(vector, 'stable', vocabulary, { at: new Date(atMs).toISOString(), bounds: [] });
    return [];
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const { reason, message, fix = 'correct what exposes these metrics, or name the vocabulary or queries' } = error;
    if (reason === 'partial') return [finding(reason, 'warning', message, 'find out which store is missing from the answers')];
    return [finding(reason, 'error', message, fix)];
  }
}

/** Targets that stand in the answer more than once: an HA pair, or two jobs that scrape the same port. Each request would count twice. */
function twice(series: readonly Labels[], finding: Make): readonly Finding[] {
  const byKey = new Map<string, Labels>();
  for (const labels of series) {
    const { job: _job, [partLabel]: what = '', instance = '', pod = '' } = labels;
    const key = JSON.stringify([what, instance, pod]);
    const other = byKey.get(key);
    if (other === undefined) {
      byKey.set(key, labels);
      continue;
    }
    const differing = differences(labels, other);
    const jobs = differing.includes('job');
    const fix = jobs ? 'scrape it by one job, or choose one by where' : oneReplica;
    return [
      finding(
        'duplicates',
        'error',
        `${pod} is known twice, so that each request would count twice; the series differ in ${differing.join(', ') || 'nothing'}`,
        fix,
      ),
    ];
  }
  return [];
}
