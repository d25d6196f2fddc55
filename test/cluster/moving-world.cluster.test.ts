import { fork } from 'node:child_process';
import { once } from 'node:events';
import { BlueGreen, type Rollout, Shepherd } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { kubernetes } from '@shepherd/kube';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  image,
  installWeb,
  kubectl,
  type Lab,
  newVersion,
  openLab,
  type ReleaseName,
  releaseOf,
  rollOut,
  strategyOf,
  underLoad,
} from '../../bench/src/lab/index.js';
import { expectClean } from './app-state.js';
import { expectNoLoss } from './expect-no-loss.js';
import { type ChildOrder, leaseMs } from './wheel-request.js';

const replicas = 4;
let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab[Symbol.asyncDispose]());

async function install(prefix: string): Promise<{ readonly namespace: string; readonly url: string }> {
  const namespace = await lab.namespace(prefix);
  return { namespace, ...(await installWeb(lab, namespace, { replicas })) };
}

const hpa = (namespace: string) => lab.read(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/web`);

/** Between 2 and 8; without metrics in the cluster it keeps its bounds and no more. */
const autoscale = (namespace: string): Promise<string> => kubectl(['-n', namespace, 'autoscale', 'deployment/web', '--min=2', '--max=8']);

async function expectReleased(namespace: string): Promise<void> {
  const { spec, metadata } = await hpa(namespace);
  expect({ min: spec.minReplicas, max: spec.maxReplicas }).toEqual({ min: 2, max: 8 });
  expect(metadata.annotations ?? {}).not.toHaveProperty('shepherd.dev/original');
}

describe.each(['blue-green', 'canary'] as const)('%s of an autoscaled app', (name) => {
  test.each([
    ['good', 'succeeded', newVersion],
    ['crash', 'rolled-back', '1.0.0'],
  ] as const)(
    'a release that is %s: the HPA is held, and has its floor back',
    async (release: ReleaseName, kind, after) => {
      const { namespace, url } = await install(`hpa-${name}`);
      await autoscale(namespace);
      const floors = new Set<number>();
      const { outcome, traffic } = await rollOut({
        lab,
        namespace,
        url,
        to: newVersion,
        request: { strategy: strategyOf(name), release: releaseOf(release) },
        meanwhile: async (rollout: Rollout) => {
          rollout.on('step-end', async () => {
            floors.add((await hpa(namespace))['spec'].minReplicas);
          });
          return undefined;
        },
      });
      assertOutcome(outcome, kind);
      expectNoLoss(traffic);
      expect(floors).toContain(replicas);
      await expectReleased(namespace);
      await expectClean(lab, namespace, { image: image(after), replicas });
      await lab.drop(namespace);
    },
    240_000,
  );
});

test('the runner of an autoscaled app is killed while it holds the HPA; another goes on and gives the floor back', async () => {
  const { namespace, url } = await install('hpa-kill');
  await autoscale(namespace);
  const { result, traffic } = await underLoad(url, async () => {
    const child = fork(new URL('./release-child.ts', import.meta.url), {
      execArgv: ['--conditions=@shepherd/source', '--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.send({ namespace, strategy: 'blue-green', version: newVersion, dieAt: 4, dieAfterMs: 0 } satisfies ChildOrder);
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    const held = (await hpa(namespace))['spec'].minReplicas as number;
    await using shepherd = new Shepherd({ platform: kubernetes({ namespace, leaseMs }) });
    await new Promise((resolve) => setTimeout(resolve, leaseMs + 500));
    const rollout = await shepherd.get('web');
    await rollout.resume();
    return { signal, held, outcome: await rollout.outcome };
  });
  expect(result).toMatchObject({ signal: 'SIGKILL', held: replicas });
  assertOutcome(result.outcome, 'succeeded');
  expectNoLoss(traffic);
  await expectReleased(namespace);
  await expectClean(lab, namespace, { image: image(newVersion), replicas });
  await lab.drop(namespace);
}, 240_000);

test('kubectl set image in the middle: named and held; taken back, theirs stays', async () => {
  const { namespace, url } = await install('drift');
  const reasons: string[] = [];
  const { outcome, traffic } = await rollOut({
    lab,
    namespace,
    url,
    request: { strategy: strategyOf('canary', '10s'), release: releaseOf('good') },
    meanwhile: async (rollout) => {
      let done = false;
      rollout.on('step-start', async ({ step }) => {
        if (step.kind !== 'analyse' || done) return;
        done = true;
        await kubectl(['-n', namespace, 'set', 'image', 'deployment/web', `web=${image('1.1.0')}`]);
      });
      rollout.on('pause-start', async ({ reason }) => {
        reasons.push(reason);
        await rollout.abort({ reason: 'theirs stays' });
      });
      return undefined;
    },
  });
  assertOutcome(outcome, 'rolled-back');
  expect(reasons[0]).toMatch(/Deployment web: its pod template was changed \(spec\.template\.spec\.containers\[web\]\.image\) by kubectl-set at /);
  expectNoLoss(traffic);
  await expectClean(lab, namespace, { image: image('1.1.0'), replicas });
  await lab.drop(namespace);
}, 240_000);

test('a drain at every step of a blue/green release: waited for, no request is lost', async () => {
  const { namespace, url } = await install('drain');
  await kubectl(['-n', namespace, 'create', 'poddisruptionbudget', 'web', '--selector=app=web', '--min-available=3']);
  let evicted = 0;
  const evict = async (): Promise<void> => {
    const [name] = (await kubectl(['-n', namespace, 'get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ');
    const body = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } });
    // What the budget forbids now is left for the next step, as kubectl drain does.
    await kubectl(['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, '-f', '-'], { input: body }).then(
      () => (evicted += 1),
      () => undefined,
    );
  };
  const { outcome, traffic } = await rollOut({
    lab,
    namespace,
    url,
    request: { strategy: new BlueGreen({ soak: '5s', analysis: false }), release: releaseOf('good') },
    meanwhile: async (rollout) => {
      rollout.on('step-start', evict);
      return undefined;
    },
  });
  assertOutcome(outcome, 'succeeded');
  expect(evicted).toBeGreaterThan(2);
  expectNoLoss(traffic);
  await expectClean(lab, namespace, { image: image(newVersion), replicas });
  await lab.drop(namespace);
}, 240_000);
