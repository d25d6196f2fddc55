import { type Finding, systemClock } from '@shepherd/core';
import { describe, expect, test } from 'vitest';
import { loopback, type Received, type Reply } from './__fixtures__/loopback.js';
import { contextOf } from './__fixtures__/request.js';
import { row, rowsOf, targetOf, vector } from './__fixtures__/rows.js';
import { type PrometheusOptions, prometheus } from './index.js';

const stable = { revision: 'one', pods: ['web-1'], labels: {} };
const now = (): number => systemClock.now().getTime() / 1_000;

interface World {
  /** Rows of `up` and process start. */
  readonly scraped?: readonly unknown[];
  /** Which vocabularies know requests, by the order of their candidates. */
  readonly known?: readonly number[];
  readonly rows?: readonly unknown[];
  readonly headers?: Readonly<Record<string, string>>;
}

const up = row('up', targetOf('web-1'), 1);

/** A Prometheus as preflight asks it: what is scraped, which vocabulary knows something, one poll. */
function answer(
  { scraped = [up], known = [2], rows = rowsOf('web-1', now(), { requests: 10, errors: 0, slow: [0] }), headers }: World,
  { form }: Received,
): Reply {
  const query = form.get('query') ?? '';
  const result = query.includes('"up"')
    ? scraped
    : query.includes('"known"')
      ? known.length > 0
        ? [row('known', {}, 1)]
        : []
      : query.includes('"0"')
        ? known.map((index) => row(String(index), {}, 1))
        : rows;
  return { body: vector(result), headers };
}

async function findings(
  world: World | Reply | 'hang',
  options: Partial<PrometheusOptions> = {},
  selector: typeof stable | 'unknown' = stable,
): Promise<readonly Finding[]> {
  await using server = await loopback((received) =>
    world === 'hang' || 'status' in world || 'body' in world ? (world as Reply | 'hang') : answer(world as World, received),
  );
  const provider = prometheus({ url: server.url, ...options });
  return (await provider.preflight?.(contextOf(), selector === 'unknown' ? undefined : selector)) ?? [];
}

test('all is well: nothing is found', async () => expect(await findings({})).toEqual([]));

