import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '@shepherd/core/testing';
import { describe, expect, test } from 'vitest';
import { loopback, type Reply } from '../__fixtures__/loopback.js';
import { contextOf } from '../__fixtures__/request.js';
import { vector } from '../__fixtures__/rows.js';
import { type PrometheusOptions, prometheus } from '../index.js';
import { ApiError } from './api-error.js';
import { PrometheusApi } from './prometheus-api.js';

const good: Reply = { body: vector([]) };
const ask = (options: PrometheusOptions, context = contextOf()) => new PrometheusApi(options, () => 0.5).instant('up', 1_767_226_200_123, context);
const failureOf = async (work: Promise<unknown>): Promise<ApiError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
};

test('queries are posted as forms, with the time of the evaluation', async () => {
  await using server = await loopback(() => good);
  await ask({ url: server.url });
  const [{ method, path, headers, form } = never()] = server.received;
  expect([method, path, headers['content-type']?.split(';')[0]]).toEqual(['POST', '/api/v1/query', 'application/x-www-form-urlencoded']);
  expect(Object.fromEntries(form)).toEqual({ query: 'up', time: '1767226200.123' });
});

test.each([
  ['', '/api/v1/query'],
  ['/', '/api/v1/query'],
  ['/prometheus', '/prometheus/api/v1/query'],
  ['/select/0/prometheus/', '/select/0/prometheus/api/v1/query'],
])('the base path %j leads to %s', async (base, path) => {
  await using server = await loopback(() => good);
  await ask({ url: `${server.url}${base}` });
  expect(server.received.map((each) => each.path)).toEqual([path]);
});

