import { prometheus } from '@shepherd/prometheus';
import { describe, expect, test } from 'vitest';
import { hasPrometheus, startPrometheus } from '../../bench/src/lab/index.js';
import { expose } from './exposed.js';
import { allPods, context, httpText, isCandidate, labelled, lines, podLabels, readThrough, stablePods, sumsOf } from './read-through.js';

describe.runIf(await hasPrometheus())('what a real Prometheus tells beside the counts', () => {
  test('requests that a mesh could send to no pod are told, and belong to no track', async () => {
    const metrics = (scrape: number): string => {
      const labels = { reporter: 'source', destination_service_name: 'web', destination_service_namespace: 'shop', response_flags: 'UH' };
      const good = (workload: string): string =>
        `istio_requests_total${labelled({ reporter: 'source', destination_workload: workload, destination_workload_namespace: 'shop', response_code: '200' })} 100`;
      return lines(
        good('web'),
        good('web-candidate'),
        `istio_requests_total${labelled({ ...labels, destination_workload: 'unknown', response_code: '503' })} ${100 * scrape}`,
      );
    };
    const targets = [{ labels: { job: 'mesh', namespace: 'edge', pod: 'front-1', instance: 'front-1:15020' }, metrics }];
    const { reading, hints } = await readThrough(targets, 'count_over_time(istio_requests_total[1m]) >= 3', {}, []);
    expect(sumsOf(reading)).toMatchObject({ stable: { requests: 100, errors: 0 }, candidate: { requests: 100, errors: 0 } });
    expect(hints?.notes).toEqual([expect.stringMatching(/about [1-9]\d+ requests of the last 2m found no pod to go to/)]);
  });

  test('how full the pods are, as cAdvisor and kube-state-metrics tell it', async () => {
    const usage = (pod: string): number => (isCandidate(pod) ? 0.9 : 0.2);
    const kubelet = (scrape: number): string =>
      lines(
        ...allPods.flatMap((pod) => {
          const of = (container: string): string => labelled({ namespace: 'shop', pod, container });
          return [
            // Of the pause container and the pod as a whole nothing is taken.
            `container_cpu_usage_seconds_total${of('web')} ${usage(pod) * scrape}`,
            `container_cpu_usage_seconds_total${of('POD')} ${50 * scrape}`,
            `container_cpu_usage_seconds_total${of('')} ${50 * scrape}`,
            `container_memory_working_set_bytes${of('web')} ${usage(pod) * 1_000}`,
          ];
        }),
      );
    const state = (): string =>
      lines(
        ...allPods.flatMap((pod) => [
          `kube_pod_container_resource_limits${labelled({ namespace: 'shop', pod, container: 'web', resource: 'cpu' })} 10`,
          `kube_pod_container_resource_limits${labelled({ namespace: 'shop', pod, container: 'web', resource: 'memory' })} 1000`,
        ]),
      );
    const targets = [
      ...allPods.map((pod) => ({ labels: podLabels(pod), metrics: () => httpText(pod, 'code') })),
      // As scraping by their own labels does: what they say of a pod is kept.
      { labels: { job: 'kubelet', instance: 'node-1:10250' }, metrics: kubelet },
      { labels: { job: 'kube-state-metrics', instance: 'ksm:8080' }, metrics: state },
    ];
    const { hints, usage: used } = await readThrough(targets, 'count_over_time(container_cpu_usage_seconds_total[1m]) >= 3', { vocabulary: 'http' }, []);
    expect(hints?.saturation?.stable).toBeCloseTo(0.2, 1);
    expect(hints?.saturation?.candidate).toBeCloseTo(0.9, 1);
    // Of the pods that serve: both of stable, by what the kubelet says; that nobody counts connections is not zero of them.
    expect(used?.cpu).toBeGreaterThan(0);
    expect(used?.memory).toEqual(Object.fromEntries(stablePods.map((pod) => [pod, { used: 200, limit: 1_000 }])));
    expect(used).not.toHaveProperty('databaseConnections');
  });

  test('what processes use and hold, as their own clients and drivers tell it', async () => {
    const process = (scrape: number): string =>
      lines(
        `process_cpu_seconds_total ${0.5 * scrape}`,
        'process_resident_memory_bytes 5000',
        `db_client_connection_count${labelled({ state: 'used' })} 3`,
        `db_client_connection_count${labelled({ state: 'idle' })} 7`,
      );
    const targets = allPods.map((pod) => ({ labels: podLabels(pod), metrics: (scrape: number) => `${httpText(pod, 'code')}${process(scrape)}` }));
    const { usage } = await readThrough(targets, 'count_over_time(process_cpu_seconds_total[1m]) >= 3', { vocabulary: 'http' }, []);
    expect(usage?.cpu).toBeGreaterThan(0);
    expect(usage).toMatchObject({ memory: Object.fromEntries(stablePods.map((pod) => [pod, { used: 5_000 }])), databaseConnections: 6 });
  });

  test('which rules would call for the app, and which of them cannot be evaluated', async () => {
    const rules = [
      { alert: 'Errors', expr: 'rate(http_requests_total{namespace="shop",code=~"5.."}[1m]) > 1' },
      // Two series on each side and nothing that tells them apart: so it fails as long as both are there.
      { alert: 'Broken', expr: 'up{pod=~"web-.*"} == on () up{pod=~"web-.*"}' },
      { alert: 'OfOthers', expr: 'up{namespace="billing"} == 0' },
    ];
    await using exposed = await expose(allPods.map((pod) => ({ labels: podLabels(pod), metrics: () => httpText(pod, 'code') })));
    await using server = await startPrometheus({ scrape: exposed.jobs, rules });
    const provider = prometheus({ url: server.url });
    const broken = { name: 'Broken', broken: expect.stringContaining('duplicate series') };
    await expect.poll(() => provider.alertRules?.(context), { timeout: 30_000 }).toEqual([broken, { name: 'Errors' }]);
  });
});
