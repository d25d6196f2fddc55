import { formatOutcome } from '@shepherd/core';
import { describe, expect, test } from 'vitest';
import { releaseOf } from './lab/releases.js';
import { type StrategyPlan, World } from './lab/world.js';

// RR 13: bugs of other tools. Each test shows that the bad effect does not occur here.

const strategies: readonly StrategyPlan[] = [{ kind: 'rolling' }, { kind: 'blue-green' }, { kind: 'canary', stages: [50, 100] }];

/** The steps in which most hangs on the driver: the template is written; traffic just moved; stable has given its pods away. */
const delicate: Readonly<Record<StrategyPlan['kind'], readonly number[]>> = { rolling: [0], 'blue-green': [4], canary: [2, 5] };

describe.each(strategies)('$kind', (strategy) => {
  test('BUG-21: a driver that dies leaves no Deployment paused or with another strategy, at no moment', async () => {
    for (const dieAt of delicate[strategy.kind]) {
      await using world = await World.open({ replicas: 2 });
      const seen = new Set<string>();
      world.sandbox.objects.watch('deployments.apps', ({ object }) => seen.add(`${object.spec.paused ?? false} ${object.spec.strategy.type}`));
      const shepherd = world.shepherd();
      const rollout = shepherd.deploy(world.request(releaseOf('good'), strategy));
      rollout.on('step-start', ({ index }) => (index === dieAt ? void shepherd.close() : undefined));
      await world.within(10, rollout.outcome);
      await world.sleep(60_000);
      expect([...seen], `step ${dieAt}`).toEqual(['false RollingUpdate']);
      expect(world.witness.breaches, `step ${dieAt}`).toEqual([]);
      expect(world.load.soFar().failed, `step ${dieAt}`).toBe(0);
    }
  });

  test('BUG-22: whoever deletes the record of a rollout loses no request, also when the next release begins', async () => {
    for (const step of delicate[strategy.kind]) {
      await using world = await World.open({ replicas: 2 });
      await using shepherd = world.shepherd();
      const rollout = shepherd.deploy(world.request(releaseOf('good'), strategy));
      rollout.on('step-start', ({ index }) => (index === step ? world.person.forget() : undefined));
      await world.within(10, rollout.outcome);
      await world.sleep(60_000);
      expect(world.witness.breaches, `step ${step}`).toEqual([]);
      await using other = world.shepherd();
      const next = await world.within(10, other.deploy(world.request(releaseOf('newer'), strategy)).outcome);
      expect(next.kind, `step ${step}: ${formatOutcome(next)}`).toBe('succeeded');
      expect(world.witness.breaches, `step ${step}`).toEqual([]);
      expect(world.load.soFar().failed, `step ${step}`).toBe(0);
      expect(await world.untidy('newer', 2), `step ${step}`).toEqual([]);
    }
  });
});
