import { type EvaluationContext, InMemoryProvider, OpenFeature } from '@openfeature/server-sdk';
import { afterEach, expect, test } from 'vitest';
import { BlueGreen, formatOutcome, Shepherd } from '../index.js';
import { createMemoryPlatform, VirtualClock } from '../testing/index.js';
import { type FlagInput, flagGate } from './index.js';

// The SDK itself with its provider in memory; one domain, so that no test of another file sees it.
const domain = 'shepherd-flag-test';
afterEach(() => OpenFeature.clearProviders());

const flag = (
  variants: Readonly<Record<string, boolean | string | number>>,
  defaultVariant: string,
  contextEvaluator?: (context: EvaluationContext) => string,
) => ({
  variants,
  defaultVariant,
  disabled: false,
  ...(contextEvaluator === undefined ? {} : { contextEvaluator }),
});
const onOff = { on: true, off: false };

async function deployWith(provider: InMemoryProvider | undefined, input: FlagInput, during: (clock: VirtualClock) => Promise<void> = async () => undefined) {
  if (provider !== undefined) await OpenFeature.setProviderAndWait(domain, provider);
  const clock = new VirtualClock({ auto: true });
  const platform = createMemoryPlatform({ replicas: 3, clock });
  const gate = flagGate(OpenFeature.getClient(domain));
  await using shepherd = new Shepherd({ platform, extensions: [gate] });
  const from = clock.now().getTime();
  const rollout = shepherd.deploy({
    app: 'web',
    release: { version: '1.1.0' },
    strategy: new BlueGreen(),
    gates: [gate(input as FlagInput & { equals: boolean })],
    metadata: { environment: 'production' },
  });
  const after = during(clock);
  const outcome = await rollout.outcome;
  await after;
  return { outcome, tookMs: clock.now().getTime() - from };
}

test.each([
  ['boolean', flag(onOff, 'on'), true],
  ['text', flag({ a: 'open' }, 'a'), 'open'],
  ['number', flag({ a: 3 }, 'a'), 3],
])('a %s that has the wanted value lets it go on', async (_, variant, equals) => {
  const { outcome } = await deployWith(new InMemoryProvider({ releases: variant }), { key: 'releases', equals });
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
});

test('another value holds it, until the flag is switched', async () => {
  const provider = new InMemoryProvider({ releases: flag(onOff, 'off') });
  const { outcome, tookMs } = await deployWith(provider, { key: 'releases', equals: true }, async (clock) => {
    await clock.sleep(20 * 60_000);
    await provider.putConfiguration({ releases: flag(onOff, 'on') });
  });
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  expect(tookMs).toBeGreaterThanOrEqual(20 * 60_000);
});

test('a flag that is switched off before the traffic has it taken back', async () => {
  const evaluate = ({ moment }: EvaluationContext): string => (moment === 'start' ? 'on' : 'off');
  const { outcome } = await deployWith(new InMemoryProvider({ releases: flag(onOff, 'off', evaluate) }), { key: 'releases', equals: true, otherwise: 'fail' });
  expect(outcome, formatOutcome(outcome)).toMatchObject({
    kind: 'rolled-back',
    cause: { kind: 'gate', gate: 'shepherd/flag', reason: 'flag releases is false, expected true' },
  });
});

test('a provider may target by app, environment and cluster', async () => {
  const evaluate = ({ targetingKey, environment, namespace }: EvaluationContext): string =>
    targetingKey === 'web' && environment === 'production' && typeof namespace === 'string' ? 'on' : 'off';
  const { outcome } = await deployWith(new InMemoryProvider({ releases: flag(onOff, 'off', evaluate) }), { key: 'releases', equals: true, otherwise: 'fail' });
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
});

test.each([
  ['fail', 'failed-untouched', 0],
  ['pass', 'succeeded', 0],
  ['hold', 'failed-untouched', 3_600_000],
  [undefined, 'failed-untouched', 3_600_000],
] as const)('a flag that the provider does not know, onError %s: %s', async (onError, kind, leastMs) => {
  const { outcome, tookMs } = await deployWith(new InMemoryProvider({}), { key: 'releases', equals: true, onError });
  expect(outcome.kind, formatOutcome(outcome)).toBe(kind);
  expect(tookMs).toBeGreaterThanOrEqual(leastMs);
  if (kind === 'failed-untouched') expect(JSON.stringify(outcome)).toContain('flag releases has no answer: FLAG_NOT_FOUND');
});

test('a flag of another type has no answer', async () => {
  const { outcome } = await deployWith(new InMemoryProvider({ releases: flag({ a: 'yes' }, 'a') }), { key: 'releases', equals: true, onError: 'fail' });
  expect(JSON.stringify(outcome)).toContain('TYPE_MISMATCH');
});

test('without a provider the SDK answers by default, which is never the wanted value', async () => {
  const { outcome } = await deployWith(undefined, { key: 'releases', equals: true, otherwise: 'fail', onError: 'fail' });
  expect(outcome.kind).toBe('failed-untouched');
});

test.each([
  [{ key: '', equals: true }, 'the key of a flag'],
  [{ key: 'a', equals: null }, 'a boolean, text or a number'],
  [{ key: 'a', equals: true, onError: 'ignore' }, 'one of hold, fail, pass'],
])('%j is refused', async (input, said) => {
  const { outcome } = await deployWith(new InMemoryProvider({}), input as FlagInput);
  expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_INVALID_OPTIONS', message: expect.stringContaining(said) } });
});
