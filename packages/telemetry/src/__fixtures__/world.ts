import * as api from '@opentelemetry/api';
import { Canary, Shepherd, type ShepherdOptions } from '@shepherd/core';
import { createMemoryPlatform, type MemoryPlatformOptions, VirtualClock } from '@shepherd/core/testing';
import { openTelemetry } from '../index.js';
import { type ReceivedSpan, startReceiver } from './otlp-receiver.js';
import { startSdk } from './sdk.js';

/** What the test must close. */
export const open: (() => Promise<void>)[] = [];

export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
export const parentId = '00f067aa0ba902b7';
export const parentEnv = { TRACEPARENT: `00-${traceId}-${parentId}-01`, TRACESTATE: 'vendor=1', BAGGAGE: 'team=shop' };

interface WorldOptions extends MemoryPlatformOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly more?: Partial<ShepherdOptions<never>>;
}

/** A rollout by memory and by virtual time, told to the official SDK, which sends to a receiver on loopback. */
export async function world({ env = {}, more = {}, ...options }: WorldOptions = {}) {
  const clock = new VirtualClock({ auto: true });
  const receiver = await startReceiver();
  const protobuf = await startReceiver();
  const sdk = startSdk(receiver.url, undefined, protobuf.url);
  const telemetry = openTelemetry({ api, tracerProvider: sdk.tracerProvider, meterProvider: sdk.meterProvider, env });
  const platform = createMemoryPlatform({ clock, replicas: 4, ...options });
  const shepherd = new Shepherd({ actor: { name: 'ada', kind: 'ci', url: 'https://ci.example.com/7' }, ...more, platform, observers: [telemetry] });
  open.push(async () => {
    await shepherd.close();
    await sdk.stop();
    await receiver[Symbol.asyncDispose]();
    await protobuf[Symbol.asyncDispose]();
    clock[Symbol.dispose]();
  });
  return { clock, receiver, protobuf, sdk, telemetry, platform, shepherd };
}

export const canary = () => new Canary({ stages: [50, 100], interval: '1m', analysis: false });
export const byName = (spans: readonly ReceivedSpan[], name: string): readonly ReceivedSpan[] => spans.filter((span) => span.name === name);
export const rootOf = (spans: readonly ReceivedSpan[]): ReceivedSpan => {
  const [root, ...more] = spans.filter(({ kind }) => kind === 2);
  if (root === undefined || more.length > 0) throw new Error(`${more.length + (root === undefined ? 0 : 1)} roots`);
  return root;
};

