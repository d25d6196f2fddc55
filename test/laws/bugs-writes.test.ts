import { BlueGreen, Canary, formatOutcome, RollingUpdate, Shepherd } from '@shepherd/core';
import { createMemoryPlatform } from '@shepherd/core/testing';
import { describe, expect, test } from 'vitest';
import { Person } from './lab/person.js';
import { releaseOf } from './lab/releases.js';
import { type StrategyPlan, World } from './lab/world.js';

// RR 13: bugs of other tools. Each test shows that the bad effect does not occur here.

const strategies: readonly StrategyPlan[] = [{ kind: 'rolling' }, { kind: 'blue-green' }, { kind: 'canary', stages: [50, 100] }];
const copies = strategies.slice(1);

describe.each(copies)('$kind', (strategy) => {
  test('BUG-17: the candidate stays until what was promoted is seen to serve; where that does not come up, it goes back', async () => {
    await using world = await World.open({ replicas: 3 });
    await using shepherd = world.shepherd();
    const rollout = shepherd.deploy(world.request(releaseOf('good'), strategy));
    rollout.on('step-start', ({ step }) => {
      if (step.kind === 'promote') world.sandbox.image('registry/web:good', { startup: '10h' });
    });
    const outcome = await world.within(60, rollout.outcome);
    expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
    expect(world.witness).toMatchObject({ breaches: [], least: 3 });
    expect(world.load.soFar().failed).toBe(0);
    expect(await world.untidy('old', 3)).toEqual([]);
  });

  test('BUG-19: a candidate that cannot be deleted is no quiet success', async () => {
    await using world = await World.open({ replicas: 2 });
    world.sandbox.fault({ verb: 'delete', path: /deployments\/web-candidate/ }, { status: 403 });
    await using shepherd = world.shepherd();
    const outcome = await world.within(60, shepherd.deploy(world.request(releaseOf('good'), strategy)).outcome);
    expect(outcome.kind, formatOutcome(outcome)).toBe('rollback-failed');
    expect(formatOutcome(outcome)).toMatch(/web-candidate|403|forbidden|delete/i);
    expect(world.witness).toMatchObject({ breaches: [], least: 2 });
    expect(world.load.soFar().failed).toBe(0);
  });
});

describe.each(copies)('$kind', (strategy) => {
  test('BUG-19: a candidate whose deletion somebody holds up is said to be there, and stable serves', async () => {
    await using world = await World.open({ replicas: 2 });
    await using shepherd = world.shepherd();
    const person = new Person(world.sandbox, { namespace: 'shop', name: 'web' });
    const rollout = shepherd.deploy(world.request(releaseOf('sick'), strategy));
    rollout.on('step-end', ({ index }) => {
      if (index === 0) void person.patchDeployment({ metadata: { finalizers: ['example.com/hold'] } }, 'web-candidate');
    });
    const ends: string[] = [];
    rollout.on('step-end', ({ verdict }) => void ends.push(verdict.kind === 'pass' ? (verdict.evidence?.summary ?? '') : verdict.reason));
    const outcome = await world.within(60, rollout.outcome);
    expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
    expect(ends.at(-1)).toMatch(/somebody holds up its deletion/);
    expect(world.sandbox.objects.get('deployments.apps', 'shop', 'web-candidate')?.spec.replicas).toBe(0);
    expect(world.witness).toMatchObject({ breaches: [], least: 2 });
    expect(world.load.soFar().failed).toBe(0);
  });
});

