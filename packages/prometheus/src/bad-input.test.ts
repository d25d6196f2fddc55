import type { MetricsReading } from '@shepherd/core';
import { describe, expect, test } from 'vitest';
import { loopback, type Reply } from './__fixtures__/loopback.js';
import { atSeconds, contextOf, requestOf } from './__fixtures__/request.js';
import { podIn, row, rowsOf, targetOf, vector } from './__fixtures__/rows.js';
import { type PrometheusOptions, prometheus } from './index.js';

const counts = { requests: 100, errors: 2, slow: [5] };

/** What is read when the pod of the candidate answers like this, and stable well. */
async function read(candidate: (rows: readonly unknown[]) => Reply, options: Partial<PrometheusOptions> = {}): Promise<MetricsReading> {
  await using server = await loopback(({ form }) => {
    const pod = podIn(form.get('query') ?? '');
    const rows = rowsOf(pod, atSeconds, counts);
    return pod === 'web-2' ? candidate(rows) : { body: vector(rows) };
  });
  return await prometheus({ url: server.url, vocabulary: 'http', ...options }).read(requestOf(), contextOf());
}

const target = targetOf('web-2');
const also =
  (...more: readonly unknown[]) =>
  (rows: readonly unknown[]): Reply => ({ body: vector([...rows, ...more]) });
const html = '<!DOCTYPE html><html><body>Sign in</body></html>';

test('what is good is read', async () => {
  expect(await read((rows) => ({ body: vector(rows) }))).toMatchObject({
    kind: 'counters',
    targets: [
      { track: 'stable', target: 'stable/pods/web-1:8080/web-1', ...counts, sampledAt: '2026-01-01T00:09:58.000Z', startedAt: '2025-12-31T23:10:00.000Z' },
      { track: 'candidate', target: 'candidate/pods/web-2:8080/web-2', ...counts },
    ],
  });
});

describe('what is bad is no reading, and says why', () => {
  test.each<[string, (rows: readonly unknown[]) => Reply, string, string]>([
    ['a value that is NaN', also(row('requests', { ...target, code: '204' }, 'NaN')), 'invalid', 'requests is NaN'],
    ['+Inf', also(row('requests', { ...target, code: '204' }, '+Inf')), 'invalid', 'requests is Infinity'],
    ['-Inf', also(row('requests', { ...target, code: '204' }, '-Inf')), 'invalid', 'requests is -Infinity'],
    ['a negative count', also(row('requests', { ...target, code: '204' }, -1)), 'invalid', 'requests is -1'],
    ['a value that is no number', also(row('requests', { ...target, code: '204' }, 'many')), 'unreachable', 'a value that is no number'],
    ['an empty value', also(row('requests', { ...target, code: '204' }, '')), 'unreachable', 'a value that is no number'],
    ['a status that is none', also(row('requests', { ...target, code: 'ok' }, 1)), 'invalid', 'no label of its requests says how they ended'],
    ['buckets that fall', also(row('buckets', { ...target, le: '0.7' }, 3)), 'invalid', 'buckets that fall'],
    ['a bucket without a bound', also(row('buckets', target, 3)), 'invalid', 'a bucket with le=undefined'],
    ['a sample from the future', also(row('sampled', target, atSeconds + 300)), 'invalid', 'a sample from the future'],
    ['two series where one is asked for', also(row('started', { ...target, replica: 'b' }, atSeconds - 60)), 'invalid', 'they differ in replica'],
    ['rows of another question', also(row('else', target, 1)), 'unreachable', 'another question'],
    ['no series', () => ({ body: vector([]) }), 'no-data', 'no requests of candidate are known'],
    ['samples that grow old', (rows) => ({ body: vector(rows.map((each) => old(each, 40))) }), 'stale', '40 s old'],
    ['warnings', (rows) => ({ body: vector(rows, { warnings: ['store a is down'] }) }), 'partial', 'store a is down'],
    ['an error with status 200', () => ({ body: { status: 'error', errorType: 'bad_data', error: 'parse error' } }), 'unreachable', 'parse error'],
    [
      'an error with status 422',
      () => ({ status: 422, body: { status: 'error', errorType: 'execution', error: 'too many samples' } }),
      'unreachable',
      'too many samples',
    ],
    ['HTML', () => ({ body: html, headers: { 'content-type': 'text/html' } }), 'unreachable', 'answered HTML'],
    ['HTML with a status', () => ({ status: 403, body: html }), 'unreachable', '403 with HTML'],
    ['nothing', () => ({ body: '' }), 'unreachable', 'answered nothing'],
    ['JSON of something else', () => ({ body: { hits: [] } }), 'unreachable', 'no answer of Prometheus'],
    ['a matrix', () => ({ body: { status: 'success', data: { resultType: 'matrix', result: [] } } }), 'unreachable', 'something else than an instant vector'],
    ['a label that is no text', also({ metric: { ...target, shepherd: 'requests', code: 500 }, value: [0, '1'] }), 'unreachable', 'a label that is no text'],
    [
      'a redirect',
      () => ({ status: 302, headers: { location: 'https://sso.example/login?token=s3cret' } }),
      'unreachable',
      'redirecting to https://sso.example/login',
    ],
    ['a wrong path', () => ({ status: 404, body: '404 page not found' }), 'unreachable', 'answered 404: 404 page not found'],
    ['a missing tenant', () => ({ status: 401, body: 'no org id' }), 'unreachable', 'answered 401: no org id'],
  ])('%s', async (_, answer, reason, detail) => {
    const reading = await read(answer);
    expect(reading).toMatchObject({ kind: 'unavailable', reason });
    expect(reading).toMatchObject({ detail: expect.stringContaining(detail) });
    expect(JSON.stringify(reading)).not.toContain('s3cret');
  });

  test('infos are harmless', async () => {
    expect(await read((rows) => ({ body: vector(rows, { infos: ['metric might not be a counter'] }) }))).toMatchObject({ kind: 'counters' });
  });

  test('tracks that have the same series', async () => {
    const reading = await prometheus({ url: 'http://127.0.0.1:9', vocabulary: 'istio' }).read(requestOf(['web-7d9fb-abcde'], ['web-5c6dd-fghij']), contextOf());
    expect(reading).toMatchObject({ kind: 'unavailable', reason: 'invalid', detail: expect.stringContaining('the same series for both tracks') });
  });

  test('a track without pods', async () => {
    const reading = await prometheus({ url: 'http://127.0.0.1:9', vocabulary: 'http' }).read(requestOf(['web-1'], []), contextOf());
    expect(reading).toMatchObject({ kind: 'unavailable', reason: 'no-data', detail: 'candidate has no pods' });
  });
});

