import { BlueGreen, Canary, defineCheck, formatOutcome, inconclusive, pass, Shepherd } from '@shepherd/core';
import { createMemoryPlatform } from '@shepherd/core/testing';
import { describe, expect, test } from 'vitest';
import { releaseOf } from './lab/releases.js';
import { type StrategyPlan, World } from './lab/world.js';

// RR 13: bugs of other tools. Each test shows that the bad effect does not occur here.

const strategies: readonly StrategyPlan[] = [{ kind: 'rolling' }, { kind: 'blue-green' }, { kind: 'canary', stages: [50, 100] }];

test('BUG-1: after an abort the weight comes back to 0 where stable shrank and each side keeps a pod', async () => {
  await using world = await World.open({ replicas: 2 });
  await using shepherd = world.shepherd();
  const rollout = shepherd.deploy(world.request(releaseOf('good'), { kind: 'canary', stages: [99, 100] }));
  rollout.on('weight-change', ({ to }) => (to > 0 ? rollout.abort() : undefined));
  const outcome = await world.within(10, rollout.outcome);
  expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
  expect((await shepherd.status('shop/web')).target.weight).toBe(0);
  expect(world.witness.serving).toEqual(new Map([['registry/web:old', 2]]));
  expect(world.witness.breaches).toEqual([]);
});

test('BUG-2: an aborted rollout does not start again by itself, also where somebody recovers what is left', async () => {
  await using world = await World.open({ replicas: 3 });
  await using shepherd = world.shepherd();
  const rollout = shepherd.deploy(world.request(releaseOf('good'), { kind: 'blue-green' }));
  rollout.on('weight-change', () => rollout.abort());
  expect((await world.within(10, rollout.outcome)).kind).toBe('rolled-back');
  const { writes } = world.sandbox;
  const stop = new AbortController();
  await using other = world.shepherd();
  const found: string[] = [];
  const recovering = (async () => {
    for await (const { id } of other.recover({ follow: true, signal: stop.signal })) found.push(id);
  })();
  await world.sleep(15 * 60_000);
  stop.abort();
  await recovering;
  expect({ found, writes: world.sandbox.writes }).toEqual({ found: [], writes });
  expect(await world.untidy('old', 3)).toEqual([]);
});

describe.each(strategies)('$kind', (strategy) => {
  test('BUG-3: an abort in any step leaves no pod, no Service and no note', async () => {
    for (let step = 0; step < 14; step += 4) {
      await using world = await World.open({ replicas: 2 });
      await using shepherd = world.shepherd();
      const rollout = shepherd.deploy(world.request(releaseOf('good'), strategy));
      rollout.on('step-start', ({ index }) => (index === step ? rollout.abort() : undefined));
      const outcome = await world.within(10, rollout.outcome);
      expect(await world.untidy(outcome.kind === 'succeeded' ? 'good' : 'old', 2), `step ${step}`).toEqual([]);
      if (outcome.kind === 'succeeded') return;
    }
  });
});

test('BUG-3: nor does a candidate that a person deletes before it serves', async () => {
  await using world = await World.open({ replicas: 2 });
  await using shepherd = world.shepherd();
  const rollout = shepherd.deploy(world.request(releaseOf('hangs'), { kind: 'blue-green' }));
  rollout.on('step-start', async ({ step }) => {
    if (step.kind !== 'ready') return;
    await world.person.deleteDeployment('web-candidate');
    await rollout.abort();
  });
  const outcome = await world.within(10, rollout.outcome);
  expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
  expect(await world.untidy('old', 2)).toEqual([]);
});

test.each(['resume', 'promote'] as const)('BUG-4: after an inconclusive verdict %s goes on', async (command) => {
  let known = false;
  const judge = defineCheck<Record<string, never>>({
    use: 'law/judge',
    describe: () => 'knows later',
    run: async () => (known ? pass() : inconclusive('too few requests')),
  });
  for (const strategy of [new BlueGreen({ soak: '10m' }), new Canary({ stages: [50, 100], interval: '10m', analysis: false })]) {
    known = false;
    const platform = createMemoryPlatform({ replicas: 3 });
    await using shepherd = new Shepherd({ platform, extensions: [judge] });
    const rollout = shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy, checks: [judge({})], timeout: '4h' });
    rollout.on('pause-start', () => {
      known = true;
      return rollout[command]();
    });
    const outcome = await rollout.outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    // Promote skips the waiting that is left.
    if (command === 'promote') expect(platform.clock.monotonicMs()).toBeLessThan(5 * 60_000);
  }
});
