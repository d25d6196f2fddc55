import { describe, expect, test } from 'vitest';
import { Canary, Shepherd } from '../index.js';
import { countingMetrics } from '../steps/__fixtures__/counting-metrics.js';
import { createMemoryPlatform } from '../testing/index.js';

type Analysis = ConstructorParameters<typeof Canary>[0]['analysis'];
const bounds = [
  { seconds: 0.1, slower: 0.05 },
  { seconds: 1, slower: 0.001 },
];

/** What becomes of a canary that fails 20 % of its requests, by what it is judged by. */
async function release(analysis: Analysis, metered = true) {
  const platform = createMemoryPlatform({ replicas: 4 });
  const metrics = countingMetrics(platform.clock, { rate: 100, errors: { stable: 0.001, candidate: 0.2 }, bounds });
  await using shepherd = new Shepherd({ platform, ...(metered ? { metrics } : {}) });
  const writes = platform.calls.length;
  const strategy = new Canary({ stages: [25, 100], interval: '5m', ...(analysis === undefined ? {} : { analysis }) });
  const outcome = await shepherd.deploy({ app: 'web', release: { version: '2.0.0' }, strategy, timeout: '4h' }).outcome;
  return { outcome, calls: platform.calls.slice(writes) };
}

describe('a threshold that can never decide, or always does, is refused before the first write', () => {
  test.each<[string, unknown, string]>([
    ['no error is ever allowed', { errorRate: { max: 0 } }, 'errorRate.max'],
    ['a negative share', { errorRate: { max: -0.1 } }, 'errorRate.max'],
    ['every request may fail', { errorRate: { max: 1 } }, 'errorRate.max'],
    ['a percentage for a share', { errorRate: { max: 5 } }, 'errorRate.max'],
    ['no number', { errorRate: { max: Number.NaN } }, 'errorRate.max'],
    ['infinity', { errorRate: { max: Number.POSITIVE_INFINITY } }, 'errorRate.max'],
    ['all requests faster than a limit', { latency: { quantile: 1, max: '500ms' } }, 'latency.quantile'],
    ['none of them', { latency: { quantile: 0, max: '500ms' } }, 'latency.quantile'],
    ['a percentile for a quantile', { latency: { quantile: 99, max: '500ms' } }, 'latency.quantile'],
    ['no time at all', { latency: { quantile: 0.99, max: '0ms' } }, 'latency.max'],
    ['a limit above the last bucket', { latency: { quantile: 0.99, max: '5s' } }, 'latency.max'],
    ['a limit below the first bucket', { latency: { quantile: 0.99, max: '5ms' } }, 'latency.max'],
    ['no requests are enough', { minRequests: 0 }, 'minRequests'],
    ['requests without end', { minRequests: Number.POSITIVE_INFINITY }, 'minRequests'],
    ['a mode that is none', { errorRate: { max: 0.05, mode: 'average' } }, 'errorRate.mode'],
  ])('%s', async (_, analysis, path) => {
    const refused = await release(analysis as Analysis).catch((error: unknown) => ({ error, calls: [] }));
    const text = JSON.stringify('outcome' in refused ? refused.outcome : refused.error);
    expect(text).toContain('ERR_INVALID_OPTIONS');
    expect(text).toContain(path);
    expect(refused.calls.filter(({ writes }) => writes)).toEqual([]);
  });
});

test('no thresholds: the comparison with stable finds it; without metrics the canary is refused rather than passed unjudged', async () => {
  for (const analysis of [{}, undefined]) expect((await release(analysis)).outcome).toMatchObject({ kind: 'rolled-back', cause: { kind: 'verdict' } });
  expect((await release(undefined, false)).outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_INVALID_OPTIONS' } });
  expect((await release({}, false)).outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_INVALID_OPTIONS' } });
});
