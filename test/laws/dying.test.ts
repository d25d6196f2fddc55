import { formatOutcome } from '@shepherd/core';
import { expect, test } from 'vitest';
import { releaseOf } from './lab/releases.js';
import { type StrategyPlan, World } from './lab/world.js';

const strategies: readonly StrategyPlan[] = [{ kind: 'rolling' }, { kind: 'blue-green' }, { kind: 'canary', stages: [50, 100] }];

const lookMs = 100;
/** A Service obeys its endpoints 100 ms late, and a write takes a few more. */
const obeyedMs = 150;

/**
 * Counts the requests that were lost at moments when the Service had only good addresses: those must be none. What a pod that just died, or a node that is
 * dead and not yet given up, takes with it, nobody can save.
 */
class Losses {
  unexplained = 0;
  /** How long a part of the addresses was dead. */
  exposedMs = 0;
  #stopped = false;
  readonly #over: Promise<void>;

  constructor(world: World, isDead: (podName: string, node: string) => boolean) {
    let exposedUntilMs = 0;
    let failed = 0;
    const look = async (): Promise<void> => {
      while (!this.#stopped) {
        await world.sleep(lookMs);
        const nowMs = world.sandbox.elapsedMs;
        const slices = world.sandbox.objects.list('endpointslices.discovery.k8s.io', 'shop');
        const web = slices.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web');
        const ready = web.flatMap(({ endpoints }) => endpoints).filter(({ conditions }) => conditions.ready);
        const exposed = ready.length === 0 || ready.some(({ targetRef, nodeName }) => isDead(targetRef.name, nodeName));
        if (exposed) exposedUntilMs = nowMs + lookMs + obeyedMs;
        if (nowMs <= exposedUntilMs) this.exposedMs += lookMs;
        const lost = world.load.soFar().failed - failed;
        failed += lost;
        if (nowMs > exposedUntilMs) this.unexplained += lost;
      }
    };
    this.#over = look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#over;
  }
}

const images: Readonly<Record<string, string>> = { succeeded: 'good', 'rolled-back': 'old' };

/** Rolls out and harms. @returns how it ended, and what it said */
async function rollOut(world: World, strategy: StrategyPlan, harm: () => unknown): Promise<{ readonly kind: string; readonly told: string }> {
  await using shepherd = world.shepherd();
  const rollout = shepherd.deploy(world.request(releaseOf('good'), strategy));
  await world.sleep(4_000);
  await harm();
  const outcome = await world.within(20, rollout.outcome);
  const told = formatOutcome(outcome);
  expect(world.witness.breaches, told).toEqual([]);
  return { kind: outcome.kind, told };
}

/** Resolves when the app is whole; pods that flap are so only at times. */
async function whole(world: World, image: string, replicas: number): Promise<readonly string[]> {
  for (let looks = 1; ; looks += 1) {
    const untidy = await world.untidy(image, replicas);
    if (untidy.length === 0 || looks === 8) return untidy;
    await world.sleep(700);
  }
}

/** Of the load, in a millisecond. */
const rate = 20 / 1_000;

test.each(strategies)('$kind while a pod dies each second, eight times: it ends whole, and only what went to those pods is lost', async (strategy) => {
  await using world = await World.open({ replicas: 4, seed: 3 });
  const diedAtMs = new Map<string, number>();
  // So that what is stale shows the app.
  await world.sleep(30_000);
  const losses = new Losses(world, (pod) => world.sandbox.elapsedMs - (diedAtMs.get(pod) ?? Number.NEGATIVE_INFINITY) < lookMs);
  const { kind, told } = await rollOut(world, strategy, async () => {
    for (let second = 0; second < 8; second += 1) {
      const [pod = ''] = world.sandbox.kill({ app: 'shop/web' });
      diedAtMs.set(pod, world.sandbox.elapsedMs);
      await world.sleep(1_000);
    }
  });
  expect(Object.keys(images), told).toContain(kind);
  // CrashLoopBackOff holds pods back for a while.
  await world.sleep(120_000);
  expect(await whole(world, images[kind] ?? '', 4)).toEqual([]);
  await losses.stop();
  expect(losses.unexplained).toBe(0);
  expect(world.load.soFar().failed).toBeLessThanOrEqual(8 * Math.ceil(rate * obeyedMs));
});

test.each(strategies)('$kind onto pods that flap: it ends whole, and a request is lost only while no pod is ready', async (strategy) => {
  await using world = await World.open({ replicas: 3 });
  world.sandbox.image('registry/web:good', { flapping: { every: '12s', for: '5s' } });
  // So that what is stale shows the app.
  await world.sleep(30_000);
  const losses = new Losses(world, () => false);
  const { kind, told } = await rollOut(world, strategy, () => undefined);
  expect(Object.keys(images), told).toContain(kind);
  expect(await whole(world, images[kind] ?? '', 3)).toEqual([]);
  await losses.stop();
  expect(losses.unexplained).toBe(0);
});

test.each(strategies)('$kind while a node dies: it ends, is whole when the node was given up, and only what went to that node is lost', async (strategy) => {
  await using world = await World.open({ replicas: 4, nodes: 2 });
  let dead = '';
  // So that what is stale shows the app.
  await world.sleep(30_000);
  const losses = new Losses(world, (_, node) => node === dead);
  const { kind, told } = await rollOut(world, strategy, () => {
    dead = 'node-2';
    world.sandbox.node(dead).fail();
  });
  await world.sleep(400_000);
  expect(Object.keys(images), told).toContain(kind);
  expect(await whole(world, images[kind] ?? '', 4)).toEqual([]);
  await losses.stop();
  expect(losses.unexplained).toBe(0);
  // Heartbeats each 10 s, 50 s of grace, a look each 5 s.
  expect(losses.exposedMs).toBeLessThanOrEqual(55_000 + 3 * lookMs + obeyedMs);
  expect(world.load.soFar().failed).toBeLessThan(0.75 * rate * losses.exposedMs);
});
