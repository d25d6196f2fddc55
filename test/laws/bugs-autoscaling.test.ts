import { formatOutcome } from '@shepherd/core';
import type { KubeRelease } from '@shepherd/kube';
import { describe, expect, test } from 'vitest';
import { releaseOf } from './lab/releases.js';
import { type StrategyPlan, World } from './lab/world.js';

// RR 13: bugs of other tools. Each test shows that the bad effect does not occur here.

const strategies: readonly StrategyPlan[] = [{ kind: 'rolling' }, { kind: 'blue-green' }, { kind: 'canary', stages: [50, 100] }];

/** As it stands in a repository, where nobody wrote down what an autoscaler made of it. */
const manifests: KubeRelease = {
  manifests: [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [
              {
                name: 'web',
                image: 'registry/web:good',
                ports: [{ name: 'http', containerPort: 5000 }],
                readinessProbe: { httpGet: { path: '/api/health', port: 5000 }, periodSeconds: 1 },
              },
            ],
          },
        },
      },
    },
  ],
};

describe.each(strategies)('$kind', (strategy) => {
  test('BUG-10: a release from manifests that say one replica keeps the pods that an autoscaler gave the app', async () => {
    await using world = await World.open({ replicas: 6 });
    await world.person.autoscale({ min: 1, max: 9 });
    await using shepherd = world.shepherd();
    const outcome = await world.within(20, shepherd.deploy(world.request(manifests, strategy)).outcome);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(world.witness).toMatchObject({ breaches: [], least: 6 });
    expect(world.load.soFar().failed).toBe(0);
    expect(await world.untidy('good', 6)).toEqual([]);
    expect(world.get('horizontalpodautoscalers.autoscaling', 'web')?.spec).toMatchObject({ minReplicas: 1, maxReplicas: 9 });
  });

  test('BUG-12, BUG-13: the pods of a rollout are no demand: R stays what the load of the app asks for', async () => {
    await using world = await World.open({ replicas: 4 });
    await world.person.patchContainer({ resources: { requests: { cpu: '100m' } } });
    // Past the minutes in which a pod's CPU may be that of its start.
    await world.sleep(6 * 60_000);
    world.sandbox.usage('shop/web', { cpu: '230m', of: 'app' });
    await world.person.autoscale({ min: 2, max: 20, cpuPercent: 50 });
    await world.sleep(2 * 60_000);
    const replicas = world.get('deployments.apps', 'web')?.spec.replicas ?? 0;
    expect(replicas).toBe(5);
    world.witness.replicas = replicas;
    const wanted = new Set<number>();
    world.sandbox.objects.watch('deployments.apps', ({ object }) => void wanted.add(object.spec.replicas));
    await using shepherd = world.shepherd();
    const outcome = await world.within(60, shepherd.deploy({ ...world.request(releaseOf('good'), strategy), timeout: '20m' }).outcome);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(Math.max(...wanted)).toBe(5);
    expect(world.witness.breaches).toEqual([]);
    expect(world.witness.most).toBeLessThanOrEqual(2 * replicas + 2);
    await world.sleep(10 * 60_000);
    expect(world.get('deployments.apps', 'web')?.spec.replicas).toBe(5);
  });

  test('BUG-11: GitOps that scales the original back again and again makes no second fleet that stays, and no endless fight', async () => {
    await using world = await World.open({ replicas: 4 });
    await using shepherd = world.shepherd();
    // Of the workloads alone: while the rollout holds and waits for a person, its lease is renewed all the time.
    const specs = new Set<string>();
    world.sandbox.objects.watch('deployments.apps', ({ object: { metadata } }) => void specs.add(`${metadata.name} ${metadata.uid} ${metadata.generation}`));
    const rollout = shepherd.deploy(world.request(releaseOf('good'), strategy));
    const state = { over: false };
    const gitOps = (async () => {
      while (!state.over) {
        if (world.get('deployments.apps', 'web')?.spec.replicas !== 4) await world.person.scale(4);
        await world.sleep(5_000);
      }
    })();
    const outcome = await world.within(120, rollout.outcome);
    state.over = true;
    await gitOps;
    expect(['succeeded', 'rolled-back'], formatOutcome(outcome)).toContain(outcome.kind);
    expect(world.witness.most).toBeLessThanOrEqual(9);
    expect(world.witness.breaches).toEqual([]);
    expect(world.load.soFar().failed).toBe(0);
    expect(specs.size).toBeLessThan(60);
    expect(await world.untidy(outcome.kind === 'succeeded' ? 'good' : 'old', 4)).toEqual([]);
  });
});
