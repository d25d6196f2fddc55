import { type HistoryRequest, type MetricsReading, type PortContext, ShepherdError, systemClock } from '@shepherd/core';
import { readHistory } from '@shepherd/core/backtest';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { describe, expect, test } from 'vitest';
import { loopback } from './__fixtures__/loopback.js';
import { contextOf } from './__fixtures__/request.js';
import { type PrometheusOptions, prometheus } from './index.js';

const inShop = (sandbox: Sandbox): PortContext => contextOf({ clock: sandbox.connection.clock });
const iso = (ms: number): string => new Date(ms).toISOString();
async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** The history, and the same moments read one by one by a provider that knows no history. */
async function bothWays(options: PrometheusOptions, request: HistoryRequest, context: PortContext): Promise<readonly (readonly MetricsReading[])[]> {
  const provider = prometheus(options);
  const { history: _, ...bare } = { ...provider, read: provider.read.bind(provider) };
  return [await all(readHistory(provider, request, context)), await all(readHistory(bare, request, context))];
}

async function tracksOf(
  options: PrometheusOptions,
  span: { readonly from: string; readonly to: string },
  context: PortContext,
): Promise<HistoryRequest['tracks']> {
  const pods = (await prometheus(options).pods?.(span, context)) ?? [];
  const of = (track: string, candidate: boolean) => ({
    revision: track,
    pods: pods.filter((pod) => pod.startsWith('web-candidate-') === candidate),
    labels: {},
  });
  return { stable: of('one', false), candidate: of('two', true) };
}

describe('the sandbox', () => {
  test('a history is what polls at those times would have read: a new track, restarts, a gap, latency', async () => {
    await using sandbox = await createSandbox();
    sandbox.image('registry/web:1');
    sandbox.image('registry/web:2', { errorRate: 0.25, latencyMs: 300 });
    const { clock } = sandbox.connection;
    const options = sandbox.prometheus;
    await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1', replicas: 3 });
    sandbox.load('shop/web', { rate: 20 });
    const from = iso(clock.now().getTime());
    await clock.sleep(60_000);
    await sandbox.install({ name: 'web-candidate', namespace: 'shop', image: 'registry/web:2', replicas: 1 });
    sandbox.load('shop/web-candidate', { rate: 20 });
    await clock.sleep(60_000);
    sandbox.kill({ app: 'shop/web', count: 1 });
    await clock.sleep(120_000);
    const to = iso(clock.now().getTime());
    const tracks = await tracksOf(options, { from, to }, inShop(sandbox));
    expect([tracks.stable?.pods.length, tracks.candidate?.pods.length]).toEqual([3, 1]);
    const [history, polls] = await bothWays(options, { from, to, every: '7s', bounds: [0.25], tracks }, inShop(sandbox));
    expect(history).toEqual(polls);
    expect(new Set(history?.map(({ kind }) => kind))).toEqual(new Set(['unavailable', 'counters']));
    expect(history?.length).toBe(1 + Math.floor((Date.parse(to) - Date.parse(from)) / 7_000));
  });

  test('over HTTP, in real time', async () => {
    await using sandbox = await createSandbox({ time: 'real', scrapeInterval: '1s' });
    sandbox.image('registry/web:1');
    for (const name of ['web', 'web-candidate']) await sandbox.install({ name, namespace: 'shop', image: 'registry/web:1', replicas: 1 });
    const { url } = sandbox.prometheus;
    const from = iso(Date.now());
    for (const name of ['web', 'web-candidate']) sandbox.load(`shop/${name}`, { rate: 20 });
    await systemClock.sleep(4_000);
    const to = iso(Date.now());
    const tracks = await tracksOf({ url }, { from, to }, inShop(sandbox));
    const [history, polls] = await bothWays({ url }, { from, to, every: '1s', bounds: [0.25], tracks }, inShop(sandbox));
    expect(history).toEqual(polls);
    const last = history?.at(-1);
    expect(last?.kind === 'counters' && last.targets.every(({ requests }) => requests > 20)).toBe(true);
  }, 20_000);
});

