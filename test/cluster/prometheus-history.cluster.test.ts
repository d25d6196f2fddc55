import { type MetricsReading, type PortContext, systemClock } from '@shepherd/core';
import { backtest, readHistory } from '@shepherd/core/backtest';
import { prometheus } from '@shepherd/prometheus';
import { describe, expect, test } from 'vitest';
import { hasPrometheus, startPrometheus } from '../../bench/src/lab/index.js';
import { expose } from './exposed.js';

const context: PortContext = {
  app: { cluster: 'test', namespace: 'shop', name: 'web' },
  rolloutId: undefined,
  signal: new AbortController().signal,
  clock: systemClock,
};
const stable = ['web-5c6dd84b9-aaaaa', 'web-5c6dd84b9-bbbbb'];
const candidate = ['web-candidate-7d9fb5c8d-ccccc'];
const bounds = [0.5];
const everyMs = 2_000;
const startedAt = Math.floor(Date.now() / 1_000) - 1;

/** Each scrape finds 50 requests more in a pod; one in ten of the candidate's failed, and one in fifty is slow everywhere. The candidate starts anew once. */
function exposition(pod: string, scrape: number): string {
  const bad = candidate.includes(pod);
  const again = bad && scrape >= 40;
  const requests = 50 * (scrape + 1 - (again ? 40 : 0));
  const errors = bad ? requests / 10 : 0;
  return [
    `process_start_time_seconds ${startedAt + (again ? 41 : 0)}`,
    `http_requests_total{code="200"} ${requests - errors}`,
    `http_requests_total{code="500"} ${errors}`,
    `http_request_duration_seconds_bucket{le="0.5"} ${requests - requests / 50}`,
    `http_request_duration_seconds_bucket{le="+Inf"} ${requests}`,
    '',
  ].join('\n');
}

const selector = (pods: readonly string[]) => ({ revision: 'one', pods, labels: {} });
const tracks = { stable: selector(stable), candidate: selector(candidate) };
const iso = (ms: number): string => new Date(ms).toISOString();

describe.runIf(await hasPrometheus())('a minute that a real Prometheus recorded', () => {
  test('is read again, by range, as it was read then, and a gate decides by it', async () => {
    const targets = [...stable, ...candidate].map((pod) => ({
      labels: { namespace: 'shop', pod, instance: `${pod}:8080` },
      metrics: (scrape: number) => exposition(pod, scrape),
    }));
    await using exposed = await expose(targets);
    await using server = await startPrometheus({ scrape: exposed.jobs });
    await server.until('http_requests_total', 6);
    await systemClock.sleep(2_500);
    const live = prometheus({ url: server.url, lag: '1s', vocabulary: 'http' });
    const firstMs = Math.floor(Date.now() / 1_000) * 1_000 - 1_000;
    const seen: MetricsReading[] = [];
    for (let atMs = firstMs; atMs <= firstMs + 60_000; atMs += everyMs) {
      await systemClock.sleep(Math.max(0, atMs + 1_500 - Date.now()));
      seen.push(await live.read({ at: iso(atMs), since: iso(atMs - everyMs), bounds, tracks }, context));
    }

    const provider = prometheus({ url: server.url, lag: '1s' });
    const span = { from: iso(firstMs), to: iso(firstMs + 60_000) };
    expect(await provider.pods?.(span, context)).toEqual([...stable, ...candidate].toSorted());
    const again: MetricsReading[] = [];
    for await (const reading of readHistory(provider, { ...span, every: '2s', bounds, tracks }, context)) again.push(reading);
    expect(again).toHaveLength(31);
    expect(again).toEqual(seen);

    const gate = { options: {}, stageSeconds: 40, pollSeconds: 2, scrapeSeconds: 1, latency: { compare: bounds } } as const;
    const judged = backtest(again, gate);
    expect(judged).toMatchObject({ kind: 'rollback', missed: 0 });
    expect(judged.seconds).toBeLessThan(30);
    const { candidate: counted } = judged.counts;
    expect(counted.errors).toBeCloseTo(counted.requests / 10, 6);
    expect(judged.sentence).toContain(`candidate ${counted.errors} of`);
    // Of its own errors stable has none: with the tracks changed over, nothing is found against the candidate, over a restart of one pod of the other.
    const swapped = again.map((reading) =>
      reading.kind === 'counters'
        ? { ...reading, targets: reading.targets.map((each) => ({ ...each, track: each.track === 'stable' ? ('candidate' as const) : ('stable' as const) })) }
        : reading,
    );
    const good = backtest(swapped, gate);
    expect(good).toMatchObject({ kind: 'promote', missed: 0 });
    expect(good.counts.candidate.errors).toBe(0);
  }, 150_000);
});
