import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type Outcome, Shepherd, type Step } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { kubernetes } from '@shepherd/kube';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyWeb, checks, image, installWeb, type Lab, openLab, underLoad } from '../../bench/src/lab/index.js';
import { expectClean } from './app-state.js';
import { expectNoLoss } from './expect-no-loss.js';
import { type ChildOrder, leaseMs, type WheelStrategy, wheelRequest } from './wheel-request.js';

const replicas = 3;
const versions = ['1.1.0', '1.2.0', '2.0.0', '3.0.0', '1.0.0'];

/** Starts a release in a process of its own and resolves with its id when that process is dead. */
async function releaseAndDie(order: ChildOrder): Promise<string> {
  const child = fork(new URL('./release-child.ts', import.meta.url), {
    execArgv: ['--conditions=@shepherd/source', '--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let id: string | undefined;
  let outcome: Outcome | undefined;
  child.on('message', (message: { readonly id?: string; readonly outcome?: Outcome }) => {
    id ??= message.id;
    outcome ??= message.outcome;
  });
  child.send(order);
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  // Otherwise the test would say something about a rollout that nobody killed.
  if (signal !== 'SIGKILL' || id === undefined) throw new Error(`the runner did not die at step ${order.dieAt}: ${JSON.stringify(outcome)}`);
  return id;
}

/**
 * For each step: the runner dies in it, a person applies a change of the app with kubectl, and then somebody releases again. Nobody loses a request, and
 * nothing is stuck.
 */
export function personAtTheWheel(
  strategy: WheelStrategy,
  steps: readonly Step['kind'][],
  midway: readonly { readonly step: number; readonly ms: number }[],
): void {
  let lab: Lab;
  let namespace: string;
  let url: string;
  let running = '1.0.0';
  let used = 0;
  const next = (): string => {
    do used += 1;
    while (versions[used % versions.length] === running);
    return versions[used % versions.length] ?? '1.0.0';
  };
  beforeAll(async () => {
    lab = await openLab();
    namespace = await lab.namespace(`wheel-${strategy}`);
    ({ url } = await installWeb(lab, namespace, { replicas }));
  });
  afterAll(async () => {
    await lab.drop(namespace);
    await lab[Symbol.asyncDispose]();
  });

  test('the plan has the steps that are tested below', async () => {
    await using shepherd = new Shepherd({ platform: kubernetes({ namespace }) });
    const plan = await shepherd.plan(wheelRequest(strategy, '2.0.0'));
    expect(plan.steps.map(({ step }) => step.kind)).toEqual(steps);
  });

  const each = [...steps.map((kind, step) => ({ kind, step, ms: 0 })), ...midway.map(({ step, ms }) => ({ kind: steps[step], step, ms }))];
  test.each(each)('the runner dies in step $step ($kind), $ms ms after its start', async ({ step, ms }) => {
    const [dying, after] = [next(), next()];
    const { result, traffic } = await underLoad(
      url,
      async () => {
        const id = await releaseAndDie({ namespace, strategy, version: dying, dieAt: step, dieAfterMs: ms });
        await applyWeb(namespace, { replicas, version: running, env: { CHANGE: id.slice(-8) } });
        await using shepherd = new Shepherd({ platform: kubernetes({ namespace, leaseMs }) });
        const { rollout: found } = await shepherd.status('web');
        const outcome = await shepherd.deploy({ app: 'web', release: { image: image(after) }, checks, drain: '1s' }, { ifRunning: 'wait' }).outcome;
        const left = await (await shepherd.get(id)).state();
        return { id, found, outcome, left };
      },
      { rate: 75, beforeMs: 500, afterMs: 1_000 },
    );
    const { id, found, outcome, left } = result;
    expectNoLoss(traffic);
    expect(found?.id).toBe(id);
    expect(found?.now.kind).not.toBe('ended');
    assertOutcome(outcome, 'succeeded');
    expect(left.now.kind).toBe('ended');
    await expectClean(lab, namespace, { image: image(after), replicas });
    running = after;
  });
}
