import { expect, test } from 'vitest';
import { type Behaviour, settle, tagOf } from './pods/behaviour.js';
import { seededRandom } from './random.js';
import { SampleApp } from './sample-app.js';

const now = new Date('2026-01-01T00:00:00Z');
const app = (behaviour: Behaviour = {}, env: Record<string, string> = {}) =>
  new SampleApp(settle(behaviour, env, { image: 'registry/web:1.2.0', port: undefined, pod: 'web-1' }), seededRandom(), now);
const get = (sample: SampleApp, path: string, ageMs = 10_000) => sample.answer({ method: 'GET', path }, ageMs, now);

test('says who it is and how it is', () => {
  expect(JSON.parse(get(app(), '/').body)).toEqual({ version: '1.2.0', pod: 'web-1' });
  expect(get(app(), '/api/health').status).toBe(200);
  expect(JSON.parse(get(app(), '/api/health?deep=1').body)).toEqual({
    status: 'healthy',
    version: '1.2.0',
    database: 'connected',
    timestamp: '2026-01-01T00:00:00Z',
  });
});

test.each<[Behaviour, Record<string, string>, number, number]>([
  [{ health: 500 }, {}, 10_000, 500],
  [{ database: 'down' }, {}, 10_000, 503],
  [{ database: 'down' }, { DATABASE: 'connected' }, 10_000, 200],
  [{}, { DATABASE: 'down' }, 10_000, 503],
  [{ readyAfterMs: 5_000 }, {}, 4_999, 503],
  [{ readyAfterMs: 5_000 }, {}, 5_000, 200],
  [{}, { SICK_AFTER_MS: '100' }, 99, 200],
  [{}, { SICK_AFTER_MS: '100' }, 100, 503],
])('health of %o with %o after %i ms is %i', (behaviour, env, ageMs, status) => {
  expect(get(app(behaviour, env), '/api/health', ageMs).status).toBe(status);
});

test('the share of errors is the one asked for, and the metrics count what was served', () => {
  const sample = app({ errorRate: 0.2, latencyMs: 30 });
  const answers = Array.from({ length: 1_000 }, () => get(sample, '/'));
  const failed = answers.filter(({ status }) => status === 500).length;
  expect(failed).toBeGreaterThan(150);
  expect(failed).toBeLessThan(250);
  expect(answers[0]?.delayMs).toBe(30);
  get(sample, '/api/health');
  const metrics = get(sample, '/metrics').body.split('\n');
  expect(metrics).toContain(`http_requests_total{method="GET",code="500",status="500"} ${failed}`);
  expect(metrics).toContain(`http_requests_total{method="GET",code="200",status="200"} ${1_000 - failed}`);
  expect(metrics).toContain('http_request_duration_seconds_bucket{le="0.025"} 0');
  expect(metrics).toContain('http_request_duration_seconds_bucket{le="0.05"} 1000');
  expect(metrics).toContain('http_request_duration_seconds_count 1000');
});

test('a function of one’s own answers first and may pass', () => {
  const sample = app({ handle: ({ path }) => (path === '/order' ? { status: 201, body: 'made' } : undefined) });
  expect(get(sample, '/order')).toMatchObject({ status: 201, body: 'made' });
  expect(get(sample, '/api/health').status).toBe(200);
});

test('the port: what it is told, else what it declares, else 5000', () => {
  const port = (behaviour: Behaviour, env: Record<string, string>, declared: number | undefined) =>
    settle(behaviour, env, { image: 'web:1', port: declared, pod: 'web-1' }).port;
  expect([port({}, {}, undefined), port({}, {}, 8080), port({ port: 7000 }, {}, 8080), port({}, { PORT: '9000' }, 8080)]).toEqual([5000, 8080, 7000, 9000]);
});

test.each([
  ['registry:5000/team/web:1.2.0', '1.2.0'],
  ['registry:5000/team/web', 'latest'],
  ['web@sha256:0123456789abcdef', '0123456789ab'],
  ['web:1@sha256:0123456789abcdef', '1'],
])('the version of %s is %s', (image, version) => expect(tagOf(image)).toBe(version));
