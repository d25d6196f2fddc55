import type { Rollout, RolloutEvent } from '@shepherd/core';
import { preciseNow } from '@shepherd/sandbox/load';
import { installWeb, type Lab, newVersion, releaseOf, rollOut, type StrategyName, strategyOf, untilNoneTerminates } from '../lab/index.js';
import { type Back, backOf, type RollbackRow, rowOf } from './row.js';

const count = 5;
const times = { beforeMs: 1_000, afterMs: 1_500 };

const moments: Readonly<Record<StrategyName, { readonly name: string; readonly is: (event: RolloutEvent) => boolean }>> = {
  rolling: {
    name: 'rolling, while pods are replaced',
    // A third pod is made once one of the first two serves.
    is: (event) => event.type === 'step-progress' && /^(?:[3-9]|\d\d+) of \d+ pods made/.test(event.message),
  },
  'blue-green': { name: 'blue-green, in the grace after the switch', is: (event) => event.type === 'step-start' && event.step.kind === 'analyse' },
  canary: { name: 'canary, in the first stage', is: (event) => event.type === 'step-start' && event.step.kind === 'analyse' },
};

/** A person takes a release back while the old pods stand, or most of them; resolves with the time of the call. */
async function takeBack(rollout: Rollout, strategy: StrategyName): Promise<number> {
  for await (const event of rollout) if (moments[strategy].is(event)) break;
  if (strategy !== 'rolling') await new Promise((resolve) => setTimeout(resolve, 2_000));
  const decided = preciseNow();
  await rollout.abort({ reason: 'taken back by a person' });
  return decided;
}

/** Five times in one namespace: the release that was taken back is released again. */
export async function measureUp(lab: Lab, strategy: StrategyName, log: (line: string) => void): Promise<RollbackRow> {
  const namespace = await lab.namespace('bench-back-up');
  const { url } = await installWeb(lab, namespace);
  const backs: Back[] = [];
  for (let round = 1; round <= count; round += 1) {
    const request = { strategy: strategyOf(strategy, '60s'), release: releaseOf('good') };
    const run = await rollOut({ lab, namespace, url, request, times, meanwhile: (rollout) => takeBack(rollout, strategy) });
    const end = run.events.find((event) => event.type === 'rollout-end');
    if (run.outcome.kind !== 'rolled-back' || run.decidedAt === undefined || end === undefined) throw new Error(`it ended as ${run.outcome.kind}`);
    backs.push(backOf(run.traffic, newVersion, run.decidedAt, Date.parse(end.at)));
    log(
      `${strategy} ${round} of ${count}: traffic back after ${backs.at(-1)?.backSeconds?.toFixed(2) ?? '?'} s, verified after ${backs.at(-1)?.verifiedSeconds.toFixed(2)} s`,
    );
    await untilNoneTerminates(lab, namespace);
  }
  await lab.drop(namespace);
  return rowOf(moments[strategy].name, 'up', backs);
}