const tracks = { stable: { revision: 'one', pods: ['web-1'], labels: {} }, candidate: undefined };
const matrix = (result: readonly unknown[]) => ({ body: { status: 'success', data: { resultType: 'matrix', result } } });
const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('requests', () => {
  test('hold 11,000 steps each, which is what Prometheus allows', async () => {
    await using server = await loopback(() => matrix([]));
    const provider = prometheus({ url: server.url, vocabulary: 'http' });
    const request: HistoryRequest = { from: iso(0), to: iso(22_000_000), every: '1s', bounds: [], tracks };
    const readings = await all(readHistory(provider, request, contextOf()));
    expect(readings).toHaveLength(22_001);
    expect(new Set(readings.map((reading) => (reading.kind === 'unavailable' ? reading.reason : reading.kind)))).toEqual(new Set(['no-data']));
    expect(server.received.map(({ path, form }) => [path, form.get('start'), form.get('end'), form.get('step')])).toEqual([
      ['/api/v1/query_range', '0', '10999', '1'],
      ['/api/v1/query_range', '11000', '21999', '1'],
      ['/api/v1/query_range', '22000', '22000', '1'],
    ]);
  });

  test('hold fewer where the answer would be too large', async () => {
    const huge = { body: Buffer.alloc(33 * 1024 * 1024, 32) };
    await using server = await loopback(({ form }) => (Number(form.get('end')) - Number(form.get('start')) > 30 ? huge : matrix([])));
    const provider = prometheus({ url: server.url, vocabulary: 'http' });
    expect(await all(readHistory(provider, { from: iso(0), to: iso(100_000), every: '1s', bounds: [], tracks }, contextOf()))).toHaveLength(101);
    expect(server.received.map(({ form }) => form.get('start'))).toEqual(['0', '0', '0', '25', '50', '75', '100']);
  });

  test('native histograms, warnings and values of no counter are read as in a poll', async () => {
    const pod = { job: 'pods', instance: '1', pod: 'web-1' };
    const marked = (part: string, value: string) => ({ metric: { ...pod, code: '200', shepherd: part }, values: [[10, value]] });
    const histogram = { count: '9', sum: '1', buckets: [[0, '0.25', '0.5', '9']] };
    const rows = [marked('requests', '9'), marked('sampled', '10'), { metric: pod, histograms: [[10, histogram]] }];
    let body: unknown = matrix(rows).body;
    await using server = await loopback(() => ({ body }));
    const read = () =>
      all(
        readHistory(
          prometheus({ url: server.url, vocabulary: 'http' }),
          { from: iso(10_000), to: iso(10_000), every: '1s', bounds: [0.25], tracks },
          contextOf(),
        ),
      );
    expect(await read()).toMatchObject([{ kind: 'counters', at: iso(10_000), targets: [{ requests: 9, errors: 0, slow: [9] }] }]);
    body = { ...matrix(rows).body, warnings: ['a store is missing'] };
    expect(await read()).toMatchObject([{ kind: 'unavailable', reason: 'partial' }]);
    body = matrix([marked('requests', 'NaN')]).body;
    expect(await read()).toMatchObject([{ kind: 'unavailable', reason: 'invalid' }]);
  });
});

describe('what cannot be read is an error, with what to do', () => {
  const history = (options: Partial<PrometheusOptions>, request: Partial<HistoryRequest> = {}) =>
    errorOf(
      all(
        readHistory(
          prometheus({ url: 'http://127.0.0.1:9', vocabulary: 'http', ...options }),
          { from: iso(0), to: iso(60_000), every: '15s', bounds: [], tracks, ...request },
          contextOf(),
        ),
      ),
    );

  test.each<[string, Partial<HistoryRequest>, string]>([
    ['an end before the start', { to: iso(-1_000) }, 'to'],
    ['a time that is none', { from: 'yesterday' }, 'from'],
    ['a step that is none', { every: '0s' }, 'every'],
  ])('%s', async (_, request, path) => {
    expect(await history({}, request)).toMatchObject({ code: 'ERR_INVALID_OPTIONS', facts: { issues: [expect.objectContaining({ path })] } });
  });

  test('401, HTML, a vector, nobody there, no requests under any name, a track without pods', async () => {
    const answers = [{ status: 401 }, { body: '<html>' }, { body: { status: 'success', data: { resultType: 'vector', result: [] } } }];
    const found: unknown[] = [];
    for (const answer of answers) {
      await using server = await loopback(() => answer);
      found.push(await history({ url: server.url }));
    }
    await using empty = await loopback(() => ({ body: { status: 'success', data: { resultType: 'vector', result: [] } } }));
    found.push(await history({}), await history({ url: empty.url, vocabulary: undefined }));
    found.push(await history({}, { tracks: { ...tracks, candidate: { revision: 'two', pods: [], labels: {} } } }));
    const ids = found.map((error) => (ShepherdError.is(error, 'ERR_PREFLIGHT') ? error.facts.findings[0]?.id : String(error)));
    expect(ids).toEqual([
      'prometheus-unauthorised',
      'prometheus-not-prometheus',
      'prometheus-not-prometheus',
      'prometheus-network',
      'prometheus-no-data',
      'prometheus-no-data',
    ]);
  });
});

test('pods are found by the labels of the vocabularies, and nobody else’s', async () => {
  const values: Record<string, readonly string[]> = { k8s_pod_name: ['web-2', 'web-1'] };
  await using server = await loopback(({ path }) => ({
    body: { status: 'success', data: values[/label\/(\w+)\//.exec(path)?.[1] ?? ''] ?? [] },
  }));
  const span = { from: iso(0), to: iso(60_000) };
  expect(await prometheus({ url: server.url }).pods?.(span, contextOf())).toEqual(['web-1', 'web-2']);
  const asked = server.received.map(({ path }) => new URL(path, server.url).searchParams.get('match[]'));
  expect(asked).toEqual(['{namespace="shop",pod=~"web(-.+)?"}', '{k8s_namespace_name="shop",k8s_pod_name=~"web(-.+)?"}']);
  expect(await prometheus({ url: server.url, vocabulary: 'http' }).pods?.(span, contextOf())).toEqual([]);
});
