import { assertOutcome } from '@shepherd/core/testing';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { release } from './release.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox(); // virtual time: fifteen minutes take seconds
  sandbox.image('registry/web:1.0.0');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 4 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

test('a good release reaches everybody, and no request is lost', async () => {
  sandbox.image('registry/web:1.1.0');
  const load = sandbox.load('shop/web', { rate: 50 });
  assertOutcome(await release('registry/web:1.1.0', sandbox.connection), 'succeeded');
  const { requests, failed } = await load.stop();
  expect(requests).toBeGreaterThan(1_000);
  expect(failed).toBe(0);
});

test.each([
  ['crashes', { crash: { exitCode: 1, log: 'no DATABASE_URL' } }],
  ['is ill', { health: 500 }],
  ['cannot be pulled', { pull: 'not-found' }],
] as const)('a release that %s is taken back, and no request is lost', async (_, behaviour) => {
  sandbox.image('registry/web:1.1.0', behaviour);
  const load = sandbox.load('shop/web', { rate: 50 });
  assertOutcome(await release('registry/web:1.1.0', sandbox.connection), 'rolled-back');
  expect((await load.stop()).failed).toBe(0);
});

test('an API server that stumbles does not matter', async () => {
  sandbox.image('registry/web:1.1.0');
  sandbox.fault({ verb: 'patch', times: 3 }, { status: 500 });
  assertOutcome(await release('registry/web:1.1.0', sandbox.connection), 'succeeded');
});
