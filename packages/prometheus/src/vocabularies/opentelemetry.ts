import { type Source, selector } from '../promql/expression.js';
import { podMatchers, type Selection } from './selection.js';
import { judgeStatus } from './status.js';
import { type Family, type Vocabulary, vocabularyOf } from './vocabulary.js';

/** How an exporter writes names of OpenTelemetry: in the letters of Prometheus 2, or with their dots, which Prometheus 3 takes as they are. */
interface Spelling {
  readonly metric: string;
  readonly unitsPerSecond: number;
  readonly status: string;
  readonly error: string;
  readonly namespace: string;
  readonly pod: string;
}

const underscores = { error: 'error_type', namespace: 'k8s_namespace_name', pod: 'k8s_pod_name' } as const;
const dots = { error: 'error.type', namespace: 'k8s.namespace.name', pod: 'k8s.pod.name' } as const;

/** What the pod's labels are called, in each spelling. */
export const podNames: readonly Pick<Spelling, 'namespace' | 'pod'>[] = [underscores, dots];

/** The pod's labels stand on the series if they were promoted, else on `target_info` of the same (job, instance). */
function sourcesOf(selection: Selection, names: Spelling, suffix: string): readonly Source[] {
  const pods = podMatchers(selection, names);
  const metric = `${names.metric}${suffix}`;
  return [{ selector: selector(metric, pods) }, { selector: selector(metric, []), only: selector('target_info', pods) }];
}

const family = (names: Spelling): Family => ({
  name: 'opentelemetry',
  target: ['job', 'instance'],
  status: [names.status, names.error],
  unitsPerSecond: names.unitsPerSecond,
  judge: ({ [names.status]: status = '', [names.error]: error = '' }) => judgeStatus(status) ?? (status !== '' ? undefined : error === '' ? 'good' : 'bad'),
  sources: (selection) => ({
    requests: sourcesOf(selection, names, '_count'),
    buckets: sourcesOf(selection, names, '_bucket'),
    native: sourcesOf(selection, names, ''),
    started: [{ selector: 'process_start_time_seconds', only: selector('target_info', podMatchers(selection, names)) }],
  }),
});

/** The histogram's `_count` is the request counter: there is no `_total`. Newest semantic conventions first. */
export const opentelemetry: readonly Vocabulary[] = [
  { metric: 'http_server_request_duration_seconds', unitsPerSecond: 1, status: 'http_response_status_code', ...underscores },
  { metric: 'http_server_duration_milliseconds', unitsPerSecond: 1_000, status: 'http_status_code', ...underscores },
].map((names) => vocabularyOf(family(names)));

/** The same without translation, with and without the unit as suffix. A server older than Prometheus 3 refuses to read such a query. */
export const dottedOpentelemetry: readonly Vocabulary[] = [
  { metric: 'http.server.request.duration_seconds', unitsPerSecond: 1, status: 'http.response.status_code', ...dots },
  { metric: 'http.server.request.duration', unitsPerSecond: 1, status: 'http.response.status_code', ...dots },
  { metric: 'http.server.duration_milliseconds', unitsPerSecond: 1_000, status: 'http.status_code', ...dots },
].map((names) => ({ ...vocabularyOf(family(names)), dotted: true }));
