import { type Source, selector } from '../promql/expression.js';
import type { AnyMatcher } from '../promql/matcher.js';
import type { Selection } from './selection.js';
import { judgeFirst } from './status.js';
import { vocabularyOf } from './vocabulary.js';

const metric = 'nginx_ingress_controller';

/** Both arms carry the name of the main Ingress; `canary` alone tells them apart (AN 1.5). The namespace is the app's, or the controller's beside `exported_namespace`. */
function sourcesOf({ app, track, options }: Selection, name: string): readonly Source[] {
  const canary: readonly AnyMatcher[] = track === undefined ? [] : [{ label: 'canary', op: track === 'stable' ? 'absent' : 'present' }];
  const ingress: AnyMatcher = { label: 'ingress', op: '=', value: options.ingress ?? app.name };
  return ['namespace', 'exported_namespace'].map((label) => ({
    selector: selector(`${metric}_${name}`, [{ label, op: '=', value: app.namespace }, ingress, ...canary, ...(options.where ?? [])]),
  }));
}

/** The caller's view at the Ingress controller: a canary that crashes does not take its counters with it. */
export const ingressNginx = vocabularyOf({
  name: 'ingress-nginx',
  target: ['job', 'instance', 'controller_pod'],
  status: ['status'],
  unitsPerSecond: 1,
  judge: judgeFirst('status'),
  sources: (selection) => {
    const requests = sourcesOf(selection, 'requests');
    return {
      requests,
      buckets: sourcesOf(selection, 'header_duration_seconds_bucket'),
      native: sourcesOf(selection, 'header_duration_seconds'),
      started: requests.map(({ selector: bare }) => ({ selector: 'process_start_time_seconds', only: bare })),
    };
  },
});
