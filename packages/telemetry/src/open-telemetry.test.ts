// Whole rollouts with the official SDK and its OTLP exporters, against a receiver on loopback.
import { BlueGreen, Canary, defineGate } from '@shepherd/core';
import { afterEach, describe, expect, test } from 'vitest';
import { byName, canary, open, parentEnv, parentId, rootOf, traceId, world } from './__fixtures__/world.js';

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const token = ['ghp', '_abcdefghijklmnopqrstuvwxyz0123456789'].join('');

describe('a release', () => {
  test('is one trace: a root of the run, a child a step, named and told apart as the conventions say', async () => {
    const { receiver, protobuf, sdk, shepherd } = await world({
      env: { ...parentEnv, GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'acme/shop' },
    });
    const metadata = { environment: 'production', commit: 'c0ffee', branch: 'main' };
    const outcome = await shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: canary(), metadata }).outcome;
    await sdk.flush();
    const root = rootOf(receiver.spans);
    expect(root).toMatchObject({ name: 'RUN shepherd.canary', traceId, parentSpanId: parentId, status: 0, endMs: root.startMs + outcome.ms });
    expect(root.attributes).toEqual({
      'cicd.pipeline.name': 'shepherd.canary',
      'cicd.pipeline.action.name': 'RUN',
      'cicd.pipeline.run.id': outcome.rolloutId,
      'cicd.pipeline.run.url.full': 'https://ci.example.com/7',
      'cicd.pipeline.result': 'success',
      'deployment.environment.name': 'production',
      'deployment.id': outcome.rolloutId,
      'deployment.name': 'default/web',
      'deployment.status': 'succeeded',
      'k8s.cluster.name': 'memory',
      'k8s.namespace.name': 'default',
      'k8s.deployment.name': 'web',
      'vcs.ref.head.revision': 'c0ffee',
      'vcs.ref.head.name': 'main',
      'vcs.repository.url.full': 'https://github.com/acme/shop',
      'shepherd.app': 'default/web',
      'shepherd.strategy': 'canary',
      'shepherd.outcome': 'succeeded',
      'shepherd.exposure.max_percent': 100,
      'shepherd.exposure.seconds': expect.any(Number),
    });
    expect(protobuf.spans).toEqual(receiver.spans);
    expect(protobuf.points).toEqual(receiver.points);
    expect(protobuf.points.map(({ metric }) => metric)).toContain('cicd.pipeline.run.duration');
    const children = receiver.spans.filter((span) => span !== root);
    expect(children.every(({ kind, traceId: id, parentSpanId }) => kind === 1 && id === traceId && parentSpanId === root.spanId)).toBe(true);
    expect(new Set(children.map(({ name }) => name))).toEqual(new Set(['apply', 'wait_ready', 'smoke', 'traffic', 'analyze', 'promote', 'verify', 'cleanup']));
    for (const { name, attributes, startMs, endMs } of children) {
      expect(attributes).toMatchObject({
        'cicd.pipeline.task.name': name,
        'cicd.pipeline.task.type': 'deploy',
        'cicd.pipeline.task.run.result': 'success',
        'shepherd.step.index': expect.any(Number),
      });
      expect(startMs >= root.startMs && endMs <= root.endMs && endMs >= startMs).toBe(true);
    }
    expect(new Set(children.map(({ attributes }) => attributes['cicd.pipeline.task.run.id'])).size).toBe(children.length);
    expect(byName(children, 'traffic').map(({ attributes }) => attributes['shepherd.traffic.weight'])).toEqual([50, 100, 0]);
    expect(byName(children, 'analyze')[0]).toMatchObject({
      attributes: { 'shepherd.analysis.verdict': 'pass' },
      events: expect.arrayContaining([{ name: 'sample', attributes: expect.anything() }]),
    });
  });

  test('is measured, and no measurement is told apart by a rollout', async () => {
    const { receiver, sdk, shepherd } = await world();
    const ids: string[] = [];
    for (const version of ['2', '3']) ids.push((await shepherd.deploy({ app: 'web', release: { version }, strategy: canary() }).outcome).rolloutId);
    await sdk.flush();
    const labels = {
      'cicd.pipeline.name': 'shepherd.canary',
      'deployment.environment.name': 'default',
      'shepherd.app': 'default/web',
      'shepherd.strategy': 'canary',
    };
    const of = (metric: string) => receiver.points.filter((point) => point.metric === metric);
    expect(of('cicd.pipeline.run.duration')).toEqual([
      {
        metric: 'cicd.pipeline.run.duration',
        unit: 's',
        count: 2,
        value: expect.any(Number),
        attributes: { ...labels, 'cicd.pipeline.result': 'success', 'cicd.pipeline.run.state': 'executing' },
      },
    ]);
    expect(of('cicd.pipeline.run.active')).toMatchObject([{ value: 0 }]);
    expect(of('cicd.pipeline.run.errors')).toEqual([]);
    expect(of('shepherd.lock.wait.duration')).toMatchObject([{ count: 2, value: 0 }]);
    expect(of('shepherd.traffic.weight')).toMatchObject([{ unit: '%', value: 0 }]);
    expect(of('shepherd.step.duration').map(({ attributes }) => attributes['cicd.pipeline.task.name'])).toContain('promote');
    const said = JSON.stringify(receiver.points);
    for (const id of ids) expect(said).not.toContain(id);
  });
});

