import { type Source, selector } from '../promql/expression.js';
import { podMatchers, type Selection } from './selection.js';
import { judgeStatus } from './status.js';
import { type Family, type Vocabulary, vocabularyOf } from './vocabulary.js';

const labels = { namespace: 'k8s_namespace_name', pod: 'k8s_pod_name' };

/** The pod's labels stand on the series if they were promoted, else on `target_info` of the same (job, instance). */
function sourcesOf(selection: Selection, metric: string): readonly Source[] {
  const pods = podMatchers(selection, labels);
  return [{ selector: selector(metric, pods) }, { selector: selector(metric, []), only: selector('target_info', pods) }];
}

const family = (metric: string, unitsPerSecond: number, status: string): Family => ({
  name: 'opentelemetry',
  target: ['job', 'instance'],
  status: [status, 'error_type'],
  unitsPerSecond,
  judge: (row) => judgeStatus(row[status]) ?? ((row[status] ?? '') !== '' ? undefined : (row['error_type'] ?? '') === '' ? 'good' : 'bad'),
  sources: (selection) => ({
    requests: sourcesOf(selection, `${metric}_count`),
    buckets: sourcesOf(selection, `${metric}_bucket`),
    native: sourcesOf(selection, metric),
    started: [{ selector: 'process_start_time_seconds', only: selector('target_info', podMatchers(selection, labels)) }],
  }),
});

/** The histogram's `_count` is the request counter: there is no `_total`. Newest semantic conventions first. */
export const opentelemetry: readonly Vocabulary[] = [
  vocabularyOf(family('http_server_request_duration_seconds', 1, 'http_response_status_code')),
  vocabularyOf(family('http_server_duration_milliseconds', 1_000, 'http_status_code')),
];
