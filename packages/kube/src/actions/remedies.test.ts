import { formatOutcome, type Outcome, Shepherd, ShepherdError, type Transport } from '@shepherd/core';
import { http } from '@shepherd/core/checks';
import { planRemedy, type RemedyRequest, remedy } from '@shepherd/core/remedies';
import { createSandbox, type Sandbox, type SandboxLoad } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { at, type Person, person } from '../__fixtures__/person.js';
import { type KubeRelease, kubernetes } from '../index.js';

let sandbox: Sandbox;
let someone: Person;

beforeEach(async () => {
  sandbox = await createSandbox();
  sandbox.image('registry/web:1.0.0');
  sandbox.image('registry/web:1.1.0');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 4 });
  someone = person(sandbox);
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const shepherdOn = (transport: Transport = sandbox.connection.transport): Shepherd<KubeRelease> =>
  new Shepherd({ platform: kubernetes({ ...sandbox.connection, transport, namespace: 'shop' }) });

async function run(request: RemedyRequest): Promise<Outcome> {
  await using shepherd = shepherdOn();
  return await remedy(shepherd, request).outcome;
}

const pods = () => sandbox.objects.list('pods', 'shop');
const names = (): readonly string[] => pods().map(({ metadata }) => metadata.name);
const isReady = (pod: typeof pods extends () => readonly (infer P)[] ? P : never): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  pod.status?.conditions?.some((each: { type: string; status: string }) => each.type === 'Ready' && each.status === 'True');
const web = () => sandbox.objects.get('deployments.apps', 'shop', 'web');

/** Load from before to after, and the fewest pods that were ready at any moment. */
async function underLoad(
  work: () => Promise<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly failed: number; readonly requests: number; readonly fewest: number }> {
  const load: SandboxLoad = sandbox.load('shop/web', { rate: 100 });
  await sandbox.connection.clock.sleep(1_000);
  let fewest = pods().filter(isReady).length;
  const stop = sandbox.objects.watch('pods', () => (fewest = Math.min(fewest, pods().filter(isReady).length)));
  const outcome = await work();
  await sandbox.connection.clock.sleep(5_000);
  stop();
  return { outcome, ...(await load.stop()), fewest };
}

describe('restart', () => {
  test('all pods are new, of the same image, with never fewer than R − maxUnavailable ready and no request lost', async () => {
    const before = names();
    const { outcome, failed, requests, fewest } = await underLoad(() => run({ kind: 'restart', app: 'web', reason: 'stuck' }));
    expect(formatOutcome(outcome)).toMatch(/^succeeded: .*registry\/web:1\.0\.0/);
    expect({ failed, enough: requests > 100 }).toEqual({ failed: 0, enough: true });
    // maxUnavailable 25 % of 4.
    expect(fewest).toBeGreaterThanOrEqual(3);
    expect(names().filter((name) => before.includes(name))).toEqual([]);
    expect(pods().map(({ spec }) => spec.containers[0].image)).toEqual(Array(4).fill('registry/web:1.0.0'));
    expect(web()?.spec.template.metadata.annotations['kubectl.kubernetes.io/restartedAt']).toBeDefined();
  });

  test('a restart is no release: a rollback goes past it', async () => {
    await using shepherd = shepherdOn();
    expect((await shepherd.deploy({ app: 'web', release: { image: 'registry/web:1.1.0' } }).outcome).kind).toBe('succeeded');
    expect((await remedy(shepherd, { kind: 'restart', app: 'web' }).outcome).kind).toBe('succeeded');
    expect((await remedy(shepherd, { kind: 'restart', app: 'web' }).outcome).kind).toBe('succeeded');
    const back = await shepherd.rollback({ app: 'web' }).outcome;
    expect(back).toMatchObject({ kind: 'succeeded', to: { images: ['registry/web:1.0.0'] } });
  });

  test('pods that do not come up again: the old ones stay and serve', async () => {
    // Where it is allowed to take one away first, that one does not come back either.
    await someone.send('PATCH', at.deployment('web'), { spec: { strategy: { rollingUpdate: { maxUnavailable: 0 } } } });
    const before = names();
    sandbox.image('registry/web:1.0.0', { crash: { exitCode: 1, log: 'no config' } });
    const { outcome, failed, fewest } = await underLoad(() => run({ kind: 'restart', app: 'web' }));
    expect(outcome).toMatchObject({ kind: 'rolled-back', cause: { error: { code: 'ERR_POD_DOOMED' } } });
    expect(failed).toBe(0);
    expect(fewest).toBe(4);
    expect(names().toSorted()).toEqual(before.toSorted());
  });
});