describe('five minutes between clocks', () => {
  test('a pod whose clock runs ahead has no start, so that it is not taken for one that restarts all the time', async () => {
    const reading = await read((rows) => ({ body: vector([...rows.filter((each) => partOf(each) !== 'started'), row('started', target, atSeconds + 300)]) }));
    expect(reading).toMatchObject({ kind: 'counters' });
    expect(reading.kind === 'counters' && reading.targets.filter(({ track }) => track === 'candidate').map(({ startedAt }) => startedAt)).toEqual([undefined]);
  });

  test('this machine runs ahead: samples are stale', async () => {
    expect(await read((rows) => ({ body: vector(rows.map((each) => old(each, 299))) }))).toMatchObject({ kind: 'unavailable', reason: 'stale' });
  });
});

describe('label values that are foreign text', () => {
  test.each(['a"b', 'a\\b', 'a\nb', 'a}b', 'a",pod=~".*', '$where', 'a|b'])('%j goes into the query and comes back', async (name) => {
    await using server = await loopback(({ form }) => {
      const query = form.get('query') ?? '';
      const pod = query.includes('web-1') ? 'web-1' : name;
      return { body: vector(rowsOf(pod, atSeconds, counts)) };
    });
    const reading = await prometheus({ url: server.url, vocabulary: 'http' }).read(requestOf(['web-1'], [name]), contextOf());
    expect(reading).toMatchObject({ kind: 'counters' });
    const names = reading.kind === 'counters' ? reading.targets.map(({ target: each }) => each.split('/').at(-1)) : [];
    expect(names.map((each) => decodeURIComponent(each ?? ''))).toEqual(['web-1', name]);
    const [query = ''] = server.received.map(({ form }) => form.get('query') ?? '').filter((each) => !each.includes('web-1'));
    expect(query).not.toContain('\n');
  });
});

type WireRow = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] };
const partOf = (each: unknown): string | undefined => (each as WireRow).metric['shepherd'];
const old = (each: unknown, seconds: number): unknown =>
  partOf(each) === 'sampled' ? { ...(each as WireRow), value: [atSeconds, String(atSeconds - seconds)] } : each;
