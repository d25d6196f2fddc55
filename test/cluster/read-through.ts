import { type MetricsReading, type MetricsRequest, type PortContext, systemClock } from '@shepherd/core';
import { type PrometheusOptions, prometheus } from '@shepherd/prometheus';
import { startPrometheus } from '../../bench/src/lab/index.js';
import { type Exposed, expose, type Labels } from './exposed.js';

export const context: PortContext = {
  app: { cluster: 'test', namespace: 'shop', name: 'web' },
  rolloutId: undefined,
  signal: new AbortController().signal,
  clock: systemClock,
};
export const stablePods = ['web-5c6dd84b9-aaaaa', 'web-5c6dd84b9-bbbbb'];
export const candidatePods = ['web-candidate-7d9fb5c8d-ccccc'];

export const selector = (pods: readonly string[]) => ({ revision: 'one', pods, labels: {} });
export const requestOf = (bounds: readonly number[], stable = stablePods, candidate = candidatePods): MetricsRequest => {
  const at = Date.now() - 500;
  return {
    at: new Date(at).toISOString(),
    since: new Date(at - 1_000).toISOString(),
    bounds,
    tracks: { stable: selector(stable), candidate: selector(candidate) },
  };
};

export interface Sum {
  readonly requests: number;
  readonly errors: number;
  readonly slow: readonly number[];
  readonly targets: number;
}

export function sumsOf(reading: MetricsReading): Readonly<Record<'stable' | 'candidate', Sum>> {
  if (reading.kind !== 'counters') throw new Error(JSON.stringify(reading));
  const of = (track: string): Sum => {
    const targets = reading.targets.filter((target) => target.track === track);
    const add = (each: (target: (typeof targets)[number]) => number): number => targets.reduce((sum, target) => sum + each(target), 0);
    const bounds = targets[0]?.slow.length ?? 0;
    return {
      requests: add(({ requests }) => requests),
      errors: add(({ errors }) => errors),
      slow: Array.from({ length: bounds }, (_, index) => add(({ slow }) => slow[index] ?? 0)),
      targets: targets.length,
    };
  };
  return { stable: of('stable'), candidate: of('candidate') };
}

/** What the provider reads of processes that say this, through a real Prometheus. */
export async function readThrough(
  targets: readonly Exposed[],
  known: string,
  options: Partial<PrometheusOptions>,
  bounds: readonly number[],
  request = requestOf(bounds),
) {
  await using exposed = await expose(targets);
  await using server = await startPrometheus({ scrape: exposed.jobs });
  await server.until(known);
  await server.until(`count(up == 1) >= ${targets.length}`);
  await systemClock.sleep(1_200);
  const provider = prometheus({ url: server.url, lag: '0s', ...options });
  const findings = await provider.preflight?.(context, selector(stablePods));
  const { at } = requestOf(bounds);
  const reading = await provider.read({ ...request, at }, context);
  const [hints, usage] = [await provider.hints?.({ ...request, at }, context), await provider.usage?.({ at, serving: selector(stablePods) }, context)];
  return { reading, findings, hints, usage };
}

export const lines = (...text: readonly string[]): string => `${text.join('\n')}\n`;
export const labelled = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',')}}`;
export const podLabels = (pod: string): Labels => ({ namespace: 'shop', pod, instance: `${pod}:8080` });
export const allPods = [...stablePods, ...candidatePods];
export const isCandidate = (pod: string): boolean => candidatePods.includes(pod);
export const startedAt = Math.floor(Date.now() / 1_000) - 3_600;

/** 90 good and 10 bad requests a pod of stable, 5 and 5 of the candidate; a tenth and all of them are slower than half a second. */
export const goodOf = (pod: string): number => (isCandidate(pod) ? 5 : 90);
export const badOf = (pod: string): number => (isCandidate(pod) ? 5 : 10);
export const slowOf = (_pod: string): number => 10;
export const expected = {
  stable: { requests: 200, errors: 20, slow: [20] },
  candidate: { requests: 10, errors: 5, slow: [10] },
};

export function histogram(
  name: string,
  labels: Labels,
  { count, slow, unit = 1 }: { readonly count: number; readonly slow: number; readonly unit?: number },
): readonly string[] {
  const buckets: readonly (readonly [string, number])[] = [
    [String(0.1 * unit), 0],
    [String(0.5 * unit), count - slow],
    [String(1 * unit), count],
    ['+Inf', count],
  ];
  return [
    ...buckets.map(([le, value]) => `${name}_bucket${labelled({ ...labels, le })} ${value}`),
    `${name}_sum${labelled(labels)} 1`,
    `${name}_count${labelled(labels)} ${count}`,
  ];
}

export const httpText = (pod: string, status: string): string =>
  lines(
    `process_start_time_seconds ${startedAt}`,
    '# TYPE http_requests_total counter',
    `http_requests_total{method="GET",${status}="200"} ${goodOf(pod) - 3}`,
    `http_requests_total{method="POST",${status}="201"} 3`,
    `http_requests_total{method="GET",${status}="503"} ${badOf(pod)}`,
    '# TYPE http_request_duration_seconds histogram',
    ...histogram('http_request_duration_seconds', {}, { count: goodOf(pod) + badOf(pod), slow: slowOf(pod) }),
  );