describe('restart of one pod', () => {
  const [budgets, minAvailable] = ['/apis/policy/v1/namespaces/shop/poddisruptionbudgets', 4];
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'all' },
    spec: { minAvailable, selector: { matchLabels: { app: 'web' } } },
  };

  test('it is evicted, another comes in its place, the others stay', async () => {
    const before = names();
    const [pod = ''] = before;
    const { outcome, failed } = await underLoad(() => run({ kind: 'restart', app: 'web', pod }));
    expect(formatOutcome(outcome)).toMatch(/^succeeded/);
    expect(failed).toBe(0);
    expect(names()).toHaveLength(4);
    expect(
      names()
        .filter((name) => before.includes(name))
        .toSorted(),
    ).toEqual(before.slice(1).toSorted());
  });

  test('a budget that does not allow it: said which, and nothing is written', async () => {
    await someone.send('POST', budgets, budget);
    await sandbox.connection.clock.sleep(1_000);
    const [writes, before] = [sandbox.writes, names()];
    const outcome = await run({ kind: 'restart', app: 'web', pod: before[0] ?? '' });
    expect(outcome).toMatchObject({
      kind: 'failed-untouched',
      error: { code: 'ERR_EVICTION_REFUSED', facts: { budget: 'all', reason: expect.stringContaining('needs 4 healthy pods and has 4') } },
    });
    expect(sandbox.writes).toBe(writes);
    expect(names()).toEqual(before);
  });

  test('a pod of somebody else is refused with those that there are', async () => {
    await sandbox.install({ name: 'api', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 1 });
    const foreign = names().find((name) => name.startsWith('api-')) ?? '';
    expect(await run({ kind: 'restart', app: 'web', pod: foreign })).toMatchObject({
      kind: 'failed-untouched',
      error: { code: 'ERR_INVALID_OPTIONS', message: expect.stringContaining('web-') },
    });
    expect(names()).toContain(foreign);
  });
});

describe('scale', () => {
  test.each([
    ['up', 7],
    ['down', 2],
  ])('%s, with no request lost, and it stays so', async (_, replicas) => {
    const { outcome, failed, fewest } = await underLoad(() => run({ kind: 'scale', app: 'web', replicas }));
    expect(formatOutcome(outcome)).toMatch(/^succeeded/);
    expect({ failed, pods: pods().filter(isReady).length, wanted: web()?.spec.replicas }).toEqual({ failed: 0, pods: replicas, wanted: replicas });
    expect(fewest).toBeGreaterThanOrEqual(Math.min(4, replicas));
    // The next release has as many.
    await using shepherd = shepherdOn();
    expect((await shepherd.deploy({ app: 'web', release: { image: 'registry/web:1.1.0' } }).outcome).kind).toBe('succeeded');
    expect(web()?.spec.replicas).toBe(replicas);
  });

  test('as many as there are: nothing to do', async () => {
    const writes = sandbox.writes;
    expect(await run({ kind: 'scale', app: 'web', replicas: 4 })).toMatchObject({ kind: 'succeeded', changed: false });
    expect(sandbox.writes).toBe(writes);
  });

  test('more than there is room for: taken back, and what came up stays', async () => {
    await someone.send('POST', '/api/v1/namespaces/shop/resourcequotas', {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'six' },
      spec: { hard: { pods: '6' } },
    });
    await sandbox.connection.clock.sleep(1_000);
    const { outcome, failed } = await underLoad(() => run({ kind: 'scale', app: 'web', replicas: 9 }));
    expect(outcome).toMatchObject({ kind: 'rolled-back', cause: { error: { message: expect.stringContaining('exceeded quota: six') } } });
    expect({ failed, wanted: web()?.spec.replicas }).toEqual({ failed: 0, wanted: 6 });
  });

  test('an autoscaler decides: refused, with what to do', async () => {
    await someone.autoscale({ min: 2, max: 5 });
    const outcome = await run({ kind: 'scale', app: 'web', replicas: 5 });
    expect(outcome).toMatchObject({
      kind: 'failed-untouched',
      error: { code: 'ERR_PREFLIGHT', message: expect.stringContaining('between 2 and 5'), remedy: expect.stringContaining('bounds') },
    });
  });
});

test.each<[string, object, string]>([
  ['no pods', { kind: 'scale', replicas: 0 }, 'replicas'],
  ['half a pod', { kind: 'scale', replicas: 1.5 }, 'replicas'],
  ['another remedy', { kind: 'reboot' }, 'kind'],
  ['a field that is none', { kind: 'restart', image: 'x' }, 'image'],
  ['a time that is none', { kind: 'restart', at: 'soon' }, 'at'],
])('bad input: %s', async (_, request, path) => {
  const writes = sandbox.writes;
  const outcome = await run({ app: 'web', ...request } as RemedyRequest);
  expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_INVALID_OPTIONS', message: expect.stringContaining(path) } });
  expect(sandbox.writes).toBe(writes);
});

