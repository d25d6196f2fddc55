import { formatOutcome } from '@shepherd/core';
import { describe, expect, test } from 'vitest';
import type { Burst } from './lab/faulty.js';
import { releaseOf } from './lab/releases.js';
import { type StrategyPlan, World } from './lab/world.js';

// RR 13: bugs of other tools. Each test shows that the bad effect does not occur here.

const strategies: readonly StrategyPlan[] = [{ kind: 'rolling' }, { kind: 'blue-green' }, { kind: 'canary', stages: [50, 100] }];

describe.each(strategies)('$kind', (strategy) => {
  test('BUG-5: old answers of the API do not undo what is known: promote is obeyed and there is an end', async () => {
    await using world = await World.open({ replicas: 3 });
    const bursts: Burst[] = Array.from({ length: 40 }, (_, index) => ({ trouble: 'stale', atCall: 60 + index * 25, calls: 8 }));
    await using shepherd = world.shepherd({ bursts });
    const rollout = shepherd.deploy(world.request(releaseOf('good'), strategy));
    rollout.on('weight-change', () => rollout.promote());
    const outcome = await world.within(10, rollout.outcome);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(world.witness.breaches).toEqual([]);
    expect(world.load.soFar().failed).toBe(0);
    expect(await world.untidy('good', 3)).toEqual([]);
  });

  test('BUG-8: the old side is not scaled down before the new one is ready', async () => {
    await using world = await World.open({ replicas: 4 });
    await using shepherd = world.shepherd();
    const outcome = await world.within(30, shepherd.deploy({ ...world.request(releaseOf('slow'), strategy), timeout: '20m' }).outcome);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(world.witness).toMatchObject({ breaches: [], least: 4 });
    expect(world.load.soFar().failed).toBe(0);
  });
});

test('BUG-6: going back to a stable that shrank, it gets its pods back before the candidate goes', async () => {
  await using world = await World.open({ replicas: 8 });
  await using shepherd = world.shepherd();
  const rollout = shepherd.deploy(world.request(releaseOf('good'), { kind: 'canary', stages: [88, 100] }));
  rollout.on('weight-change', async ({ to }) => {
    if (to === 0) return;
    expect(world.get('deployments.apps', 'web')?.spec.replicas).toBeLessThan(3);
    world.sandbox.image('registry/web:old', { readyAfterMs: 20_000 });
    await rollout.abort();
  });
  const outcome = await world.within(10, rollout.outcome);
  expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
  expect(world.witness).toMatchObject({ breaches: [], least: 8 });
  expect(world.load.soFar().failed).toBe(0);
});

test('BUG-7: traffic does not go back at once to a stable that lost most of its pods', async () => {
  await using world = await World.open({ replicas: 4 });
  await using shepherd = world.shepherd();
  const rollout = shepherd.deploy(world.request(releaseOf('good'), { kind: 'blue-green' }));
  let readyAtSwitch: number | undefined;
  rollout.on('weight-change', async ({ to }) => {
    if (to !== 100) return;
    world.sandbox.image('registry/web:old', { readyAfterMs: 20_000 });
    const own = world.pods().filter(({ spec }) => spec.containers[0].image === 'registry/web:old');
    for (const { metadata } of own.slice(1)) world.witness.excuse(metadata.name);
    for (const { metadata } of own.slice(1)) await world.person.deletePod(metadata.name);
    await rollout.abort();
    const stop = world.sandbox.objects.watch('services', ({ type, object }) => {
      if (type !== 'modified' || object.metadata.name !== 'web' || object.spec.selector.app !== 'web') return;
      readyAtSwitch ??= world.ready('old');
      stop();
    });
  });
  const outcome = await world.within(10, rollout.outcome);
  expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
  expect(readyAtSwitch).toBe(4);
  expect(world.witness).toMatchObject({ breaches: [], least: 4 });
  expect(world.load.soFar().failed).toBe(0);
});

test('BUG-9: traffic does not go to a side of which somebody took all pods right before', async () => {
  await using world = await World.open({ replicas: 3 });
  await using shepherd = world.shepherd();
  const rollout = shepherd.deploy(world.request(releaseOf('good'), { kind: 'blue-green' }));
  rollout.on('step-start', ({ step }) =>
    step.kind === 'shift' && step.weight === 100 ? world.person.patchDeployment({ spec: { replicas: 0 } }, 'web-candidate') : undefined,
  );
  const outcome = await world.within(10, rollout.outcome);
  expect(['succeeded', 'rolled-back'], formatOutcome(outcome)).toContain(outcome.kind);
  expect(world.witness).toMatchObject({ breaches: [], least: 3 });
  expect(world.load.soFar().failed).toBe(0);
});
