// A rollback that goes further back until a revision verifies, on Deployments: by hash, under load, over a takeover.
import { formatOutcome, type Outcome, Shepherd } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { at, type Person, person } from '../__fixtures__/person.js';
import { kubernetes } from '../index.js';
import type { Deployment } from '../objects.js';

let sandbox: Sandbox;
let somebody: Person;
const defaults = { checks: standard({ quiet: '10s' }) };
const versions = ['1.0.0', '1.1.0', '1.2.0', '2.0.0'] as const;

beforeEach(async () => {
  sandbox = await createSandbox();
  for (const version of versions) sandbox.image(`registry/web:${version}`);
  somebody = person(sandbox);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 3 });
  await using shepherd = open();
  for (const version of versions.slice(1)) {
    const outcome = await shepherd.deploy({ app: 'shop/web', release: { image: `registry/web:${version}`, preStopSleep: '5s' } }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  }
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const open = (options: Parameters<typeof kubernetes>[0] = {}) => new Shepherd({ platform: kubernetes({ ...sandbox.connection, ...options }), defaults });
const serving = async (): Promise<string | undefined> => (await somebody.send<Deployment>('GET', at.deployment('web'))).spec.template.spec.containers[0]?.image;
const tried = ({ attempts = [] }: Outcome): readonly string[] => attempts.map(({ revision }) => revision.images.join());

test('over a version that does not start and one that is not well, without a lost request', async () => {
  sandbox.image('registry/web:1.2.0', { crash: { exitCode: 1, log: 'no such table' } });
  sandbox.image('registry/web:1.1.0', { errorRate: 0, health: 503 });
  await using shepherd = open();
  const load = sandbox.load('shop/web', { rate: 5 });
  const outcome = await shepherd.rollback({ app: 'shop/web', reason: 'error spike' }).outcome;
  const { failed } = await load.stop();
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  expect([tried(outcome), await serving(), failed]).toEqual([['registry/web:1.2.0', 'registry/web:1.1.0'], 'registry/web:1.0.0', 0]);
  const history = await shepherd.history('shop/web');
  expect(history.map(({ images, verified, bad }) => [images.join().split(':')[1], verified, bad?.replace(/ by .*:/, ' by …:').slice(0, 30)])).toEqual([
    ['1.0.0', true, undefined],
    ['1.1.0', false, expect.any(String)],
    ['1.2.0', false, expect.any(String)],
    ['2.0.0', false, 'rolled back from by …: error s'],
  ]);
});

test('twice in a row goes further back, not to and fro, although the cluster numbers what came back as the newest', async () => {
  await using shepherd = open();
  await shepherd.rollback({ app: 'shop/web' }).outcome;
  expect(await serving()).toBe('registry/web:1.2.0');
  await shepherd.rollback({ app: 'shop/web' }).outcome;
  expect(await serving()).toBe('registry/web:1.1.0');
});

test('a registry that hands nothing out ends it: an older version would not help, and none is called bad', async () => {
  await using shepherd = open();
  // As where the pull secret is gone.
  sandbox.image('registry/web:1.2.0', { pull: 'denied' });
  const outcome = await shepherd.rollback({ app: 'shop/web', timeout: '20m' }).outcome;
  expect(outcome, formatOutcome(outcome)).toMatchObject({
    kind: 'rollback-failed',
    attempts: [{ environment: 'registry' }],
    error: { code: 'ERR_ROLLBACK_FAILED', facts: { why: 'environment', environment: 'registry' } },
  });
  expect((await shepherd.history('shop/web')).find(({ images }) => images[0]?.endsWith(':1.2.0'))?.bad).toBeUndefined();
});

test('a process that dies in the second attempt is replaced, with the same list', async () => {
  sandbox.image('registry/web:1.2.0', { health: 503 });
  let dead = false;
  const first = open({
    transport: async (request: Request) => (dead ? new Promise<Response>(() => undefined) : sandbox.connection.transport(request)),
  });
  const rollout = first.rollback({ app: 'shop/web' });
  rollout.on('attempt-start', ({ number }) => void (dead ||= number === 2));
  while (!dead) await sandbox.connection.clock.sleep(500);
  await sandbox.connection.clock.sleep(30_000);
  await using second = open();
  const outcomes: Outcome[] = [];
  for await (const taken of second.recover()) outcomes.push(await taken.outcome);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['succeeded']);
  expect([tried(outcomes[0] as Outcome), await serving()]).toEqual([['registry/web:1.2.0'], 'registry/web:1.1.0']);
});