const all: readonly RemedyRequest[] = [
  { kind: 'restart', app: 'web', at: '2026-02-01T00:00:00Z' },
  { kind: 'scale', app: 'web', replicas: 6 },
];

test.each(all)('$kind is refused while a rollout runs, and its plan writes nothing', async (request) => {
  await using shepherd = shepherdOn();
  const deploy = shepherd.deploy({ app: 'web', release: { image: 'registry/web:1.1.0' } });
  await deploy.started;
  expect(await run(request)).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_LOCK_HELD' } });
  expect((await deploy.outcome).kind).toBe('succeeded');
  const writes = sandbox.writes;
  const plan = await planRemedy(shepherd, request);
  expect(plan.steps.map(({ step }) => step.kind)).toEqual(request.kind === 'scale' ? ['resize', 'ready', 'verify'] : ['roll', 'verify']);
  expect(sandbox.writes).toBe(writes);
  // The plan that was seen is the one that runs.
  expect((await remedy(shepherd, request, { expect: plan.hash }).outcome).kind).toBe('succeeded');
});

/** A process whose connection ends for good at its nth write, before it is sent or before it is answered. */
function dying(nth: number, when: 'before' | 'after'): { readonly transport: Transport; readonly died: () => boolean } {
  let [writes, dead] = [0, false];
  const silence = new Promise<Response>(() => undefined);
  const transport: Transport = async (request) => {
    if (dead) return silence;
    const counts = request.method !== 'GET' && !request.url.includes('dryRun') && !request.url.includes('reviews');
    if (counts) writes += 1;
    if (!counts || writes !== nth) return sandbox.connection.transport(request);
    dead = true;
    if (when === 'after') await sandbox.connection.transport(request);
    return silence;
  };
  return { transport, died: () => dead };
}

describe('a process that dies', () => {
  // Without the quiet minute.
  const checks = [http({ path: '/api/health' })];
  const scenes = all.flatMap((request) => (['before', 'after'] as const).map((when) => ({ kind: request.kind, request: { ...request, checks }, when })));

  test.each(scenes)('$kind, $when each of its writes: another goes on to the same end', async ({ request, when }) => {
    for (let nth = 1; ; nth += 1) {
      await using fresh = await createSandbox();
      sandbox = fresh;
      fresh.image('registry/web:1.0.0');
      await fresh.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 4 });
      const before = names();
      const { transport, died } = dying(nth, when);
      const first = shepherdOn(transport);
      const rollout = remedy(first, request);
      let ended: Outcome | undefined;
      void rollout.outcome.then((outcome) => (ended = outcome));
      while (ended === undefined && !died()) await fresh.connection.clock.sleep(1_000);
      if (!died()) {
        expect(ended?.kind).toBe('succeeded');
        expect(nth).toBeGreaterThan(5);
        return;
      }
      // Its lease runs out.
      await fresh.connection.clock.sleep(30_000);
      await using second = shepherdOn();
      const outcomes: string[] = [];
      for await (const taken of second.recover({ namespaces: ['shop'] })) outcomes.push((await taken.outcome).kind);
      const isDone = outcomes[0] === 'succeeded' || ended?.kind === 'succeeded' || (await second.status('shop/web')).rollout?.now.kind === 'ended';
      const [wanted, stamp] = [web()?.spec.replicas, web()?.spec.template.metadata.annotations?.['kubectl.kubernetes.io/restartedAt']];
      const changed = request.kind === 'scale' ? wanted === 6 : stamp === '2026-02-01T00:00:00Z';
      // Dead before its record was stored, nothing had begun; after that it is done, once.
      expect({ nth, changed, outcomes }).toEqual({ nth, changed: isDone, outcomes: isDone && outcomes.length > 0 ? ['succeeded'] : [] });
      if (request.kind === 'scale') expect(names().filter((name) => before.includes(name))).toHaveLength(4);
      expect(pods().filter(isReady)).toHaveLength(wanted ?? 0);
    }
  });
});

test('a platform without means is refused', async () => {
  const { actions: _, ...platform } = kubernetes({ ...sandbox.connection, namespace: 'shop' });
  await using shepherd = new Shepherd({ platform });
  await expect(planRemedy(shepherd, { kind: 'restart', app: 'web' })).rejects.toSatisfy((error) => ShepherdError.is(error, 'ERR_INVALID_OPTIONS'));
});
