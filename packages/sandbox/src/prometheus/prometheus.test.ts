import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSandbox, type Sandbox } from '../sandbox.js';

let sandbox: Sandbox;
let ask: (path: string) => Promise<{ readonly status: number; readonly body: Body }>;
let start: number;

interface Body {
  readonly status: string;
  readonly error?: string;
  readonly errorType?: string;
  // biome-ignore lint/suspicious/noExplicitAny: the wire's shapes
  readonly data: any;
}

const call = async (of: Sandbox, path: string, init?: RequestInit): Promise<Response> => {
  const { url, transport = fetch } = of.prometheus;
  return transport(new Request(`${url}${path}`, init));
};

beforeEach(async () => {
  sandbox = await createSandbox();
  sandbox.image('web:1', {});
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1', replicas: 2 });
  expect(sandbox.prometheus.url).toBe('http://prometheus.invalid');
  start = sandbox.connection.clock.now().getTime();
  ask = async (path) => {
    const answer = await call(sandbox, path);
    return { status: answer.status, body: (await answer.json()) as Body };
  };
});
afterEach(async () => sandbox[Symbol.asyncDispose]());

const sleep = (ms: number): Promise<void> => sandbox.connection.clock.sleep(ms);
const valuesOf = ({ body }: { readonly body: Body }): readonly string[] =>
  body.data.result.map(({ value }: { readonly value: readonly [number, string] }) => value[1]);
const query = (text: string, atMs?: number) => ask(`/api/v1/query?query=${encodeURIComponent(text)}${atMs === undefined ? '' : `&time=${atMs / 1_000}`}`);

describe('what pods say is known at the times it was read', () => {
  test('counters rise by what the load sent until the scrape, not a request more', async () => {
    const load = sandbox.load('shop/web', { rate: 100 });
    await sleep(60_000);
    const of = async (ms: number): Promise<number> => Number(valuesOf(await query('sum(http_requests_total{code="200"})', start + ms))[0] ?? 0);
    expect([await of(14_999), await of(15_000), await of(29_999), await of(30_000), await of(59_000)]).toEqual([0, 1_500, 1_500, 3_000, 4_500]);
    expect(valuesOf(await query('max(timestamp(http_requests_total))', start + 44_000))).toEqual([String((start + 30_000) / 1_000)]);
    await load.stop();
  });

  test('a pod that goes ends its series, and one that starts has its own', async () => {
    const load = sandbox.load('shop/web', { rate: 10 });
    await sleep(31_000);
    const [killed = ''] = sandbox.kill({ app: 'shop/web' });
    await sleep(29_000);
    const starts = await query(`count_over_time(process_start_time_seconds{pod="${killed}"}[5m])`);
    expect(valuesOf(starts)).toHaveLength(1);
    const since = async (pod: string): Promise<number> => Number(valuesOf(await query(`process_start_time_seconds{pod="${pod}"}`))[0]) * 1_000;
    expect(await since(killed)).toBeGreaterThan(start + 31_000);
    expect(valuesOf(await query(`sum(http_requests_total{pod="${killed}"})`, start + 60_000)).map(Number)[0]).toBeLessThan(200);
    await load.stop();
  });

  test('what is deleted is stale at the next scrape, not five minutes later', async () => {
    await sleep(20_000);
    const patch = {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json', authorization: `Bearer ${sandbox.rotateToken()}` },
      body: '{"spec":{"replicas":0}}',
    };
    await sandbox.connection.transport(new Request('http://sandbox/apis/apps/v1/namespaces/shop/deployments/web', patch));
    expect(valuesOf(await query('up'))).toEqual(['1', '1']);
    await sleep(40_000);
    expect(valuesOf(await query('up'))).toEqual([]);
    expect(valuesOf(await query('up', start + 16_000))).toEqual(['1', '1']);
  });

  test('a target that does not answer is down, and all it said ends', async () => {
    sandbox.image('web:2', { handle: ({ path }) => (path === '/metrics' ? { status: 404 } : undefined) });
    await sandbox.install({ name: 'mute', namespace: 'shop', image: 'web:2', replicas: 1 });
    await sleep(15_000);
    expect(valuesOf(await query('up{pod=~"mute-.*"}'))).toEqual(['0']);
    expect(valuesOf(await query('process_start_time_seconds{pod=~"mute-.*"}'))).toEqual([]);
  });

  test('who asks for no Prometheus pays for none', async () => {
    await using other = await createSandbox();
    other.image('web:1', {});
    await other.install({ name: 'web', image: 'web:1' });
    await other.connection.clock.sleep(60_000);
    const answer = await call(other, '/api/v1/query?query=up[1h]');
    expect(((await answer.json()) as Body).data.result.map(({ values }: { readonly values: readonly unknown[] }) => values.length)).toEqual([1, 1]);
  });
});

