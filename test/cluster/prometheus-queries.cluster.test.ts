import { prometheus } from '@shepherd/prometheus';
import { describe, expect, test } from 'vitest';
import { prometheusMajor, startPrometheus } from '../../bench/src/lab/index.js';
import { counterFamily, expose, type Labels, nativeFamily } from './exposed.js';
import {
  allPods,
  badOf,
  candidatePods,
  context,
  expected,
  goodOf,
  histogram,
  httpText,
  labelled,
  lines,
  podLabels,
  readThrough,
  requestOf,
  selector,
  slowOf,
  stablePods,
  startedAt,
  sumsOf,
} from './read-through.js';

const major = await prometheusMajor();

describe.runIf(major !== undefined)('through a real Prometheus', () => {
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

  test.runIf(major !== undefined && major >= 3).each([
    ['http.server.request.duration_seconds', true],
    ['http.server.request.duration', false],
  ])('OpenTelemetry with its dots: %s, with the labels of the pod on each series: %s', async (name, promoted) => {
    const quoted = (labels: Labels): readonly string[] => Object.entries(labels).map(([label, value]) => `${JSON.stringify(label)}=${JSON.stringify(value)}`);
    const dotted = (metric: string, labels: Labels): string => `{${[JSON.stringify(metric), ...quoted(labels)].join(',')}}`;
    const targets = allPods.map((pod) => {
      const k8s = { 'k8s.namespace.name': 'shop', 'k8s.pod.name': pod };
      const labels = promoted ? k8s : {};
      const of = (more: Labels, count: number, slow: number): readonly string[] => [
        ...[
          ['0.5', count - slow],
          ['+Inf', count],
        ].map(([le, value]) => `${dotted(`${name}_bucket`, { ...labels, ...more, le: String(le) })} ${value}`),
        `${dotted(`${name}_count`, { ...labels, ...more })} ${count}`,
      ];
      const series = [
        ...of({ 'http.response.status_code': '200' }, goodOf(pod), slowOf(pod) - badOf(pod)),
        ...of({ 'http.response.status_code': '500', 'error.type': '500' }, badOf(pod) - 1, badOf(pod) - 1),
        ...of({ 'error.type': 'timeout' }, 1, 1),
      ];
      return { labels: { job: 'shop/web', instance: `id-of-${pod}` }, metrics: () => lines(`target_info{${quoted(k8s).join(',')}} 1`, ...series) };
    });
    const { reading, findings } = await readThrough(targets, 'target_info', {}, [0.5]);
    expect(sumsOf(reading)).toEqual({ stable: { ...expected.stable, targets: 2 }, candidate: { ...expected.candidate, targets: 1 } });
    expect(findings).toEqual([]);
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
