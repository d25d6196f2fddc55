import { selector } from '../promql/expression.js';
import { podMatchers } from './selection.js';
import { judgeFirst } from './status.js';
import { vocabularyOf } from './vocabulary.js';

/** `http_requests_total` of the app itself, as the client libraries for Prometheus count. */
export const http = vocabularyOf({
  name: 'http',
  target: ['job', 'instance', 'pod'],
  status: ['code', 'status', 'status_code'],
  unitsPerSecond: 1,
  judge: judgeFirst('code', 'status_code', 'status'),
  sources(selection) {
    const where = podMatchers(selection);
    const of = (metric: string) => [{ selector: selector(metric, where) }];
    return {
      requests: of('http_requests_total'),
      buckets: of('http_request_duration_seconds_bucket'),
      native: of('http_request_duration_seconds'),
      started: of('process_start_time_seconds'),
      created: of('http_requests_created'),
    };
  },
});
