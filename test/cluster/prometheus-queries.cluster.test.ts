import { type MetricsReading, type MetricsRequest, type PortContext, systemClock } from '@shepherd/core';
import { type PrometheusOptions, prometheus } from '@shepherd/prometheus';
import { describe, expect, test } from 'vitest';
import { hasPrometheus, startPrometheus } from '../../bench/src/lab/index.js';
import { counterFamily, type Exposed, expose, type Labels, nativeFamily } from './exposed.js';

const context: PortContext = {
  app: { cluster: 'test', namespace: 'shop', name: 'web' },
  rolloutId: undefined,
  signal: new AbortController().signal,
  clock: systemClock,
};
const stablePods = ['web-5c6dd84b9-aaaaa', 'web-5c6dd84b9-bbbbb'];
const candidatePods = ['web-candidate-7d9fb5c8d-ccccc'];

const selector = (pods: readonly string[]) => ({ revision: 'one', pods, labels: {} });
const requestOf = (bounds: readonly number[], stable = stablePods, candidate = candidatePods): MetricsRequest => {
  const at = Date.now() - 500;
  return {
    at: new Date(at).toISOString(),
    since: new Date(at - 1_000).toISOString(),
    bounds,
    tracks: { stable: selector(stable), candidate: selector(candidate) },
  };
};

interface Sum {
  readonly requests: number;
  readonly errors: number;
  readonly slow: readonly number[];
  readonly targets: number;
}

