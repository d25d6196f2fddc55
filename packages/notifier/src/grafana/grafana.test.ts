import { Canary, type Notifier, Shepherd } from '@shepherd/core';
import { createMemoryPlatform, VirtualClock } from '@shepherd/core/testing';
import { afterEach, expect, test } from 'vitest';
import { context, notice } from '../__fixtures__/notice.js';
import { type GrafanaAnnotation, type Service, startGrafana, type Trouble } from '../testing/index.js';
import { grafana } from './index.js';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

async function world(options: Partial<Parameters<typeof grafana>[0]> = {}): Promise<{ service: Service<GrafanaAnnotation>; channel: Notifier }> {
  const service = await startGrafana();
  open.push(service);
  return { service, channel: grafana({ url: service.url, token: () => 'glsa_test', allowPrivate: true, ...options }) };
}

async function release(clock: VirtualClock, channel: Notifier, versions = {}) {
  const shepherd = new Shepherd({ platform: createMemoryPlatform({ clock, versions }), notifiers: [channel], actor: { name: 'ada', kind: 'human' } });
  const strategy = new Canary({ stages: [50, 100], interval: '1m', analysis: false });
  const request = {
    app: 'web',
    release: { version: '1.1.0' },
    strategy,
    reason: '<b>fix</b>',
    metadata: { environment: 'production' },
    timeout: '10m',
  } as const;
  const outcome = await shepherd.deploy(request).outcome;
  const { undelivered } = await shepherd.close({ timeout: '10m' });
  return { outcome, undelivered };
}

test('a rollout is one annotation: made at its begin, a region with its outcome at its end', async () => {
  using clock = new VirtualClock({ auto: true });
  const { service, channel } = await world({ dashboardUid: 'abc', panelId: 3 });
  const { outcome, undelivered } = await release(clock, channel);
  expect([outcome.kind, undelivered]).toEqual(['succeeded', []]);
  expect(service.messages).toHaveLength(1);
  const [annotation] = service.messages as readonly [GrafanaAnnotation];
  expect(annotation).toMatchObject({
    dashboardUID: 'abc',
    panelId: 3,
    edits: 1,
    tags: ['app:web', 'env:production', expect.stringMatching(/^version:/), 'strategy:canary', 'outcome:succeeded'],
  });
  expect(annotation.timeEnd - annotation.time).toBe(outcome.ms);
  expect(service.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /api/annotations', 'PATCH /api/annotations/1']);
  expect(service.asked[0]?.body).toContain('&lt;b&gt;fix');
});

test('one that turns back says so', async () => {
  using clock = new VirtualClock({ auto: true });
  const { service, channel } = await world();
  const { outcome } = await release(clock, channel, { '1.1.0': { doomed: 'CrashLoopBackOff' } });
  expect(outcome.kind).toBe('rolled-back');
  expect(service.messages).toMatchObject([{ tags: expect.arrayContaining(['outcome:rolled-back']), dashboardUID: null, edits: 1 }]);
});

test('one that somebody deleted meanwhile is made anew', async () => {
  const { service, channel } = await world();
  expect(await channel.send(notice({ type: 'deploy.succeeded' }), context({ ref: '77' }))).toEqual({ kind: 'sent', ref: '1' });
  expect(service.asked.map(({ method }) => method)).toEqual(['PATCH', 'POST']);
});

const troubles: readonly Trouble[] = ['rate-limited', 'down', 'refuses', 'hangs', 'resets', 'redirects', 'endless'];
test.each(troubles)('a Grafana that is %s changes nothing about a release but a warning', async (trouble) => {
  using clock = new VirtualClock({ auto: true });
  using other = new VirtualClock({ auto: true });
  const { service, channel } = await world();
  const well = await release(other, channel);
  service.trouble = trouble;
  const { outcome, undelivered } = await release(clock, channel);
  expect([outcome.kind, outcome.ms]).toEqual([well.outcome.kind, well.outcome.ms]);
  // An answer that does not end has said 200.
  if (trouble !== 'endless') expect(undelivered.map(({ type }) => type)).toEqual(['deploy.started', 'deploy.succeeded']);
  expect(JSON.stringify(undelivered)).not.toContain('glsa_');
});

test('a literal token and an address that is none are refused', () => {
  expect(() => grafana({ url: 'grafana', token: 'glsa_x' as never })).toThrow(/grafana\.token.*grafana\.url/s);
});