describe.each(copies)('$kind', (strategy) => {
  test('a candidate of before whose deletion somebody holds up: the next release says so within a minute, and who', async () => {
    await using world = await World.open({ replicas: 2 });
    await using shepherd = world.shepherd();
    const person = new Person(world.sandbox, { namespace: 'shop', name: 'web' });
    const first = shepherd.deploy(world.request(releaseOf('sick'), strategy));
    first.on('step-end', ({ index }) => {
      if (index === 0) void person.patchDeployment({ metadata: { finalizers: ['example.com/hold'] } }, 'web-candidate');
    });
    await world.within(60, first.outcome);
    const startedMs = world.sandbox.elapsedMs;
    const outcome = await world.within(60, shepherd.deploy(world.request(releaseOf('good'), strategy)).outcome);
    expect(outcome.kind, formatOutcome(outcome)).toBe('rolled-back');
    expect(formatOutcome(outcome)).toMatch(/web-candidate.*held up by example\.com\/hold/);
    expect(outcome.kind === 'rolled-back' && outcome.cause.kind === 'step' ? outcome.cause.error.code : undefined).toBe('ERR_CONFLICT');
    expect(world.sandbox.elapsedMs - startedMs).toBeLessThan(60_000);
    expect(world.witness).toMatchObject({ breaches: [], least: 2 });
    expect(world.load.soFar().failed).toBe(0);
    // Who let it go again finds the app as it was before.
    await person.patchDeployment({ metadata: { finalizers: null } }, 'web-candidate');
    const again = await world.within(60, shepherd.deploy(world.request(releaseOf('good'), strategy)).outcome);
    expect(again.kind, formatOutcome(again)).toBe('succeeded');
  });
});

describe.each(strategies)('$kind', (strategy) => {
  test.each([422, 403, 500])('BUG-18: a write that is refused with %i is no success, and the old version serves', async (status) => {
    await using world = await World.open({ replicas: 2 });
    const path = /\/apis\/apps\/v1\/namespaces\/shop\/deployments(?!.*dryRun)/;
    world.sandbox.fault({ verb: 'patch', path }, { status });
    world.sandbox.fault({ verb: 'create', path }, { status });
    await using shepherd = world.shepherd();
    const outcome = await world.within(120, shepherd.deploy(world.request(releaseOf('good'), strategy)).outcome);
    expect(outcome.kind, formatOutcome(outcome)).not.toBe('succeeded');
    expect(world.witness).toMatchObject({ breaches: [], least: 2 });
    expect(world.witness.serving).toEqual(new Map([['registry/web:old', 2]]));
  });

  test('BUG-20: what runs already is not released again, however its share is written', async () => {
    await using world = await World.open({ replicas: 2 });
    await using shepherd = world.shepherd();
    expect((await world.within(10, shepherd.deploy(world.request(releaseOf('good'), strategy)).outcome)).kind).toBe('succeeded');
    const { writes } = world.sandbox;
    const again = await world.within(10, shepherd.deploy(world.request(releaseOf('good'), strategy)).outcome);
    expect(again).toMatchObject({ kind: 'succeeded', changed: false });
    // Taking the lock and giving it back.
    expect(world.sandbox.writes - writes).toBeLessThanOrEqual(3);
    expect(world.witness.breaches).toEqual([]);
  });
});

const stages: readonly unknown[] = [
  [0, 100],
  [-1, 100],
  [101],
  [50.5, 100],
  [Number.NaN, 100],
  ['50', 100],
  ['100'],
  [50],
  [100, 50],
  [50, 50, 100],
  [],
  '100',
  null,
];

test.each(stages.map((each) => [each]))('BUG-20: stages %j are refused by name before anything is touched', async (asked) => {
  expect(() => new Canary({ stages: asked as number[], analysis: false })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' }));
  const platform = createMemoryPlatform();
  const shepherd = new Shepherd({ platform });
  const request = { app: 'web', release: { version: '1.1.0' }, strategy: { kind: 'canary', options: { stages: asked, analysis: false } } };
  await expect(shepherd.parseRequest(request)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTIONS' });
  expect(platform.calls.filter(({ writes }) => writes)).toEqual([]);
});

test('BUG-20: the same on any platform: the version that runs is no change for any strategy', async () => {
  for (const strategy of [new RollingUpdate(), new BlueGreen(), new Canary({ stages: [100], analysis: false })]) {
    const outcome = await new Shepherd({ platform: createMemoryPlatform() }).deploy({ app: 'web', release: { version: '1.0.0' }, strategy }).outcome;
    expect(outcome).toMatchObject({ kind: 'succeeded', changed: false });
  }
});
