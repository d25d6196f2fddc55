import { expect, test } from 'vitest';
import { releaseOf } from './lab/releases.js';
import { World } from './lab/world.js';

const shape = { replicas: 3, maxSurge: 0, maxUnavailable: 1 };

test('the witness sees a pod that somebody takes below R - maxUnavailable, and not one that a person took or that fell by itself', async () => {
  await using world = await World.open(shape);
  const [first = '', second = '', third = ''] = world.pods().map(({ metadata }) => metadata.name);
  for (const name of [first, second, third]) world.witness.excuse(name);
  await Promise.all([first, second, third].map((name) => world.person.deletePod(name)));
  expect(world.witness).toMatchObject({ breaches: [], least: 0 });
  await world.sleep(5_000);
  const [fourth = '', fifth = ''] = world.pods().map(({ metadata }) => metadata.name);
  await world.person.deletePod(fourth);
  expect(world.witness.breaches).toEqual([]);
  await world.person.deletePod(fifth);
  expect(world.witness.breaches).toEqual([expect.stringContaining(`${fifth} taken out of service, 1 ready pods left, 2 needed`)]);
});

test('the witness sees capacity that is scaled away, and traffic that is moved to nobody', async () => {
  await using world = await World.open({ replicas: 3 });
  await world.person.scale(1);
  await world.sleep(10_000);
  expect(world.witness.breaches.join('\n')).toMatch(/which alone serves, was scaled from 3 to 1[^]*2 ready pods left, 3 needed[^]*1 ready pods left, 3 needed/);
  expect(world.witness.least).toBe(1);
  await world.person.patchService({ spec: { selector: { app: 'nobody' } } });
  expect(world.witness.breaches.at(-1)).toContain('0 ready pods left, 3 needed');
});

test('the witness sees that what serves is deleted, and that the way back is', async () => {
  await using world = await World.open({ replicas: 2 });
  await world.person.deleteDeployment('web');
  await world.sleep(10_000);
  expect(world.witness.breaches.join('\n')).toMatch(/Deployment web was deleted while 2 of its pods serve[^]*the way back, was deleted/);
});

test('what shrinks in the moment in which a person takes the other Deployment away may be made good, and must be', async () => {
  for (const makesGood of [true, false]) {
    await using world = await World.open({ replicas: 4 });
    const shepherd = world.shepherd();
    const rollout = shepherd.deploy(world.request(releaseOf('good'), { kind: 'canary', stages: [50, 100] }));
    for await (const event of rollout) if (event.type === 'weight-change') break;
    await shepherd.close();
    world.witness.excuse('web-candidate');
    await world.person.deleteDeployment('web-candidate');
    await world.person.scale(1);
    expect(world.witness.breaches).toEqual([]);
    if (makesGood) await world.person.scale(4);
    await world.sleep(10_000);
    expect(world.witness.breaches.some((breach) => breach.endsWith('to 1, and stayed so'))).toBe(!makesGood);
  }
});