describe('the API', () => {
  test('a range of raw samples, with the times they were taken', async () => {
    await sleep(31_000);
    const { body } = await query('up{container="web"}[40s]');
    expect(body.data.resultType).toBe('matrix');
    const [{ metric, values }] = body.data.result;
    expect(metric).toMatchObject({ __name__: 'up', job: 'kubernetes-pods', namespace: 'shop', container: 'web' });
    expect(values).toEqual([0, 15_000, 30_000].map((ms) => [(start + ms) / 1_000, '1']));
  });

  test('query_range, series, labels and values', async () => {
    await sleep(31_000);
    const [from, to] = [start / 1_000, (start + 30_000) / 1_000];
    const { body } = await ask(`/api/v1/query_range?query=sum(up)&start=${from}&end=${to}&step=15`);
    expect(body.data).toEqual({ resultType: 'matrix', result: [{ metric: {}, values: [0, 15, 30].map((seconds) => [from + seconds, '2']) }] });
    expect((await ask('/api/v1/series?match[]=up')).body.data).toHaveLength(2);
    expect((await ask('/api/v1/labels?match[]=up')).body.data).toEqual(['__name__', 'container', 'instance', 'job', 'namespace', 'pod']);
    expect((await ask('/api/v1/label/container/values')).body.data).toEqual(['web']);
  });

  test('forms are taken, and health is told', async () => {
    const answer = await call(sandbox, '/api/v1/query', { method: 'POST', body: new URLSearchParams({ query: 'up' }) });
    expect(((await answer.json()) as Body).data.result).toHaveLength(2);
    expect((await call(sandbox, '/-/healthy')).status).toBe(200);
    expect((await call(sandbox, '/api/v2/query')).status).toBe(404);
  });

  test.each([
    ['query?query=up{', 400, 'bad_data', 'unexpected end of input'],
    ['query?query={pod=~".*"}', 400, 'bad_data', 'at least one non-empty matcher'],
    ['query?query=up{pod=~"("}', 400, 'bad_data', 'error parsing regexp'],
    ['query?query=up&time=soon', 400, 'bad_data', 'cannot parse'],
    ['query_range?query=up&start=1&end=0&step=1', 400, 'bad_data', 'end timestamp must not be before'],
    ['query_range?query=up&start=0&end=20000&step=1', 400, 'bad_data', '11,000 points'],
    ['query_range?query=up&start=0&end=20&step=0', 400, 'bad_data', 'step'],
    ['series', 400, 'bad_data', 'no match[]'],
    ['query?query=histogram_quantile(0.9,up)', 422, 'execution', 'does not know'],
    ['query?query=up/up', 422, 'execution', 'does not know operator /'],
    ['query?query=up==1', 422, 'execution', 'does not know operator =='],
    ['query?query=1', 422, 'execution', 'does not know the number 1'],
    ['query?query=max_over_time(up[5m:1m])', 422, 'execution', 'subqueries'],
  ])('%s is refused with %i', async (path, status, errorType, error) => {
    const answer = await ask(`/api/v1/${path}`);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status: 'error', errorType, error: expect.stringContaining(error) });
  });
});

test('in real time it is on loopback, for curl and others', async () => {
  await using real = await createSandbox({ time: 'real', scrapeInterval: '50ms' });
  real.image('web:1', {});
  await real.install({ name: 'web', image: 'web:1', replicas: 1 });
  const { url } = real.prometheus;
  const { data } = (await (await fetch(`${url}/api/v1/query?query=up`)).json()) as Body;
  expect(data.result).toMatchObject([{ metric: { job: 'kubernetes-pods' }, value: [expect.any(Number), '1'] }]);
});
