import type { MetricsHints, TrackName } from '@shepherd/core';
import type { Row } from './api/answer.js';
import { aggregate, part, partLabel, selector, union } from './promql/expression.js';
import type { AnyMatcher } from './promql/matcher.js';
import { podMatchers, type Selection } from './vocabularies/selection.js';
import type { Vocabulary } from './vocabularies/vocabulary.js';

/** Two samples at the usual 30 s and 60 s of cAdvisor. Rates are allowed here: they enter no test (AN 1.5). */
const window = '2m';

/** What is used, and of how much. */
const shares = [
  ['cpu', 'cpu-limit'],
  ['throttled', 'periods'],
  ['memory', 'memory-limit'],
] as const;

function podParts(selection: Selection): readonly string[] {
  const pods = podMatchers(selection);
  const { pod = 'pod' } = selection.options.labels ?? {};
  const containers: readonly AnyMatcher[] = [...pods, { label: 'container', op: 'present' }, { label: 'container', op: '!=', value: 'POD' }];
  const sum = (name: string, vector: string): string => part(name, aggregate('sum', [pod], vector));
  const rate = (metric: string): string => `rate(${selector(metric, containers)}[${window}])`;
  const limit = (resource: string): string => selector('kube_pod_container_resource_limits', [...pods, { label: 'resource', op: '=', value: resource }]);
  return [
    sum('cpu', rate('container_cpu_usage_seconds_total')),
    sum('cpu-limit', limit('cpu')),
    sum('throttled', rate('container_cpu_cfs_throttled_periods_total')),
    sum('periods', rate('container_cpu_cfs_periods_total')),
    sum('memory', selector('container_memory_working_set_bytes', containers)),
    sum('memory-limit', limit('memory')),
  ];
}

const own = (track: TrackName | undefined): string => `saturation-${track ?? 'stable'}`;

/** One query for both tracks: how full their pods are, and requests that belong to neither. */
export function hintsQuery(selections: readonly Selection[], vocabulary: Vocabulary): string {
  const [first] = selections;
  const parts = selections.flatMap((selection) => {
    const saturation = vocabulary.saturation?.(selection);
    return saturation === undefined ? podParts(selection) : [part(own(selection.track), `max(${saturation})`)];
  });
  const lost = first === undefined ? undefined : vocabulary.lost?.(first, window);
  return union(lost === undefined ? parts : [...parts, part('lost', `sum(${lost})`)]);
}

/** Nothing is said of what is missing or no number. */
export function hintsOf(rows: readonly Row[], selections: readonly Selection[]): MetricsHints {
  const saturation: Partial<Record<TrackName, number>> = {};
  for (const selection of selections) {
    const found = [...podShares(rows, selection), ...valuesOf(rows, own(selection.track))];
    if (found.length > 0) saturation[selection.track ?? 'stable'] = Math.max(...found);
  }
  const [lost = 0] = valuesOf(rows, 'lost');
  const notes =
    lost < 1 ? [] : [`about ${Math.round(lost)} requests of the last ${window} found no pod to go to (503 by the mesh); they are counted for neither track`];
  return { ...(Object.keys(saturation).length === 0 ? {} : { saturation }), notes };
}

const isShare = (value: number): boolean => Number.isFinite(value) && value >= 0;

const valuesOf = (rows: readonly Row[], name: string): readonly number[] =>
  rows.flatMap(({ labels, value }) => (labels[partLabel] === name && isShare(value) ? [value] : []));

function podShares(rows: readonly Row[], { pods, options }: Selection): readonly number[] {
  const label = options.labels?.pod ?? 'pod';
  const mine = rows.filter(({ labels }) => pods?.includes(labels[label] ?? '') === true);
  return shares.flatMap(([used, most]) =>
    mine.flatMap(({ labels, value }) => {
      if (labels[partLabel] !== used) return [];
      const of = mine.find((row) => row.labels[partLabel] === most && row.labels[label] === labels[label])?.value ?? 0;
      return of > 0 && isShare(value / of) ? [value / of] : [];
    }),
  );
}
