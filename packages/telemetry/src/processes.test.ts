// What else happens to a process and to its receiver.
import * as api from '@opentelemetry/api';
import { type Notifier, Shepherd } from '@shepherd/core';
import { createMemoryPlatform, VirtualClock } from '@shepherd/core/testing';
import { afterEach, expect, test } from 'vitest';
import { startReceiver } from './__fixtures__/otlp-receiver.js';
import { startSdk } from './__fixtures__/sdk.js';
import { byName, canary, open, parentEnv, rootOf, traceId, world } from './__fixtures__/world.js';
import { openTelemetry } from './index.js';

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

test('a process that leaves ends its part; whoever takes over has a trace of the rest, and the run is counted once', async () => {
  const first = await world();
  const rollout = first.shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: canary() });
  for await (const event of rollout) if (event.type === 'weight-change') break;
  await first.shepherd.close();
  await first.sdk.flush();
  expect(rootOf(first.receiver.spans).attributes).toMatchObject({ 'shepherd.outcome': 'detached' });
  expect(rootOf(first.receiver.spans).attributes).not.toHaveProperty('cicd.pipeline.result');
  const telemetry = openTelemetry({ api, tracerProvider: first.sdk.tracerProvider, meterProvider: first.sdk.meterProvider, env: {} });
  const second = new Shepherd({ platform: first.platform, observers: [telemetry], actor: { name: 'bo', kind: 'human' } });
  const handle = await second.get(rollout.id);
  await handle.resume();
  expect((await handle.outcome).kind).toBe('succeeded');
  await second.close();
  await first.sdk.flush();
  const roots = first.receiver.spans.filter(({ kind }) => kind === 2);
  expect(roots.map(({ attributes }) => [attributes['cicd.pipeline.run.id'], attributes['shepherd.outcome']])).toEqual([
    [rollout.id, 'detached'],
    [rollout.id, 'succeeded'],
  ]);
  expect(first.receiver.points.filter(({ metric }) => metric === 'cicd.pipeline.run.duration')).toMatchObject([{ count: 1 }]);
});

test('a child process of a step gets the context of that step, and what else its parent was given', async () => {
  const { shepherd, telemetry, sdk, receiver } = await world({ env: parentEnv });
  const seen: (Readonly<Record<string, string>> | undefined)[] = [];
  const rollout = shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: canary() });
  for await (const event of rollout) if (event.type === 'weight-change') seen.push(telemetry.childEnv?.(rollout.id));
  await sdk.flush();
  const [first] = byName(receiver.spans, 'traffic');
  expect(seen[0]).toEqual({ TRACEPARENT: `00-${traceId}-${first?.spanId}-01`, TRACESTATE: 'vendor=1', BAGGAGE: 'team=shop' });
  expect(telemetry.childEnv?.(rollout.id)).toBeUndefined();
});

test('attempts of channels are counted, and spans of their rollout', async () => {
  const { receiver, sdk, telemetry, platform } = await world();
  let asked = 0;
  const channel: Notifier = {
    specificationVersion: 'v1',
    name: 'chat',
    send: async () => ((asked += 1) === 1 ? { kind: 'retry', why: 'busy' } : { kind: 'sent' }),
  };
  const shepherd = new Shepherd({ platform, observers: [telemetry], notifiers: telemetry.notifiers([channel]) });
  await shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: canary() }).outcome;
  const { undelivered } = await shepherd.close();
  expect(undelivered).toEqual([]);
  await sdk.flush();
  const counted = receiver.points.filter(({ metric }) => metric === 'shepherd.notice.deliveries');
  expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(asked);
  expect(counted.filter(({ attributes }) => attributes['shepherd.delivery'] === 'retry')).toMatchObject([{ value: 1 }]);
  const root = rootOf(receiver.spans);
  expect(byName(receiver.spans, 'notify').length).toBeGreaterThan(0);
  expect(byName(receiver.spans, 'notify').every(({ parentSpanId }) => parentSpanId === root.spanId)).toBe(true);
});

test('with the API and no SDK, and without the API, a rollout is as it is', async () => {
  for (const options of [{ api }, { api: async () => undefined }]) {
    using clock = new VirtualClock({ auto: true });
    const telemetry = openTelemetry({ ...options, env: {} });
    const shepherd = new Shepherd({ platform: createMemoryPlatform({ clock }), observers: [telemetry] });
    const troubles: string[] = [];
    shepherd.on('listener-error', ({ message }) => void troubles.push(message));
    expect((await shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: canary() }).outcome).kind).toBe('succeeded');
    await shepherd.close();
    expect(troubles).toEqual([]);
  }
});

test.each(['hangs', 'refuses', 'resets'] as const)('a receiver that %s changes nothing about a rollout, nor how long it takes', async (way) => {
  const run = async (observed: boolean) => {
    const clock = new VirtualClock({ auto: true });
    const receiver = await startReceiver(way);
    const sdk = startSdk(receiver.url, 200);
    const observers = observed ? [openTelemetry({ api, tracerProvider: sdk.tracerProvider, meterProvider: sdk.meterProvider, env: {} })] : [];
    const shepherd = new Shepherd({ platform: createMemoryPlatform({ clock }), observers });
    const outcome = await shepherd.deploy({ app: 'web', release: { version: '2' }, strategy: canary() }).outcome;
    const before = clock.monotonicMs();
    await shepherd.close();
    const closedMs = clock.monotonicMs() - before;
    await sdk.flush().catch(() => undefined);
    await sdk.stop();
    const { asked } = receiver;
    await receiver[Symbol.asyncDispose]();
    clock[Symbol.dispose]();
    return { kind: outcome.kind, ms: outcome.ms, closedMs, asked };
  };
  const [without, with_] = [await run(false), await run(true)];
  expect(with_).toMatchObject({ kind: without.kind, ms: without.ms, closedMs: without.closedMs });
  expect(with_.asked).toBeGreaterThan(0);
});