test('one that turns back: a failure with its reason, the steps of the way back, and what was measured of it', async () => {
  const { receiver, sdk, shepherd } = await world({
    versions: { '2': { reply: (path: string) => (path === '/api/health' ? { status: 503, text: token } : {}) } },
  });
  const outcome = await shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: new BlueGreen({ soak: '2m' }) }).outcome;
  expect(outcome.kind).toBe('rolled-back');
  await sdk.flush();
  const root = rootOf(receiver.spans);
  expect(root.status).toBe(2);
  expect(root.attributes).toMatchObject({
    'cicd.pipeline.result': 'failure',
    'deployment.status': 'failed',
    'error.type': 'verdict.fail',
    'shepherd.outcome': 'rolled-back',
    'shepherd.rollback.to_revision': outcome.from?.hash,
    'shepherd.exposure.max_percent': 0,
  });
  expect(root.attributes['shepherd.rollback.reason']).toMatch(/503/);
  expect(byName(receiver.spans, 'smoke')).toMatchObject([
    { status: 2, attributes: { 'cicd.pipeline.task.run.result': 'failure', 'error.type': 'verdict.fail' } },
  ]);
  expect(byName(receiver.spans, 'cleanup').length).toBeGreaterThan(0);
  const points = receiver.points.filter(({ metric }) => metric === 'cicd.pipeline.run.errors' || metric === 'shepherd.rollback.duration');
  expect(points.map(({ metric, attributes }) => [metric, attributes['error.type'] ?? attributes['shepherd.outcome']]).toSorted()).toEqual([
    ['cicd.pipeline.run.errors', 'verdict.fail'],
    ['shepherd.rollback.duration', 'rolled-back'],
  ]);
});

test('one that a person takes back is a cancellation, one out of time a timeout, one that a gate keeps out a skip', async () => {
  const closed = defineGate<null>({
    use: 'acme/closed',
    at: ['start'],
    every: '1s',
    timeout: '1m',
    onTimeout: 'veto',
    run: async () => ({ kind: 'veto', reason: 'not now' }),
  });
  const aborted = await world();
  const rollout = aborted.shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: canary() });
  for await (const event of rollout) if (event.type === 'weight-change') break;
  await rollout.abort({ reason: 'no' });
  await rollout.outcome;
  const late = await world();
  await late.shepherd.deploy({
    app: 'web',
    release: { version: '2' },
    strategy: new Canary({ stages: [50, 100], interval: '10m', analysis: false }),
    timeout: '5m',
  }).outcome;
  const kept = await world({ more: { extensions: [closed] } });
  await kept.shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: canary(), gates: [closed(null)] }).outcome;
  const results = [];
  for (const { sdk, receiver } of [aborted, late, kept]) {
    await sdk.flush();
    const { attributes, status } = rootOf(receiver.spans);
    results.push([attributes['cicd.pipeline.result'], attributes['deployment.status'], attributes['error.type'], status]);
  }
  expect(results).toEqual([
    ['cancellation', 'failed', undefined, 0],
    ['timeout', 'failed', undefined, 2],
    ['skip', undefined, undefined, 0],
  ]);
});

test('what people waited for is apart from what was worked', async () => {
  const { receiver, sdk, shepherd, clock } = await world();
  const rollout = shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: canary() });
  for await (const event of rollout) {
    if (event.type === 'weight-change' && event.to === 50) await rollout.pause({ timeout: '30m', onTimeout: 'rollback' });
    if (event.type === 'pause-start') {
      await clock.sleep(10 * 60_000);
      await rollout.resume();
    }
  }
  await sdk.flush();
  const [pause] = byName(receiver.spans, 'pause');
  expect(pause?.attributes).toMatchObject({ 'shepherd.pause.on': 'person', 'cicd.pipeline.task.name': 'pause' });
  const [point] = receiver.points.filter(({ metric }) => metric === 'shepherd.pause.duration');
  expect(point?.value).toBeGreaterThanOrEqual(600);
  const steps = receiver.points.filter(({ metric }) => metric === 'shepherd.step.duration');
  expect(Math.max(...steps.map(({ value }) => value))).toBeLessThan(600);
});

test('no credential of a text or an address gets into a span', async () => {
  const { receiver, sdk, shepherd } = await world({
    env: { GITHUB_SERVER_URL: 'https://user:hunter2@github.com', GITHUB_REPOSITORY: 'acme/shop' },
    more: { actor: { name: 'ada', kind: 'ci', url: 'https://user:hunter2@ci.example.com/7' } },
  });
  // What a journal may keep, and nothing outside may have.
  const secret = `whsec_${'A'.repeat(24)}`;
  const metadata = { environment: `production ${secret}`, branch: '\u001b[31mmain\u001b[0m', commit: `token=${'0a'.repeat(20)}` };
  const outcome = await shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: canary(), metadata }).outcome;
  expect(outcome.kind).toBe('succeeded');
  await sdk.flush();
  const said = JSON.stringify([receiver.spans, receiver.points]);
  expect(said).not.toMatch(/hunter2|whsec_|0a0a0a|\\u001b/);
  expect(rootOf(receiver.spans).attributes).toMatchObject({
    'cicd.pipeline.run.url.full': 'https://ci.example.com/7',
    'vcs.repository.url.full': 'https://github.com/acme/shop',
    'vcs.ref.head.name': 'main',
    'deployment.environment.name': 'production ***',
  });
});
