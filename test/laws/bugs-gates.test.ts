import { BlueGreen, defineGate, defineStep, formatOutcome, pass, Shepherd } from '@shepherd/core';
import { createMemoryPlatform } from '@shepherd/core/testing';
import { kubernetes } from '@shepherd/kube';
import { describe, expect, test } from 'vitest';
import { type StrategyPlan, World } from './lab/world.js';

// RR 13: bugs of other tools. Each test shows that the bad effect does not occur here.

const slowAnswers = { latencyMs: 2_000, drainMs: 1_000 };

describe.each<StrategyPlan>([{ kind: 'blue-green' }, { kind: 'canary', stages: [50, 100] }])('$kind', (strategy) => {
  test('BUG-14: going back cuts no request that is under way', async () => {
    await using world = await World.open({ replicas: 4 });
    world.sandbox.image('registry/web:long', slowAnswers);
    await using shepherd = world.shepherd();
    const rollout = shepherd.deploy(world.request({ image: 'registry/web:long' }, strategy));
    rollout.on('weight-change', async ({ to }) => {
      if (to === 0) return;
      await world.sleep(3_000);
      await rollout.abort();
    });
    const outcome = await world.within(10, rollout.outcome);
    expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
    await world.sleep(10_000);
    const { failed, byImage } = await world.load.stop();
    expect(byImage['registry/web:long']).toBeGreaterThan(20);
    expect(failed).toBe(0);
  });
});

test.each(['reject', 'silence'] as const)('BUG-15: steps before a refused approval run once, however long it waits (%s)', async (answer) => {
  const log: string[] = [];
  const migrate = defineStep<Record<string, never>>({
    use: 'law/migrate',
    timeout: '1m',
    run: async () => {
      log.push('do');
      return pass();
    },
    undo: async () => void log.push('undo'),
  });
  const platform = createMemoryPlatform({ replicas: 3 });
  await using shepherd = new Shepherd({ platform, extensions: [migrate] });
  const rollout = shepherd.deploy({
    app: 'web',
    release: { version: '1.1.0' },
    strategy: new BlueGreen({ soak: '1m', approval: { timeout: '6h', onTimeout: 'reject' } }),
    hooks: { beforeApply: [migrate({})], beforeTraffic: [migrate({})] },
    timeout: '12h',
  });
  if (answer === 'reject') {
    rollout.on('approval-request', async () => {
      await platform.clock.sleep(3 * 3_600_000);
      await rollout.reject();
    });
  }
  const outcome = await rollout.outcome;
  expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
  expect([1, 2]).toContain(log.filter((each) => each === 'do').length);
  expect(log.filter((each) => each === 'undo').length).toBe(log.filter((each) => each === 'do').length);
});

test('BUG-16: a gate that opens after hours sends no traffic to a side that lost its pods meanwhile', async () => {
  await using world = await World.open({ replicas: 3 });
  const openAt = world.sandbox.connection.clock.monotonicMs() + 20 * 60_000;
  const hours = defineGate<Record<string, never>>({
    use: 'law/hours',
    at: ['weight-increase'],
    every: '1m',
    timeout: '2h',
    onTimeout: 'veto',
    run: async (_, { clock }) => (clock.monotonicMs() < openAt ? { kind: 'hold', reason: 'closed' } : { kind: 'proceed' }),
  });
  await using shepherd = new Shepherd({ platform: kubernetes(world.sandbox.connection), extensions: [hours] });
  const rollout = shepherd.deploy({ ...world.request({ image: 'registry/web:good' }, { kind: 'blue-green' }), gates: [hours({})], timeout: '10m' });
  rollout.on('gate-hold', async () => {
    await world.sleep(10 * 60_000);
    await world.person.patchDeployment({ spec: { replicas: 0 } }, 'web-candidate');
  });
  // It says who took the pods and waits for a word; told to go on, it has them again before any traffic moves.
  rollout.on('pause-start', () => rollout.resume());
  const outcome = await world.within(60, rollout.outcome);
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  expect(world.witness).toMatchObject({ breaches: [], least: 3 });
  expect(world.load.soFar().failed).toBe(0);
});
