import { systemClock } from '@shepherd/core';
import { prometheus } from '@shepherd/prometheus';
import { createSandbox } from '@shepherd/sandbox';
import { expect, test } from 'vitest';
import { hasPrometheus, startPrometheus } from '../../bench/src/lab/index.js';

test.runIf(await hasPrometheus())('the Prometheus of the sandbox answers as a real one that scrapes the same pods', async () => {
  await using sandbox = await createSandbox({ time: 'real', scrapeInterval: '1s' });
  sandbox.image('web:1', { errorRate: 0.3, latencyMs: 30 });
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1', replicas: 2 });
  const ours = sandbox.prometheus;
  const pods = sandbox.objects.list('pods', 'shop');
  const scrape = pods.map(({ metadata: { name }, status }) => ({
    job_name: name,
    metrics_path: `/api/v1/namespaces/shop/pods/${name}:5000/proxy/metrics`,
    static_configs: [
      {
        targets: [new URL(sandbox.url ?? '').host],
        labels: { job: 'kubernetes-pods', namespace: 'shop', pod: name, container: 'web', instance: `${status?.podIP}:5000` },
      },
    ],
  }));
  await using server = await startPrometheus({ scrape });
  const load = sandbox.load('shop/web', { rate: 100 });
  await systemClock.sleep(2_000);
  await load.stop();
  await server.until('count_over_time(http_requests_total[1m]) >= 3', 2);
  await systemClock.sleep(1_500);
  const names = pods.map(({ metadata }) => metadata.name);
  const [first = '', second = ''] = names;
  const at = new Date(Date.now() - 500).toISOString();
  const selector = (pod: string) => ({ revision: pod, pods: [pod], labels: {} });
  const request = { at, since: at, bounds: [0.025, 0.05], tracks: { stable: selector(first), candidate: selector(second) } };
  const context = { app: { cluster: 'test', namespace: 'shop', name: 'web' }, rolloutId: undefined, signal: new AbortController().signal, clock: systemClock };
  const readings = await Promise.all([{ url: ours.url }, { url: server.url }].map((options) => prometheus({ ...options, lag: '0s' }).read(request, context)));
  const [sandboxed, real] = readings.map((reading) => (reading.kind === 'counters' ? reading.targets.map(({ sampledAt: _at, ...target }) => target) : reading));
  expect(sandboxed).toEqual(real);
  expect(sandboxed).toHaveLength(2);
  for (const query of [
    'sum by (code) (http_requests_total)',
    'http_request_duration_seconds_bucket{le=~"0.0.*|5|\\\\+Inf"}',
    'label_replace(up, "to", "$1-x", "pod", "web-(.*)") or sum(up)',
    'http_requests_total and on (pod) process_start_time_seconds{pod!=""}',
    'process_start_time_seconds unless on (pod) http_requests_total{code="500"}',
    'count by (le) (http_request_duration_seconds_bucket)',
  ]) {
    const answer = await fetch(`${ours.url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query }) });
    expect(answer.status, query).toBe(200);
    const { data } = (await answer.json()) as { readonly data: { readonly result: Awaited<ReturnType<typeof server.query>> } };
    const plain = (rows: Awaited<ReturnType<typeof server.query>>): unknown =>
      rows.map(({ metric, value }) => JSON.stringify([Object.entries(metric).toSorted(), value?.[1]])).toSorted();
    expect(plain(data.result), query).toEqual(plain(await server.query(query)));
  }
});