describe('what would make each poll fail is found before the first write, with what to do', () => {
  test.each<[string, World | Reply, Partial<Finding>]>([
    [
      '401',
      { status: 401, body: 'no org id' },
      { id: 'prometheus-unauthorised', message: expect.stringContaining('401: no org id'), fix: expect.stringContaining('set auth') },
    ],
    ['a wrong path', { status: 404, body: '404 page not found' }, { id: 'prometheus-not-found', fix: expect.stringContaining('base path') }],
    [
      'HTML',
      { status: 200, body: '<html>' },
      { id: 'prometheus-not-prometheus', message: expect.stringContaining('HTML'), fix: expect.stringContaining('past login pages') },
    ],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://sso/prom/api/v1/query?x=secret' } },
      { id: 'prometheus-redirect', fix: 'set url to https://sso/prom' },
    ],
    [
      'a refused query',
      { status: 400, body: { status: 'error', errorType: 'bad_data', error: 'parse error: x' } },
      { id: 'prometheus-refused-query', message: expect.stringContaining('parse error: x') },
    ],
    ['pods that nobody scrapes', { scraped: [], known: [] }, { id: 'prometheus-no-series', fix: expect.stringContaining('labels.pod') }],
    [
      'two replicas',
      { scraped: [up, row('up', { ...targetOf('web-1'), replica: 'b' }, 1)] },
      { id: 'prometheus-duplicates', message: expect.stringContaining('replica'), fix: expect.stringContaining('removes duplicates') },
    ],
    [
      'two jobs',
      { scraped: [up, row('up', { ...targetOf('web-1'), job: 'other' }, 1)] },
      { id: 'prometheus-duplicates', message: expect.stringContaining('job'), fix: expect.stringContaining('one job') },
    ],
    [
      'a status that is none',
      { rows: [row('requests', { ...targetOf('web-1'), code: 'ok' }, 1)] },
      { id: 'prometheus-invalid', message: expect.stringContaining('how they ended') },
    ],
    [
      'a clock that is behind',
      { headers: { date: new Date(Date.now() + 300_000).toUTCString() } },
      { id: 'prometheus-clock', message: expect.stringMatching(/30[01] s behind|299 s behind/) },
    ],
    [
      'a clock that is ahead',
      { headers: { date: new Date(Date.now() - 300_000).toUTCString() } },
      { id: 'prometheus-clock', message: expect.stringContaining('s ahead of') },
    ],
  ])('%s', async (_, world, finding) => {
    const found = await findings(world);
    expect(found).toMatchObject([{ level: 'error', object: expect.stringContaining('127.0.0.1'), ...finding }]);
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  test('a backend that is down', async () => {
    const found = await prometheus({ url: 'http://127.0.0.1:9' }).preflight?.(contextOf());
    expect(found).toMatchObject([{ id: 'prometheus-network', level: 'error', fix: expect.stringContaining('host, port') }]);
  });

  test('silence', async () => expect(await findings('hang', { timeout: '50ms' })).toMatchObject([{ id: 'prometheus-timeout', level: 'error' }]));

  test('a secret that is missing', async () => {
    expect(await findings({}, { auth: { bearer: { env: 'NOT_SET_ANYWHERE' } } })).toMatchObject([
      { id: 'prometheus-options', message: expect.stringContaining('NOT_SET_ANYWHERE') },
    ]);
  });
});

describe('what may yet come is a warning', () => {
  test('scraped pods without requests', async () => {
    expect(await findings({ known: [] })).toMatchObject([{ id: 'prometheus-no-requests', level: 'warning' }]);
  });

  test('no series of pods that are guessed by the name of the app', async () => {
    expect(await findings({ scraped: [], known: [] }, {}, 'unknown')).toMatchObject([{ id: 'prometheus-no-series', level: 'warning' }]);
  });

  test('a store that is missing', async () => {
    await using server = await loopback((received) => {
      const reply = answer({}, received);
      return received.form.get('query')?.includes('"requests"') ? { body: { ...(reply.body as object), warnings: ['store is down'] } } : reply;
    });
    expect(await prometheus({ url: server.url }).preflight?.(contextOf(), stable)).toMatchObject([{ id: 'prometheus-partial', level: 'warning' }]);
  });
});

describe("queries of one's own are looked at before they are sent", () => {
  const good = 'sum by (job, instance, pod) (orders_total{$where})';
  test.each<[string, { requests: string; errors: string; latency?: string }, string]>([
    ['a rate', { requests: `rate(orders_total{$where}[1m])`, errors: good }, 'rate()'],
    ['an increase deep inside', { requests: good, errors: 'sum by (job, instance, pod) (increase(orders_total{$where}[1m]))' }, 'increase()'],
    ['no PromQL', { requests: 'orders_total{$where', errors: good }, 'requests is no PromQL'],
    ['a hole in quotes', { requests: 'orders_total{app="$app"}', errors: good }, 'without quotes'],
    ['a hole that there is not', { requests: 'orders_total{app=$apps}', errors: good }, 'no hole $apps'],
    ['a hole for a metric', { requests: 'orders_total_$app', errors: good }, 'no PromQL'],
    ['two expressions', { requests: `${good} ${good}`, errors: good }, 'no PromQL'],
    ['latency', { requests: good, errors: good, latency: 'irate(x{$where}[1m])' }, 'latency uses irate()'],
  ])('%s', async (_, queries, message) => {
    const options = { queries };
    expect(await findings({}, options)).toMatchObject([{ id: 'prometheus-query', level: 'error', message: expect.stringContaining(message) }]);
    const at = '2026-01-01T00:10:00.000Z';
    const request = { at, since: at, bounds: [0.5], tracks: { stable, candidate: undefined } };
    expect(await prometheus({ url: 'http://127.0.0.1:9', ...options }).read(request, contextOf())).toMatchObject({ kind: 'unavailable', reason: 'invalid' });
  });

  test('one series a target, and one that names its process', async () => {
    const queries = { requests: 'sum(orders_total{$where})', errors: good };
    const rows = [row('requests', {}, 5)];
    expect(await findings({ rows }, { queries })).toMatchObject([
      { id: 'prometheus-invalid', message: expect.stringContaining('group by (job, instance, pod)') },
    ]);
    const two = [row('requests', { ...targetOf('web-1'), path: '/a' }, 5), row('requests', { ...targetOf('web-1'), path: '/b' }, 5)];
    expect(await findings({ rows: two }, { queries: { requests: 'orders_total{$where}', errors: good } })).toMatchObject([
      { message: expect.stringContaining('two series of requests where one is asked for; they differ in path') },
    ]);
  });
});
