import { Shepherd } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { kubernetes } from '@shepherd/kube';
import { applyWeb, checks, image, installWeb, kubectl, type Lab, type StrategyName, strategyOf, untilNoneTerminates } from '../lab/index.js';
import { measured } from './measured.js';
import { type Back, type RollbackRow, rowOf } from './row.js';

const count = 5;
const options = { minReadySeconds: 3 };

/**
 * A release that was promoted and whose old pods are gone is taken back: five times by `kubectl rollout undo` and five times by Shepherd, in turn, on one app. Each has
 * the version from before as the next one to go back to, since what was left once is bad to Shepherd.
 */
export async function measureGone(lab: Lab, strategy: StrategyName, log: (line: string) => void): Promise<RollbackRow> {
  const namespace = await lab.namespace('bench-back-gone');
  const { url } = await installWeb(lab, namespace, options);
  await using shepherd = new Shepherd({ platform: kubernetes({ namespace }) });
  const [theirs, ours]: [Back[], Back[]] = [[], []];
  for (let pair = 1; pair <= count; pair += 1) {
    await applyWeb(namespace, { ...options, version: '1.1.0' });
    await untilNoneTerminates(lab, namespace);
    theirs.push(
      await measured(url, '1.1.0', async () => {
        await kubectl(['-n', namespace, 'rollout', 'undo', 'deployment/web']);
        await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=120s']);
      }),
    );
    await untilNoneTerminates(lab, namespace);
    const request = { app: 'web', release: { image: image('2.0.0') }, strategy: strategyOf(strategy), checks, drain: '3s' } as const;
    assertOutcome(await shepherd.deploy(request).outcome, 'succeeded');
    await untilNoneTerminates(lab, namespace);
    ours.push(await measured(url, '2.0.0', async () => assertOutcome(await shepherd.rollback({ app: 'web', checks }).outcome, 'succeeded')));
    await untilNoneTerminates(lab, namespace);
    log(`${strategy}, pair ${pair} of ${count}: kubectl ${theirs.at(-1)?.verifiedSeconds.toFixed(2)} s, shepherd ${ours.at(-1)?.verifiedSeconds.toFixed(2)} s`);
  }
  await lab.drop(namespace);
  return rowOf(`${strategy}, promoted`, 'gone', ours, { name: 'kubectl rollout undo', backs: theirs });
}
