import { selector } from '../promql/expression.js';
import { type Selection, workloadOf } from './selection.js';
import { isGrpcFailure, judgeStatus } from './status.js';
import { type Vocabulary, vocabularyOf } from './vocabulary.js';

/** One reporter alone, because two would count twice. */
type Reporter = 'source' | 'waypoint';

const matchersOf = (selection: Selection, reporter: Reporter) =>
  [
    { label: 'reporter', op: '=', value: reporter },
    { label: 'destination_workload_namespace', op: '=', value: selection.app.namespace },
    { label: 'destination_workload', op: selection.track === undefined ? 'starts' : '=', value: workloadOf(selection) },
    ...(selection.options.where ?? []),
  ] as const;

/** A request without a chosen host (flags UH, UO) has no workload: it is no track's, but somebody's (AN 1.5). */
const lostOf = ({ app, options }: Selection, reporter: Reporter) =>
  [
    { label: 'reporter', op: '=', value: reporter },
    { label: 'destination_workload', op: '=', value: 'unknown' },
    { label: 'destination_service_name', op: '=', value: app.name },
    { label: 'destination_service_namespace', op: 'in', values: [app.namespace, 'unknown'] },
    ...(options.where ?? []),
  ] as const;

const reportedBy = (reporter: Reporter): Vocabulary => ({
  ...vocabularyOf({
    name: 'istio',
    target: ['job', 'instance', 'pod'],
    status: ['response_code', 'grpc_response_status'],
    unitsPerSecond: 1_000,
    judge: (labels) => (isGrpcFailure(labels['grpc_response_status']) ? 'bad' : judgeStatus(labels['response_code'])),
    sources(selection) {
      const where = matchersOf(selection, reporter);
      const of = (metric: string) => [{ selector: selector(metric, where) }];
      const requests = of('istio_requests_total');
      return {
        requests,
        buckets: of('istio_request_duration_milliseconds_bucket'),
        native: of('istio_request_duration_milliseconds'),
        started: requests.map(({ selector: bare }) => ({ selector: 'process_start_time_seconds', only: bare })),
      };
    },
  }),
  lost: (selection, window) => `increase(${selector('istio_requests_total', lostOf(selection, reporter))}[${window}])`,
});

/** The callers' view of a mesh: their proxies, or the waypoint of an ambient one. Tracks are workloads, so a rolling update cannot be seen by it. */
export const istio: readonly Vocabulary[] = [reportedBy('source'), reportedBy('waypoint')];