function sumsOf(reading: MetricsReading): Readonly<Record<'stable' | 'candidate', Sum>> {
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
async function readThrough(
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
  const { at } = requestOf(bounds);
  return { reading: await provider.read({ ...request, at }, context), provider, findings: await provider.preflight?.(context, selector(stablePods)) };
}

const lines = (...text: readonly string[]): string => `${text.join('\n')}\n`;
const labelled = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',')}}`;
const podLabels = (pod: string): Labels => ({ namespace: 'shop', pod, instance: `${pod}:8080` });
const allPods = [...stablePods, ...candidatePods];
const isCandidate = (pod: string): boolean => candidatePods.includes(pod);
const startedAt = Math.floor(Date.now() / 1_000) - 3_600;

/** 90 good and 10 bad requests a pod of stable, 5 and 5 of the candidate; a tenth and all of them are slower than half a second. */
const goodOf = (pod: string): number => (isCandidate(pod) ? 5 : 90);
const badOf = (pod: string): number => (isCandidate(pod) ? 5 : 10);
const slowOf = (_pod: string): number => 10;
const expected = {
  stable: { requests: 200, errors: 20, slow: [20] },
  candidate: { requests: 10, errors: 5, slow: [10] },
};

function histogram(
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

const httpText = (pod: string, status: string): string =>
  lines(
    `process_start_time_seconds ${startedAt}`,
    '# TYPE http_requests_total counter',
    `http_requests_total{method="GET",${status}="200"} ${goodOf(pod) - 3}`,
    `http_requests_total{method="POST",${status}="201"} 3`,
    `http_requests_total{method="GET",${status}="503"} ${badOf(pod)}`,
    '# TYPE http_request_duration_seconds histogram',
    ...histogram('http_request_duration_seconds', {}, { count: goodOf(pod) + badOf(pod), slow: slowOf(pod) }),
  );

describe.runIf(await hasPrometheus())('through a real Prometheus', () => {
  test.each(['code', 'status', 'status_code'])('http_requests_total with the status in %s', async (status) => {
    const targets = allPods.map((pod) => ({ labels: podLabels(pod), metrics: () => httpText(pod, status) }));
    const { reading, findings } = await readThrough(targets, 'http_requests_total', {}, [0.5]);
    expect(sumsOf(reading)).toEqual({ stable: { ...expected.stable, targets: 2 }, candidate: { ...expected.candidate, targets: 1 } });
    const starts = reading.kind === 'counters' ? reading.targets.map((target) => Date.parse(target.startedAt ?? '') / 1_000) : [];
    expect(starts).toEqual([startedAt, startedAt, startedAt]);
    expect(findings).toEqual([]);
  });

  test('native histograms count exactly at half a second', async () => {
    const targets = allPods.map((pod) => ({
      labels: podLabels(pod),
      metrics: () =>
        new Uint8Array([
          ...counterFamily('http_requests_total', [
            [{ code: '200' }, goodOf(pod)],
            [{ code: '500' }, badOf(pod)],
          ]),
          ...nativeFamily('http_request_duration_seconds', { fast: goodOf(pod) + badOf(pod) - slowOf(pod), slow: slowOf(pod) }),
        ]),
    }));
    const { reading } = await readThrough(targets, 'http_request_duration_seconds', { vocabulary: 'http' }, [0.5, 1]);
    expect(sumsOf(reading)).toEqual({
      stable: { ...expected.stable, slow: [20, 0], targets: 2 },
      candidate: { ...expected.candidate, slow: [10, 0], targets: 1 },
    });
  });

  test.each([true, false])('OpenTelemetry, with the labels of the pod on each series: %s', async (promoted) => {
    const targets = allPods.map((pod) => {
      const k8s = { k8s_namespace_name: 'shop', k8s_pod_name: pod };
      const labels = promoted ? k8s : {};
      const name = 'http_server_request_duration_seconds';
      const series = [
        ...histogram(name, { ...labels, http_response_status_code: '200' }, { count: goodOf(pod), slow: slowOf(pod) - badOf(pod) }),
        ...histogram(name, { ...labels, http_response_status_code: '500', error_type: '500' }, { count: badOf(pod) - 1, slow: badOf(pod) - 1 }),
        ...histogram(name, { ...labels, error_type: 'timeout' }, { count: 1, slow: 1 }),
      ];
      return { labels: { job: 'shop/web', instance: `id-of-${pod}` }, metrics: () => lines(`target_info${labelled(k8s)} 1`, ...series) };
    });
    const { reading } = await readThrough(targets, 'target_info', {}, [0.5]);
    expect(sumsOf(reading)).toEqual({
      stable: { ...expected.stable, targets: 2 },
      candidate: { ...expected.candidate, targets: 1 },
    });
  });

  test('Istio, as two callers see it', async () => {
    const workloads: readonly (readonly [string, string])[] = [
      ['web', stablePods[0] ?? ''],
      ['web-candidate', candidatePods[0] ?? ''],
    ];
    const metrics = (): string =>
      lines(
        ...workloads.flatMap(([workload, pod]) =>
          ['source', 'destination'].flatMap((reporter) => {
            const labels = { reporter, destination_workload: workload, destination_workload_namespace: 'shop' };
            return [
              `istio_requests_total${labelled({ ...labels, response_code: '200', grpc_response_status: '' })} ${goodOf(pod)}`,
              `istio_requests_total${labelled({ ...labels, response_code: '200', grpc_response_status: '14' })} ${badOf(pod) - 1}`,
              `istio_requests_total${labelled({ ...labels, response_code: '503' })} 1`,
              ...histogram('istio_request_duration_milliseconds', labels, { count: goodOf(pod) + badOf(pod), slow: slowOf(pod), unit: 1_000 }),
            ];
          }),
        ),
      );
    const targets = ['front-1', 'front-2'].map((pod) => ({ labels: { job: 'mesh', namespace: 'edge', pod, instance: `${pod}:15020` }, metrics }));
    const { reading } = await readThrough(targets, 'istio_requests_total', {}, [0.5]);
    expect(sumsOf(reading)).toEqual({ stable: { ...expected.stable, targets: 2 }, candidate: { requests: 20, errors: 10, slow: [20], targets: 2 } });
  });

  test('ingress-nginx, where scraping moves the app to exported_namespace', async () => {
    const metrics = (): string =>
      lines(
        ...(['', 'shop-web-canary-80'] as const).flatMap((canary) => {
          const pod = (canary === '' ? stablePods[0] : candidatePods[0]) ?? '';
          const labels = { namespace: 'shop', ingress: 'web', service: 'web', canary, controller_pod: 'nginx-1' };
          return [
            `nginx_ingress_controller_requests${labelled({ ...labels, status: '200' })} ${goodOf(pod)}`,
            `nginx_ingress_controller_requests${labelled({ ...labels, status: '502' })} ${badOf(pod)}`,
            ...histogram('nginx_ingress_controller_header_duration_seconds', labels, { count: goodOf(pod) + badOf(pod), slow: slowOf(pod) }),
          ];
        }),
      );
    const targets = [{ labels: { job: 'ingress', namespace: 'ingress-nginx', instance: 'nginx-1:10254' }, metrics }];
    const { reading } = await readThrough(targets, 'nginx_ingress_controller_requests', { vocabulary: 'ingress-nginx' }, [0.5]);
    expect(sumsOf(reading)).toEqual({ stable: { requests: 100, errors: 10, slow: [10], targets: 1 }, candidate: { ...expected.candidate, targets: 1 } });
  });

  test("queries of one's own", async () => {
    const targets = allPods.map((pod) => ({
      labels: podLabels(pod),
      metrics: () =>
        lines(
          `orders_total{ok="yes"} ${goodOf(pod)}`,
          `orders_total{ok="no"} ${badOf(pod)}`,
          ...histogram('order_seconds', {}, { count: 100, slow: slowOf(pod) }),
        ),
    }));
    const queries = {
      requests: 'sum by (job, instance, pod) (orders_total{$where})',
      errors: 'sum by (job, instance, pod) (orders_total{namespace=$namespace, pod=~$pods, ok="no"})',
      latency: 'sum by (job, instance, pod, le) (order_seconds_bucket{$where})',
    };
    const { reading } = await readThrough(targets, 'orders_total', { queries }, [0.5]);
    expect(sumsOf(reading)).toEqual({ stable: { ...expected.stable, targets: 2 }, candidate: { ...expected.candidate, targets: 1 } });
  });

  test('a replica that nobody removes is found before the rollout, and no reading counts twice', async () => {
    const targets = allPods.flatMap((pod) =>
      ['a', 'b'].map((replica) => ({ labels: { ...podLabels(pod), prometheus_replica: replica }, metrics: () => httpText(pod, 'code') })),
    );
    const { reading, findings } = await readThrough(targets, 'http_requests_total', {}, []);
    expect(reading).toMatchObject({ kind: 'unavailable', reason: 'invalid', detail: expect.stringContaining('they differ in prometheus_replica') });
    expect(findings?.[0]).toMatchObject({ id: 'prometheus-duplicates', level: 'error', message: expect.stringContaining('prometheus_replica') });
  });

  test('pods with names that nobody should give', async () => {
    const odd = ['a"b', 'a\\b', 'a\nb', 'a}b', 'a.b|c', "a'$where{"];
    const targets = ['web-1', 'aXb', ...odd].map((pod) => ({ labels: podLabels(pod), metrics: () => httpText('web-1', 'code') }));
    const { reading } = await readThrough(targets, 'http_requests_total', {}, [], requestOf([], ['web-1'], odd));
    expect(sumsOf(reading)).toMatchObject({ stable: { targets: 1 }, candidate: { targets: odd.length, requests: odd.length * 100 } });
  });

  test('bounds come from the last hour of stable', async () => {
    const metrics = (scrape: number): string =>
      lines('http_requests_total{code="200"} 1', ...histogram('http_request_duration_seconds', {}, { count: 1_000 * (scrape + 1), slow: 50 * (scrape + 1) }));
    const targets = stablePods.map((pod) => ({ labels: podLabels(pod), metrics }));
    await using exposed = await expose(targets);
    await using server = await startPrometheus({ scrape: exposed.jobs });
    await server.until('count_over_time(http_requests_total[1m]) >= 4', 2);
    const known = await prometheus({ url: server.url, lag: '0s' }).bounds?.(selector(stablePods), context);
    expect(known?.map(({ seconds, slower }) => [seconds, Number(slower.toFixed(3))])).toEqual([
      [0.1, 1],
      [0.5, 0.05],
      [1, 0],
    ]);
  });

  test('an empty Prometheus has no data, and says so before the rollout', async () => {
    await using server = await startPrometheus({ scrape: [] });
    const provider = prometheus({ url: server.url });
    expect(await provider.read(requestOf([]), context)).toMatchObject({ kind: 'unavailable', reason: 'no-data' });
    expect(await provider.preflight?.(context, selector(stablePods))).toMatchObject([{ id: 'prometheus-no-series', level: 'error' }]);
  });
});
