import { VirtualClock } from '@shepherd/core/testing';
import { describe, expect, test } from 'vitest';
import { loopback, type Received } from './__fixtures__/loopback.js';
import { at, atSeconds, contextOf, requestOf } from './__fixtures__/request.js';
import { row, rowsOf, vector } from './__fixtures__/rows.js';
import { type PrometheusOptions, prometheus } from './index.js';

const counts = { requests: 100, errors: 0, slow: [0] };
const isHints = ({ form }: Received): boolean => (form.get('query') ?? '').includes('saturation') || (form.get('query') ?? '').includes('"memory"');

async function hintsOf(rows: readonly unknown[], options: Partial<PrometheusOptions> = { vocabulary: 'http' }) {
  await using server = await loopback((received) => {
    const query = received.form.get('query') ?? '';
    return { body: vector(isHints(received) ? rows : rowsOf(query.includes('web-1') ? 'web-1' : 'web-2', atSeconds, counts)) };
  });
  const provider = prometheus({ url: server.url, ...options });
  await provider.read(requestOf(), contextOf());
  const hints = await provider.hints?.(requestOf(), contextOf());
  const queries = server.received.filter(isHints).map(({ form }) => form.get('query') ?? '');
  return { hints, queries };
}

const pod = (part: string, name: string, value: number | string) => row(part, { pod: name }, value);

describe('how full the pods are', () => {
  test('of each track the fullest pod, by CPU, throttling or memory, whichever is higher; one query for both', async () => {
    const { hints, queries } = await hintsOf([
      pod('cpu', 'web-1', 0.2),
      pod('cpu-limit', 'web-1', 1),
      pod('memory', 'web-1', 300),
      pod('memory-limit', 'web-1', 1_000),
      pod('cpu', 'web-2', 0.1),
      pod('cpu-limit', 'web-2', 1),
      pod('throttled', 'web-2', 9.5),
      pod('periods', 'web-2', 10),
      pod('memory', 'another', 9),
      pod('memory-limit', 'another', 1),
    ]);
    expect(hints).toEqual({ saturation: { stable: 0.3, candidate: 0.95 }, notes: [] });
    expect(queries).toHaveLength(1);
    expect(queries[0]).toContain('container!="",container!="POD"');
  });

  test('no limit, no number and no series say nothing', async () => {
    const rows = [
      pod('cpu', 'web-1', 0.2),
      pod('memory', 'web-1', 'NaN'),
      pod('memory-limit', 'web-1', 5),
      pod('cpu', 'web-2', 1),
      pod('cpu-limit', 'web-2', 0),
    ];
    expect((await hintsOf(rows)).hints).toEqual({ notes: [] });
    expect((await hintsOf([])).hints).toEqual({ notes: [] });
  });

  test('by a query of one’s own, in which rates are allowed', async () => {
    const of = (metric: string): string => `sum by (job, instance, pod) (${metric}{$where})`;
    const queries = { requests: of('orders_total'), errors: of('order_errors_total'), saturation: 'rate(pool_waits_total{$where}[1m])' };
    const found = await hintsOf([row('saturation-stable', {}, 0.4), row('saturation-candidate', {}, 0.97)], { queries });
    expect(found.hints).toEqual({ saturation: { stable: 0.4, candidate: 0.97 }, notes: [] });
    expect(found.queries[0]).toContain('max(rate(pool_waits_total{namespace="shop",pod=~"web-2"}[1m]))');
  });
});

test('requests of a mesh that found no pod belong to no track, and are told', async () => {
  const stable = ['web-5c6dd84b9-aaaaa'];
  const candidate = ['web-candidate-7d9fb5c8d-ccccc'];
  await using server = await loopback((received) => {
    if (isHints(received)) return { body: vector([row('lost', {}, 37.4)]) };
    if ((received.form.get('query') ?? '').includes('count(')) return { body: vector([row('1', {}, 1)]) };
    const rows = rowsOf('p', atSeconds, counts) as readonly { metric: Record<string, string> }[];
    return { body: vector(rows.map((each) => ({ ...each, metric: { ...each.metric, ...('code' in each.metric ? { response_code: '200' } : {}) } }))) };
  });
  const provider = prometheus({ url: server.url, vocabulary: 'istio' });
  const request = requestOf(stable, candidate, []);
  await provider.read(request, contextOf());
  expect(await provider.hints?.(request, contextOf())).toEqual({ notes: [expect.stringContaining('about 37 requests of the last 2m found no pod to go to')] });
  expect(server.received.filter(isHints)[0]?.form.get('query')).toContain('reporter="waypoint",destination_workload="unknown"');
});

test('where there was nothing it is not asked again for five minutes', async () => {
  using clock = new VirtualClock({ auto: true });
  const answer = (received: Received) => ({
    body: vector(isHints(received) ? [] : rowsOf('web-1', atSeconds, counts)),
    headers: { date: clock.now().toUTCString() },
  });
  await using server = await loopback(answer);
  const provider = prometheus({ url: server.url, vocabulary: 'http' });
  const context = contextOf({ clock });
  await provider.read(requestOf(), context);
  for (let seconds = 0; seconds < 600; seconds += 15)
    await provider.hints?.({ ...requestOf(), at: new Date(Date.parse(at) + seconds * 1_000).toISOString() }, context);
  expect(server.received.filter(isHints)).toHaveLength(2);
});