describe('credentials', () => {
  test('are read for each request, and go with it', async () => {
    await using server = await loopback(() => good);
    const file = join(await mkdtemp(join(tmpdir(), 'prom-')), 'token');
    const api = new PrometheusApi({ url: server.url, auth: { bearer: { file } }, headers: { 'X-Scope-OrgID': 'shop', 'X-Key': () => 'k' } });
    for (const token of ['one', 'two']) {
      await writeFile(file, `${token}\n`);
      await api.instant('up', 0, contextOf());
    }
    expect(server.received.map(({ headers }) => [headers.authorization, headers['x-scope-orgid'], headers['x-key']])).toEqual([
      ['Bearer one', 'shop', 'k'],
      ['Bearer two', 'shop', 'k'],
    ]);
    await ask({ url: server.url, auth: { username: 'ana', password: () => 'pä:ss' } });
    expect(Buffer.from(server.received.at(-1)?.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString()).toBe('ana:pä:ss');
  });

  test('are in no message, whoever echoes them', async () => {
    const token = 'tok-9f8e7d6c5b4a';
    await using server = await loopback(({ headers }) => ({ status: 403, body: `denied to ${headers.authorization}` }));
    const error = await failureOf(ask({ url: server.url, auth: { bearer: () => token } }));
    expect(error.message).toBe('answered 403: denied to Bearer ***');
    const basic = await failureOf(ask({ url: server.url, auth: { username: 'u', password: () => token } }));
    expect(JSON.stringify([basic.message, basic.stack])).not.toMatch(new RegExp(`${token}|${Buffer.from(`u:${token}`).toString('base64')}`));
  });

  test('follow no redirect', async () => {
    await using thief = await loopback(() => good);
    for (const status of [301, 302, 307, 308]) {
      await using server = await loopback(() => ({ status, headers: { location: `${thief.url}/api/v1/query` } }));
      const error = await failureOf(ask({ url: server.url, auth: { bearer: () => 'secret' } }));
      expect(error).toMatchObject({ failure: 'redirect', message: `answered ${status}, redirecting to ${thief.url}` });
    }
    expect(thief.received).toEqual([]);
  });

  test('that are missing are named, and nothing is asked', async () => {
    await using server = await loopback(() => good);
    await expect(ask({ url: server.url, auth: { bearer: { env: 'NOT_SET_ANYWHERE' } } })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTIONS' });
    expect(server.received).toEqual([]);
  });
});

describe('what fails for a moment', () => {
  test.each<[string, Reply | 'reset']>([
    ['503', { status: 503, body: 'no endpoints' }],
    ['429', { status: 429 }],
    ['a broken connection', 'reset'],
  ])('%s is tried again, three times in all', async (_, bad) => {
    let count = 0;
    await using server = await loopback(() => (++count < 3 ? bad : good));
    await using clock = new DisposableClock();
    await ask({ url: server.url }, contextOf({ clock: clock.virtual }));
    expect(server.received).toHaveLength(3);
    expect(clock.virtual.monotonicMs()).toBe(250 + 500);
    count = Number.NEGATIVE_INFINITY;
    expect((await failureOf(ask({ url: server.url }, contextOf({ clock: clock.virtual })))).retryable).toBe(true);
    expect(server.received).toHaveLength(6);
  });

  test.each<[string, (clock: VirtualClock) => string, number]>([
    ['seconds', () => '3', 3_000],
    ['a date', (clock) => new Date(clock.now().getTime() + 4_000).toUTCString(), 4_000],
  ])('what it says of when to come again, in %s, is kept', async (_, header, waitMs) => {
    await using clock = new DisposableClock();
    const startMs = clock.virtual.monotonicMs();
    const arrived: number[] = [];
    await using server = await loopback(() => {
      arrived.push(clock.virtual.monotonicMs() - startMs);
      return arrived.length === 1 ? { status: 429, headers: { 'retry-after': header(clock.virtual) } } : good;
    });
    await ask({ url: server.url }, contextOf({ clock: clock.virtual }));
    expect(arrived).toHaveLength(2);
    // A date is whole seconds.
    expect(arrived[1]).toBeGreaterThan(waitMs - 1_000);
    expect(arrived[1]).toBeLessThanOrEqual(waitMs);
  });

  test('later than the time limit is not waited for', async () => {
    await using server = await loopback(() => ({ status: 503, headers: { 'retry-after': '60' } }));
    await using clock = new DisposableClock();
    await failureOf(ask({ url: server.url }, contextOf({ clock: clock.virtual })));
    expect([server.received.length, clock.virtual.monotonicMs()]).toEqual([1, 0]);
  });

  test.each<[string, Reply]>([
    ['a query that is refused', { status: 400, body: { status: 'error', errorType: 'bad_data', error: 'parse error' } }],
    ['401', { status: 401 }],
    ['404', { status: 404 }],
  ])('%s is not', async (_, bad) => {
    await using server = await loopback(() => bad);
    await failureOf(ask({ url: server.url }));
    expect(server.received).toHaveLength(1);
  });

  test('silence ends after the time limit, on the clock', async () => {
    await using server = await loopback(() => 'hang');
    await using clock = new DisposableClock();
    const error = await failureOf(ask({ url: server.url, timeout: '7s' }, contextOf({ clock: clock.virtual })));
    expect(error).toMatchObject({ failure: 'timeout', message: 'gave no answer within 7 s' });
    expect(clock.virtual.monotonicMs()).toBe(7_000);
    expect(clock.virtual.sleeping).toBe(0);
  });

  test('an answer without an end is cut off', async () => {
    await using server = await loopback(() => ({ body: Buffer.alloc(33 * 1024 * 1024, 32) }));
    expect(await failureOf(ask({ url: server.url }))).toMatchObject({ failure: 'too-large', message: 'answered more than 32 MiB' });
  });
});

describe('options that cannot be meant', () => {
  test.each<[string, Partial<PrometheusOptions>, string]>([
    ['no URL', { url: 'prometheus:9090' }, 'url'],
    ['an empty one', { url: '' }, 'url'],
    ['another scheme', { url: 'ftp://prometheus' }, 'url'],
    ['a password in the address', { url: 'https://ana:hunter2@prometheus' }, 'url'],
    ['a query string', { url: 'https://prometheus/?token=hunter2' }, 'url'],
    ['the API path', { url: 'https://prometheus/api/v1' }, 'url'],
    ['the page of the user interface', { url: 'https://prometheus/graph' }, 'url'],
    ['a token in a header', { headers: { Authorization: 'Bearer hunter2' } }, 'headers.Authorization'],
    ['a header that is none', { headers: { 'a b': 'c' } }, 'headers'],
    ['a header of two lines', { headers: { 'x-a': 'b\r\nx-c: hunter2' } }, 'headers.x-a'],
    ['a vocabulary that is none', { vocabulary: 'datadog' as 'http' }, 'vocabulary'],
    ['queries and a vocabulary', { vocabulary: 'http', queries: { requests: 'a', errors: 'b' } }, 'queries'],
    ['a time that is none', { timeout: 'soon' as '1s' }, 'timeout'],
    ['a label that is none', { labels: { pod: 'pod-name' } }, 'labels.pod'],
    ['a condition that means something else', { where: [{ label: 'cluster', op: '=', value: '' }] }, 'matcher of cluster'],
  ])('%s', (_, options, path) => {
    const make = (): unknown => prometheus({ url: 'https://prometheus', ...options });
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTIONS', facts: { issues: [expect.objectContaining({ path })] } }));
    expect(make).not.toThrow(/hunter2/);
  });
});

/** A clock that jumps, until the end of the test. */
class DisposableClock implements AsyncDisposable {
  readonly virtual = new VirtualClock({ auto: true });
  async [Symbol.asyncDispose](): Promise<void> {
    this.virtual[Symbol.dispose]();
  }
}

function never(): never {
  throw new Error('nothing was received');
}
